;; expect: limit.memory
;; limits: memory=1MiB

;; Two memories, each within the limit, together beyond it.
(module
  (memory (export "memory") 12)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (memory $second 12)
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
