;; expect: ok
;; call: run()
;; usage: host_calls<=1

;; The host answers through alloc while the guest waits: allowed.
(module
  (import "test" "echo" (func $echo (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (drop (call $echo (i32.const 8) (i32.const 16))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
