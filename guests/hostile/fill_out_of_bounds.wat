;; expect: trap memory-out-of-bounds

;; Fills a memory of 64 KiB and one byte more.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (memory.fill (i32.const 0) (i32.const 0xff) (i32.const 0x10001)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
