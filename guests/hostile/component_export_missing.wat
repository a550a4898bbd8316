;; expect: contract contains "run"

;; The function that is called is not there.
(component
  (core module $m
    (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "walk") (canon lift (core func $i "run"))))
