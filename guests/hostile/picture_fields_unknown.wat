;; expect: ok
;; call: eval service "\80"
;; image: resize ok
;; image: crop ok
;; image: blurhash_decode ok
;; image: blurhash_data_url ok

;; A true answer with more in it than anybody asks for, as a newer guest could give: text that would clear the
;; terminal, a number that is none, a list. It is passed over.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\8a\a5bytes\c4G\89PNG\0d\0a\1a\0a\00\00\00\0dIHDR\00\00\00\04\00\00\00\03\08\00\00\00\00\91\9f\f1\1a\00\00\00\0eIDATx\dach\00\02\068\01\00"
    "-\0f\06\01\b0j\ad(\00\00\00\00IEND\aeB`\82\a6format\a3png\a5width\04\a6height\03\a8lossless\c3\a6frames\01"
    "\a4note\ac\1b[2J<script>\a4luck\cb\7f\f8\00\00\00\00\00\00\a4list\93\c0\90\d0\ff\a5usage\81\a4fuel\00")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_000000b7)))
