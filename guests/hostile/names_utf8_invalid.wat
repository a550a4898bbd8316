;; expect: trap unreachable

;; A name section whose names are not UTF-8.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $boom (unreachable))
  (func (export "run") (call $boom))
  (func (export "eval") (param i32 i32) (result i64) (call $boom) (i64.const 0))
  (@custom "name" "\01\06\01\01\03\ff\fe\80"))
