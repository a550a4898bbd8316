;; expect: trap memory-out-of-bounds

;; Writes eight bytes of which the last is one too far.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (i64.store (i32.const 65529) (i64.const -1)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
