;; expect: ok
;; call: eval bytes "\80"

;; The last sixteen bytes of memory: inside, by a hair.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x0000fff0_00000010)))
