;; expect: link.missing

;; An import whose name would clear the reader's terminal and colour it red.
(module
  (import "\1b[2J\1b[31menv" "\07\0d\0agone\e2\80\ae" (func))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
