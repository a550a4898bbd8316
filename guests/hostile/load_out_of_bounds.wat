;; expect: trap memory-out-of-bounds

;; Reads at the far end of the address space, with the largest static offset.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (drop (i64.load offset=0xffffffff (i32.const -1))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
