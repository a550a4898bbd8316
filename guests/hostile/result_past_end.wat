;; expect: contract contains "outside"
;; call: eval bytes "\80"

;; Sixteen bytes of which the last lies outside.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x0000fff1_00000010)))
