;; expect: ok
;; call: eval service "\80"
;; image: resize contract contains "`bytes` is of type str, bin is due"

;; The file as text.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\86\a5bytes\aciVBORw0KGgo=\a6format\a3png\a5width\04\a6height\03\a8lossless\c3\a6fra"
    "mes\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000044)))
