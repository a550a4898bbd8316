;; expect: contract contains "alloc"
;; call: run()

;; The host has to give bytes back and finds no alloc.
(module
  (import "test" "echo" (func $echo (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func (export "run") (drop (call $echo (i32.const 0) (i32.const 8)))))
