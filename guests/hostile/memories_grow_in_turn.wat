;; expect: limit.memory
;; limits: memory=1MiB

;; Three memories that grow in turn: the sum is what counts.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (memory $second 1)
  (memory $third 1)
  (func $evil
    (loop $again
      (if (i32.eq (memory.grow $second (i32.const 1)) (i32.const -1)) (then (unreachable)))
      (if (i32.eq (memory.grow $third (i32.const 1)) (i32.const -1)) (then (unreachable)))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
