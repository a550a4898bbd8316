;; expect: link.missing memory
;; call: eval bytes "\80"

;; A service without a memory to write to.
(module
  (memory 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
