;; expect: trap memory-out-of-bounds

;; Copies from beyond the end.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (memory.copy (i32.const 0) (i32.const 0xffffff00) (i32.const 256)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
