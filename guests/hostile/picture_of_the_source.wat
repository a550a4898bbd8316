;; expect: ok
;; call: eval service "\80"
;; image: optimize ok
;; image: convert ok

;; As many pixels as the source has: what converting gives.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\86\a5bytes\c4G\89PNG\0d\0a\1a\0a\00\00\00\0dIHDR\00\00\00\08\00\00\00\06\08\00\00\00\00\dbn\80'\00\00\00\0eIDATx\dach\80\02\06R\18\00"
    "\88T\18\01\93m\f3h\00\00\00\00IEND\aeB`\82\a6format\a3png\a5width\08\a6height\06\a8lossless\c3\a6frames\01")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_00000080)))
