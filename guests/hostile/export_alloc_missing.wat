;; expect: link.missing alloc
;; call: eval bytes "\80"

;; Nobody to ask where the input may be written.
(module
  (memory (export "memory") 1)
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
