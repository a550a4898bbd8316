;; expect: trap indirect-signature

;; Calls a function by a signature which it does not have.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (table 1 funcref)
  (elem (i32.const 0) $evil)
  (func $evil
    (drop (call_indirect (param i64 i64) (result f64) (i64.const 0) (i64.const 0) (i32.const 0))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
