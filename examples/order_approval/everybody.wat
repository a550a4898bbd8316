;; A guard for quiet days: approves everything.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"ok\":true}")
  (func (export "alloc") (param i32) (result i32) i32.const 4096)
  (func (export "eval") (param i32 i32) (result i64) i64.const 11))
