;; expect: limit.stack

;; A component that calls itself.
(component
  (core module $m
    (func $run (export "run") (call $run)))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
