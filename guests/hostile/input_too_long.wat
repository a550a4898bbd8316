;; expect: limit.input
;; call: eval bytes "\83\a1a\01\a1b\02\a1c\03"
;; limits: input=9

;; More input than the call may carry: refused before the guest runs.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (unreachable))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
