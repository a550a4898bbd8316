;; expect: contract

;; Answers a list of numbers at an odd address.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "run") (result i32)
      (i32.store (i32.const 16) (i32.const 33))
      (i32.store (i32.const 20) (i32.const 4))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "run") (result (list u64)) (canon lift (core func $i "run") (memory (core memory $i "memory")))))
