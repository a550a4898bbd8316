;; expect: limit.deadline
;; limits: deadline=150ms fuel=1000000000000

;; Fills the largest table it may have, again and again.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (table $t 20000 funcref)
  (func $evil
    (loop $again
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 20000))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
