;; expect: limit.output
;; limits: output=1MiB

;; Twenty million booleans, a byte each in the guest and forty in the host.
(component
  (core module $m
    (memory (export "memory") 320)
    (func (export "run") (result i32)
      (i32.store (i32.const 16) (i32.const 32))
      (i32.store (i32.const 20) (i32.const 20000000))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "run") (result (list bool)) (canon lift (core func $i "run") (memory (core memory $i "memory")))))
