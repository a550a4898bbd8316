;; expect: limit.stack

;; Two functions that call each other.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $ping (call $pong) (nop))
  (func $pong (call $ping) (nop))
  (func $evil
    (call $ping))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
