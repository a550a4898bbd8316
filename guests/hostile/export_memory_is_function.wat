;; expect: link.mistyped memory
;; call: eval bytes "\80"

;; What it calls memory is a function.
(module
  (func (export "memory"))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
