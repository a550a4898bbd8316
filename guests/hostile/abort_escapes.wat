;; expect: panic

;; A panic that would clear the reader's terminal, ring its bell and turn its text round.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 2048) " \00\00\00\1b\00[\002\00J\00\07\00\0d\00\0a\00g\00o\00n\00e\00. \9b\003\001\00m\00")
  (func $evil
    (call $abort (i32.const 2052) (i32.const 2052) (i32.const -1) (i32.const -1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
