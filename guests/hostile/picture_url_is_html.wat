;; expect: ok
;; call: eval service "\80"
;; image: blurhash_data_url contract contains "`bytes` is missing"

;; A data URL that would break out of the attribute which it is put into. The host makes its own, out of bytes.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\84\a8data_url\d91data:image/png;base64,\22><script>alert(1)</script"
    ">\a6format\a3png\a5width\04\a6height\03")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000005b)))
