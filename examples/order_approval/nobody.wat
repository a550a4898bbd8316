;; The guard before anybody brought a better one: approves nothing.
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"ok\":false,\"reason\":\"nobody has looked at it yet\"}")
  (func (export "alloc") (param i32) (result i32) i32.const 4096)
  (func (export "eval") (param i32 i32) (result i64) i64.const 51))
