;; expect: contract contains "outside"

;; The alloc that the host calls back answers an address outside.
(module
  (import "test" "echo" (func $echo (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (global $calling (mut i32) (i32.const 0))
  (func (export "alloc") (param $size i32) (result i32)
    (if (i32.eqz (global.get $calling)) (then (return (i32.const 1024))))
    (i32.const -4))
  (func $evil
    (global.set $calling (i32.const 1))
    (drop (call $echo (i32.const 0) (i32.const 8))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
