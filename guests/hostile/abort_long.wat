;; expect: panic

;; A panic of sixteen thousand letters: what is shown is cut.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (memory.fill (i32.const 4) (i32.const 0x41) (i32.const 0x8000))
    (i32.store (i32.const 0) (i32.const 0x8000))
    (call $abort (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
