;; expect: link.mistyped eval
;; call: eval bytes "\80"

;; The callable answers 32 bits where 64 are due.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i32) (i32.const 0)))
