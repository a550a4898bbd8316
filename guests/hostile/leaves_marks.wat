;; expect: ok
;; call: run()
;; call: eval bytes "\80"
;; twice

;; Counts its calls in a global and writes all over its memory, then looks whether a call before it left something
;; behind.
(module
  (memory (export "memory") 2)
  (table $t 4 funcref)
  (global $calls (mut i32) (i32.const 0))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $mine)
  (elem declare func $mine)
  (func $look
    (if (global.get $calls) (then (unreachable)))
    (if (i64.ne (i64.load (i32.const 131064)) (i64.const 0)) (then (unreachable)))
    (if (i32.eqz (ref.is_null (table.get $t (i32.const 3)))) (then (unreachable)))
    (if (i32.ne (memory.size) (i32.const 2)) (then (unreachable)))
    (global.set $calls (i32.const 1))
    (memory.fill (i32.const 0) (i32.const 0xaa) (i32.const 131072))
    (table.set $t (i32.const 3) (ref.func $mine))
    (drop (memory.grow (i32.const 3)))
    (i32.store (i32.const 300000) (i32.const 1)))
  (func (export "run") (call $look))
  (func (export "eval") (param i32 i32) (result i64) (call $look) (i64.const 0)))
