;; expect: link.mistyped test:host/api

;; A host function by another type.
(component
  (import "test:host/api" (instance $host (export "tick" (func (param "times" u64) (result string)))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
