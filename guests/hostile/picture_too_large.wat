;; expect: ok
;; call: eval service "\80"
;; image: resize contract contains "`width` is 80, allowed 1 to 4"

;; A true picture, larger than was asked for.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\86\a5bytes\c4e\89PNG\0d\0a\1a\0a\00\00\00\0dIHDR\00\00\00P\00\00\00<\08\00\00\00\00\d4LbP\00\00\00,IDATx\da\ed\cc1\01\00\00\0c\02"
    " \a3\1b\dd\12;v@\00\d2c\11\0a\85B\a1P(\14\0a\85B\a1P(\14\0a\7f\84\03\8a\1a`\88<\e3R\c9\00\00\00\00IEND\aeB`\82\a6format\a3png\a5wi"
    "dthP\a6height<\a8lossless\c3\a6frames\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000009e)))
