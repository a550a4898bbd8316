;; expect: limit.deadline
;; limits: deadline=150ms

;; Sleeps for ever, a little at a time.
(module
  (import "test" "sleep" (func $sleep (param i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (call $sleep (i32.const 1))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
