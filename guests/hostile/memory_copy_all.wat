;; expect: limit.deadline
;; limits: deadline=150ms fuel=1000000000000

;; Copies one half of its memory over the other, overlapping by all but a byte.
(module
  (memory (export "memory") 512)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x1ffffff))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
