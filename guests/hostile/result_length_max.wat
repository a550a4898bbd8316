;; expect: limit.output
;; call: eval bytes "\80"

;; A result of 4 GiB in a memory of 64 KiB: too long before it is outside.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000000_ffffffff)))
