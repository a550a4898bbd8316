;; expect: limit.memory
;; call: eval bytes "\80"
;; limits: memory=1MiB

;; alloc asks for more memory, is refused, and answers null.
(module
  (memory (export "memory") 1)
  (func $alloc (export "alloc") (param $size i32) (result i32)
    (drop (memory.grow (i32.const 1000)))
    (i32.const 0))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0)))
