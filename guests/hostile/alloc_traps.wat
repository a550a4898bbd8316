;; expect: trap unreachable
;; call: eval bytes "\80"

;; alloc traps.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (unreachable))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
