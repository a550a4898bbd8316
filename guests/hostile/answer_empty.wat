;; expect: contract
;; call: eval service "\80"

;; No bytes where a MessagePack map is due.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000000)))
