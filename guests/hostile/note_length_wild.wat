;; expect: contract

;; Gives the host a length of 4 GiB.
(module
  (import "test" "note" (func $note (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (call $note (i32.const 1) (i32.const -1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
