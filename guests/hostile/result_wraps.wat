;; expect: contract contains "outside"
;; call: eval bytes "\80"

;; Pointer and length whose sum does not fit 32 bits.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0xffffffff_00000002)))
