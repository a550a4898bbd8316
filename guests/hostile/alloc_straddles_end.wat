;; expect: contract contains "alloc"
;; call: eval bytes "\83\01\02\03"

;; Room for three bytes where four are due.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (i32.const 65533))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
