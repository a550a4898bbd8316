;; expect: limit.host_calls
;; limits: log=65536 host_calls=1000
;; usage: log_bytes>=4096000 host_calls<=1001

;; Logs its memory for ever: what is beyond the allowance is counted and dropped, and the calls have an end.
(module
  (import "test" "note" (func $note (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (call $note (i32.const 0) (i32.const 4096))
      (br $again)))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
