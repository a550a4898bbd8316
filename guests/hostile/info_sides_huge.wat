;; expect: ok
;; call: eval service "\80"
;; image: info contract contains "`width` is 8001, allowed 1 to 8000"

;; A side that no source may have.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\89\a5width\cd\1fA\a6height\06\adupright_width\cd\1fA\aeupright_height\06\a6format\a3b"
    "mp\a9has_alpha\c2\aborientation\01\a6frames\01\a5bytes\cd\00\c6")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000006b)))
