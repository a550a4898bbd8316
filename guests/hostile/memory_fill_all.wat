;; expect: limit.deadline
;; limits: deadline=150ms fuel=1000000000000

;; Fills all of its memory again and again: one instruction of 32 MiB, which nothing can interrupt half-way.
(module
  (memory (export "memory") 512)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 0x2000000))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
