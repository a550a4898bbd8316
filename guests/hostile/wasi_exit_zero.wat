;; expect: panic contains "exit"

;; Leaves by proc_exit(0) in the middle of a call: no answer was given.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (call $proc_exit (i32.const 0)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
