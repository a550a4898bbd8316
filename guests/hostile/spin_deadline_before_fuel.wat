;; expect: limit.deadline
;; limits: fuel=1000000000000 deadline=150ms

;; Fuel for hours: the deadline holds beside it.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
