;; expect: contract contains "alloc"
;; call: eval bytes "\80"

;; alloc answers null, although it was refused nothing.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (i32.const 0))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
