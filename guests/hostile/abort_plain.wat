;; expect: panic contains "index out of range"

;; A panic as AssemblyScript tells it: UTF-16, its length before it.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 2048) "$\00\00\00i\00n\00d\00e\00x\00 \00o\00u\00t\00 \00o\00f\00 \00r\00a\00n\00g\00e\00")
  (data (i32.const 2148) "\10\00\00\00p\00h\00o\00t\00o\00.\00t\00s\00")
  (func $evil
    (call $abort (i32.const 2052) (i32.const 2152) (i32.const 7) (i32.const 9)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
