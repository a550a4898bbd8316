;; expect: ok
;; call: eval service "\80"
;; image: resize contract contains "`bytes` have 4 × 3 pixels, said to be 3 × 3"

;; Another width than the file has.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\86\a5bytes\c4G\89PNG\0d\0a\1a\0a\00\00\00\0dIHDR\00\00\00\04\00\00\00\03\08\00\00\00\00\91\9f\f1\1a\00\00\00\0eIDATx\dach\00\02\068\01\00"
    "-\0f\06\01\b0j\ad(\00\00\00\00IEND\aeB`\82\a6format\a3png\a5width\03\a6height\03\a8lossless\c3\a6frames\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000080)))
