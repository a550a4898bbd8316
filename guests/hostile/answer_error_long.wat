;; expect: guest
;; call: eval service "\80"

;; An error message of 32 KiB: what is shown is cut.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048) "\81\a3err\82\a4code\a1x\a7message\da\80\00")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64)
    (memory.fill (i32.const 2072) (i32.const 0x7a) (i32.const 0x8000))
    (i64.or (i64.const 0x00000800_00000000) (i64.const 0x8018))))
