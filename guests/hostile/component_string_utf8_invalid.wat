;; expect: contract

;; Answers a string that is not UTF-8.
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 64) "\ff\fe\80\80")
    (func (export "run") (result i32)
      (i32.store (i32.const 16) (i32.const 64))
      (i32.store (i32.const 20) (i32.const 4))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "run") (result string) (canon lift (core func $i "run") (memory (core memory $i "memory")))))
