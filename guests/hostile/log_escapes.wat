;; expect: trap unreachable

;; Logs text that would clear the reader's terminal, then traps: the log's tail comes with the error.
(module
  (import "test" "note" (func $note (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 0) "\1b[2J\1b]0;owned\07\0d\0agone \e2\80\ae\c2\9b31m\ff\fe\00")
  (func $evil
    (call $note (i32.const 0) (i32.const 32))
    (unreachable))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
