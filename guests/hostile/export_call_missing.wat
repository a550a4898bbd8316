;; expect: link.missing eval
;; call: eval bytes "\80"

;; The function that is called is not there.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024)))
