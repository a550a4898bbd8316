;; expect: limit.host_calls
;; limits: log=65536 host_calls=1000
;; usage: log_bytes>=4096000 host_calls<=1001

;; Logs for ever: what is beyond the allowance is counted and dropped, and the calls have an end.
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
      (loop $again
        (call $note (i32.const 0) (i32.const 4096))
        (br $again))))
  (core instance $i (instantiate $m
    (with "host" (instance (export "note" (func $note)) (export "tick" (func $tick))))))
  (func (export "run") (canon lift (core func $i "run"))))
