;; expect: trap unreachable

;; Branch hints for instructions which are not there.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $boom (unreachable))
  (func (export "run") (call $boom))
  (func (export "eval") (param i32 i32) (result i64) (call $boom) (i64.const 0))
  (@custom "metadata.code.branch_hint" "\ff\ff\ff\ff\0f\ff\ff\ff\ff\0f"))
