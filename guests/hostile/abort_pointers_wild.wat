;; expect: panic

;; A panic whose text lies outside memory: it is a panic all the same, without a text.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (call $abort (i32.const -1) (i32.const 0x7fffffff) (i32.const 1) (i32.const 1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
