;; expect: limit.memory
;; limits: memory=1MiB

;; A refused grow that ends in the guest's own panic.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (drop (memory.grow (i32.const 65000)))
    (call $abort (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
