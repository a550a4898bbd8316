;; expect: limit.fuel
;; call: eval bytes "\80"
;; limits: fuel=1000000

;; alloc never ends.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (loop $again (br $again))
    (unreachable))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
