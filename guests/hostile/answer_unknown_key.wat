;; expect: contract
;; call: eval service "\80"

;; Neither ok nor err.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a4okay\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000007)))
