;; expect: contract contains "alloc"

;; alloc calls a host function that calls alloc, and so for ever.
(module
  (import "test" "echo" (func $echo (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (i32.wrap_i64 (i64.shr_u (call $echo (i32.const 0) (i32.const 8)) (i64.const 32))))
  (func (export "run") (drop (call $echo (i32.const 0) (i32.const 8))))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
