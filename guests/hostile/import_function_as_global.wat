;; expect: link.mistyped test.note

;; A host function imported as a global.
(module
  (import "test" "note" (global (mut i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (nop))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
