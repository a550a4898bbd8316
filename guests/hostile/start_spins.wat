;; expect: limit.fuel
;; limits: fuel=1000000

;; A start function that never ends: start-up counts against the call that caused it.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $start (loop $again (br $again)))
  (start $start)
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
