;; expect: contract
;; call: eval service "\80"

;; An error message that is not UTF-8.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a3err\82\a4code\a1x\a7message\a4\c3(\a0\ff")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000001a)))
