;; expect: trap table-out-of-bounds

;; Calls a table slot that is not there.
(module
  (type $void (func))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (table 1 funcref)
  (func $evil
    (call_indirect (type $void) (i32.const 0x7fffffff)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
