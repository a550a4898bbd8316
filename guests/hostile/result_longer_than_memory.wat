;; expect: contract contains "outside"
;; call: eval bytes "\80"

;; A result of 1 MiB in a memory of 64 KiB.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000000_00100000)))
