;; expect: limit.fuel
;; limits: fuel=1000000

;; A component whose inner module never starts.
(component
  (core module $m
    (func $start (loop $again (br $again)))
    (start $start)
    (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
