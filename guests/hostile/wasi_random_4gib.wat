;; expect: ok
;; call: run()

;; Asks for 4 GiB of randomness, more than its memory holds.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (if (i32.eqz (call $random_get (i32.const 0) (i32.const -1))) (then (unreachable))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
