;; expect: trap unreachable

;; A function whose abstract origin is itself.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $boom (unreachable))
  (func (export "run") (call $boom))
  (func (export "eval") (param i32 i32) (result i64) (call $boom) (i64.const 0))
  (@custom ".debug_abbrev" "\01\11\01\11\01\12\06\00\00\04\11\01\11\01\12\06\10\17\00\00\02.\01\11\01\12\06\00\00x\1d\01\00\00\03.\00\11\01\12\061\13\00\00\00")
  (@custom ".debug_info" "\1e\00\00\00\04\00\00\00\00\00\04\01\01\00\00\00\00\10\00\00\03\01\00\00\00\00\10\00\00\14\00\00\00\00"))
