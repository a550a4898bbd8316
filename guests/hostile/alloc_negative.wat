;; expect: contract contains "alloc"
;; call: eval bytes "\80"

;; alloc answers minus one, which as an address is the last byte of 4 GiB.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (i32.const -1))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
