;; expect: ok
;; call: eval bytes "\80"

;; alloc hands out address of its own data: the guest harms only itself.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "its own data, about to be overwritten")
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (i32.const 8))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
