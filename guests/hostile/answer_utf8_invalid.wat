;; expect: contract
;; call: eval service "\80"

;; A string that is not UTF-8.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a2ok\a4\ff\fe\80\80")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000009)))
