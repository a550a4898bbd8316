;; expect: limit.fuel
;; limits: memory=1MiB fuel=200000

;; Takes no for an answer and asks again, for ever.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (drop (memory.grow (i32.const 65535)))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
