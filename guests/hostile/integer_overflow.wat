;; expect: trap integer-overflow

;; The least integer divided by minus one.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
