;; expect: contract
;; call: eval service "\80"

;; Sixty thousand arrays, each inside the one before.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a2ok")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64)
    (memory.fill (i32.const 2052) (i32.const 0x91) (i32.const 60000))
    (i32.store8 (i32.const 62052) (i32.const 0xc0))
    (i64.const 0x00000800_0000ea65)))
