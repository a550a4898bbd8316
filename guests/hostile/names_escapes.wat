;; expect: trap unreachable

;; Function names that would clear the reader's terminal and forge a log line.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $"\1b[2J\0d\0aINFO all is well\e2\80\ae\c2\9b31m" (unreachable))
  (func (export "run") (call $"\1b[2J\0d\0aINFO all is well\e2\80\ae\c2\9b31m"))
  (func (export "eval") (param i32 i32) (result i64) (call $"\1b[2J\0d\0aINFO all is well\e2\80\ae\c2\9b31m") (i64.const 0))
)
