;; expect: trap

;; Drops a handle which it was never given.
(component
  (type $r (resource (rep i32)))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "host" "drop" (func $drop (param i32)))
    (func (export "run") (call $drop (i32.const 12345))))
  (core instance $i (instantiate $m (with "host" (instance (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $i "run"))))
