;; expect: limit.host_calls
;; limits: host_calls=1000
;; usage: host_calls>=1000 host_calls<=1001

;; Calls the host until it is refused.
(module
  (import "test" "note" (func $note (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (call $note (i32.const 0) (i32.const 0))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
