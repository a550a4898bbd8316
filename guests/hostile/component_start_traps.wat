;; expect: trap unreachable

;; A component whose inner module traps as it starts.
(component
  (core module $m
    (func $start (unreachable))
    (start $start)
    (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
