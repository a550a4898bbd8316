;; expect: link.missing nowhere.third

;; Several are missing: the error names the last one as well as the first.
(module
  (import "nowhere" "first" (func))
  (import "env" "second" (global i32))
  (import "nowhere" "third" (func (result i64)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
