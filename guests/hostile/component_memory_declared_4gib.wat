;; expect: load.limit.memory

;; An inner module that declares 4 GiB.
(component
  (core module $m (memory 65536) (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
