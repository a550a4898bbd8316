;; expect: link.mistyped alloc
;; call: eval bytes "\80"

;; An alloc of 64 bits.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i64) (result i64) (i64.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
