;; expect: limit.fuel
;; limits: fuel=1000000

;; A component that never ends.
(component
  (core module $m
    (func (export "run") (loop $again (br $again))))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
