;; expect: limit.deadline
;; cpu: time
;; limits: deadline=150ms

;; The same where only the clock is watching.
(module
  (import "test" "sleep" (func $sleep (param i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (call $sleep (i32.const 600000)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
