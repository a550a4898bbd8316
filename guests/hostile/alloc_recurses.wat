;; expect: limit.stack
;; call: eval bytes "\80"

;; alloc calls itself.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (call $alloc (local.get $size)))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
