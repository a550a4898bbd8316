;; expect: ok
;; call: eval service "\80"
;; image: info contract contains "9 × 6 is not what the source"

;; Other sides than the source has.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\89\a5width\09\a6height\06\adupright_width\09\aeupright_height\06\a6format\a3bmp\a9h"
    "as_alpha\c2\aborientation\01\a6frames\01\a5bytes\cd\00\c6")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000067)))
