;; expect: limit.fuel
;; limits: fuel=1000000

;; A reactor whose _initialize never ends.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "_initialize") (loop $again (br $again)))
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
