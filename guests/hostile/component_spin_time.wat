;; expect: limit.deadline
;; cpu: time
;; limits: deadline=150ms

;; A component that never ends where only the clock is watching.
(component
  (core module $m
    (func (export "run") (loop $again (br $again))))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
