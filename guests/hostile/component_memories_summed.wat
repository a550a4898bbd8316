;; expect: limit.memory
;; limits: memory=1MiB

;; Two modules in one component, each within the limit, together beyond it.
(component
  (core module $m (memory 12) (func (export "run")))
  (core instance $i (instantiate $m))
  (core instance $j (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
