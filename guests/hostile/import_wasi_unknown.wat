;; expect: link.missing wasi_snapshot_preview1.sock_steal

;; A function that WASI does not have.
(module
  (import "wasi_snapshot_preview1" "sock_steal" (func (result i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
