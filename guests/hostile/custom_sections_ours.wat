;; expect: trap unreachable

;; Sections by the names that this system and its tools read, filled with rubbish.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $boom (unreachable))
  (func (export "run") (call $boom))
  (func (export "eval") (param i32 i32) (result i64) (call $boom) (i64.const 0))
  (@custom "wardian:guard" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "wardian:capnp-schema" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "producers" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "target_features" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "dylink.0" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "component-type" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "sourceMappingURL" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "external_debug_info" "\ff\ff\ff\ff\0f\1b[2J{\22")
  (@custom "metadata.code.branch_hint" "\ff\ff\ff\ff\0f\1b[2J{\22"))
