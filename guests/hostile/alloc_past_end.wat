;; expect: contract contains "alloc"
;; call: eval bytes "\80"

;; alloc answers an address just behind the memory.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (i32.const 65536))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
