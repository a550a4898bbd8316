;; expect: limit.host_calls
;; limits: log=65536 host_calls=1000
;; usage: log_bytes>=65536 host_calls<=1001

;; Writes to stderr for ever: what is beyond the allowance is counted and dropped.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (i32.store (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (i32.const 512))
    (loop $again
      (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 64)))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
