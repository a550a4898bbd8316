;; expect: panic

;; A panic whose text claims a length of 4 GiB.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 2048) "\ff\ff\ff\ff")
  (func $evil
    (call $abort (i32.const 2052) (i32.const 2) (i32.const 1) (i32.const 1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
