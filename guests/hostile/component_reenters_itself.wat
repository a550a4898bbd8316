;; expect: trap

;; Two components that call each other in a ring: the second entry is refused.
(component
  (component $inner
    (import "out" (func $out))
    (core func $out' (canon lower (func $out)))
    (core module $m (import "host" "out" (func $out)) (func (export "run") (call $out)))
    (core instance $i (instantiate $m (with "host" (instance (export "out" (func $out'))))))
    (func (export "run") (canon lift (core func $i "run"))))
  (core module $shim
    (table (export "t") 1 funcref)
    (func (export "call") (call_indirect (i32.const 0))))
  (core instance $shim (instantiate $shim))
  (func $late (canon lift (core func $shim "call")))
  (instance $inner (instantiate $inner (with "out" (func $late))))
  (core func $again (canon lower (func $inner "run")))
  (core module $tie
    (import "a" "t" (table 1 funcref))
    (import "a" "f" (func $f))
    (elem (i32.const 0) $f)
    (func (export "run") (call $f)))
  (core instance $tied (instantiate $tie (with "a" (instance (export "t" (table $shim "t")) (export "f" (func $again))))))
  (func (export "run") (canon lift (core func $tied "run"))))
