;; expect: trap component

;; Gives the host a string outside its memory.
(component
  (import "test:host/api" (instance $host
    (export "note" (func (param "text" string)))
    (export "tick" (func))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $note (canon lower (func $host "note") (memory (core memory $memory "memory"))))
  (core func $tick (canon lower (func $host "tick")))
  (core module $m
    (import "host" "note" (func $note (param i32 i32)))
    (import "host" "tick" (func $tick))
    (func (export "run")
      (call $note (i32.const 65530) (i32.const 100))))
  (core instance $i (instantiate $m
    (with "host" (instance (export "note" (func $note)) (export "tick" (func $tick))))))
  (func (export "run") (canon lift (core func $i "run"))))
