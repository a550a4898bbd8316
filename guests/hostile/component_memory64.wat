;; expect: load.proposal memory64

;; A 64-bit memory inside a component.
(component
  (core module $m (memory i64 1) (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
