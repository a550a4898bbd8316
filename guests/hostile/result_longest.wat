;; expect: ok
;; call: eval bytes "\80"
;; limits: output=1024

;; A result exactly as long as allowed.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000400_00000400)))
