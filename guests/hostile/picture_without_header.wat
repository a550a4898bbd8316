;; expect: ok
;; call: eval service "\80"
;; image: resize contract contains "`bytes` are a png without a header"

;; The first eight bytes of a PNG, and no more.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\86\a5bytes\c4\08\89PNG\0d\0a\1a\0a\a6format\a3png\a5width\04\a6height\03\a8lossless\c3\a6frames"
    "\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000041)))
