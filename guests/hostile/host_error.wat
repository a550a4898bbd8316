;; expect: host

;; The host's own failure is not blamed on the guest.
(module
  (import "test" "fail" (func $fail))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (call $fail))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
