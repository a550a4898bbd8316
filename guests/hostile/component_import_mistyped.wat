;; expect: contract

;; Imports a host function by another type, and calls it.
(component
  (import "test:host/api" (instance $host (export "tick" (func (param "times" u64) (result u32)))))
  (core func $tick (canon lower (func $host "tick")))
  (core module $m
    (import "host" "tick" (func $tick (param i64) (result i32)))
    (func (export "run") (drop (call $tick (i64.const 1)))))
  (core instance $i (instantiate $m (with "host" (instance (export "tick" (func $tick))))))
  (func (export "run") (canon lift (core func $i "run"))))
