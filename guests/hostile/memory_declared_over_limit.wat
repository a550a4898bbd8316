;; expect: limit.memory
;; limits: memory=1MiB

;; Declares 2 MiB where the call may have 1.
(module
  (memory (export "memory") 32)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
