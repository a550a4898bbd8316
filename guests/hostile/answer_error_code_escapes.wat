;; expect: contract
;; call: eval service "\80"

;; An error whose code would colour the reader's terminal red.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a3err\82\a4code\a5\1b[31m\a7message\d9\02no")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000001d)))
