;; expect: limit.fuel
;; limits: fuel=1000000

;; Jumps through a table, backwards for ever.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (block $out (br_table $again $again $out (i32.const 1)))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
