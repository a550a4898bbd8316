;; expect: limit.fuel
;; limits: fuel=1000000

;; Two functions that tail-call each other: no stack is used, so fuel has to end it.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $ping (return_call $pong))
  (func $pong (return_call $ping))
  (func $evil
    (return_call $ping))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
