;; expect: contract
;; call: eval service "\80"

;; Both ok and err.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\82\a2ok\01\a3err\82\a4code\a1x\a7message\a1y")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000001b)))
