;; expect: trap unreachable

;; Debug sections filled with rubbish: the trap is told without them.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $boom (unreachable))
  (func (export "run") (call $boom))
  (func (export "eval") (param i32 i32) (result i64) (call $boom) (i64.const 0))
  (@custom ".debug_info" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01")
  (@custom ".debug_abbrev" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01")
  (@custom ".debug_line" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01")
  (@custom ".debug_str" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01")
  (@custom ".debug_ranges" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01")
  (@custom ".debug_loc" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01")
  (@custom ".debug_aranges" "\ff\fe\fd\fc\ff\ff\ff\ff\ff\ff\ff\7f\00\01"))
