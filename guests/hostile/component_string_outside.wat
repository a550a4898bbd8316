;; expect: contract

;; Answers a string that begins inside memory and ends outside.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "run") (result i32)
      (i32.store (i32.const 16) (i32.const 65500))
      (i32.store (i32.const 20) (i32.const 100))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "run") (result string) (canon lift (core func $i "run") (memory (core memory $i "memory")))))
