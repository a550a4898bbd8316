;; expect: contract
;; call: eval service "\80"

;; A map which declares four thousand million entries: nothing may be allocated for them.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a2ok\df\ff\ff\ff\ff\01\02")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000000b)))
