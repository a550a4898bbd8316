;; expect: guest
;; call: eval service "\80"

;; An error whose message would clear the reader's terminal.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a3err\82\a4code\a1x\a7message\d9\13\1b[2J\07\0d\0agone \e2\80\ae\c2\9b0m")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000002a)))
