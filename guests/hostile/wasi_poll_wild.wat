;; expect: ok
;; call: run()

;; Polls four thousand million subscriptions outside memory.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (if (i32.eqz (call $poll_oneoff (i32.const 0xffffff00) (i32.const 0xffffff00) (i32.const -1) (i32.const 0))) (then (unreachable))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
