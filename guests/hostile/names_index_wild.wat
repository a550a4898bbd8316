;; expect: trap unreachable

;; Names for functions which are not there, twice over.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $boom (unreachable))
  (func (export "run") (call $boom))
  (func (export "eval") (param i32 i32) (result i64) (call $boom) (i64.const 0))
  (@custom "name" "\01\0f\02\ff\ff\ff\ff\0f\01a\ff\ff\ff\ff\0f\01b"))
