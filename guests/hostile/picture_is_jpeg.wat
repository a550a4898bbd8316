;; expect: ok
;; call: eval service "\80"
;; image: resize contract contains "`bytes` are no png"

;; A JPEG that is called a PNG.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\86\a5bytes\c4\11\ff\d8\ff\c0\00\0b\08\00\03\00\04\01\01\11\00\ff\d9\a6format\a3png\a5width\04\a6height\03\a8lossles"
    "s\c3\a6frames\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000004a)))
