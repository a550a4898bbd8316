;; expect: guest contains "no such picture"
;; call: eval service "\80"

;; An error as it should be: the guest's own, told as the guest's.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a3err\82\a4code\a9not_found\a7message\afno such picture")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000002d)))
