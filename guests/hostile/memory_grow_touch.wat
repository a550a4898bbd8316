;; expect: limit.memory
;; limits: memory=4MiB

;; Grows page by page and writes to each, so that the memory is real.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (local $at i32)
    (loop $again
      (local.set $at (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $at) (i32.const -1)) (then (unreachable)))
      (i32.store (i32.shl (local.get $at) (i32.const 16)) (i32.const 1))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
