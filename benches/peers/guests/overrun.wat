;; Work that does not end by itself, each kind interruptible in its own way or not at all.
(module
  (import "bench" "host" (func $host (param i32) (result i32)))
  (memory (export "memory") 1)
  (table $table 0 funcref)
  (func (export "spin") (loop $again br $again))
  (func (export "host_flood")
    (loop $again (drop (call $host (i32.const 1))) br $again))
  ;; Memory is as large as the host allows before each of the next two begin.
  (func $grow_all
    (loop $again (br_if $again (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0)))))
  (func (export "memory_fill")
    call $grow_all
    (loop $again
      (memory.fill (i32.const 0) (i32.const 7) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))
      br $again))
  (func (export "memory_copy") (local $half i32)
    call $grow_all
    (local.set $half (i32.mul (i32.shr_u (memory.size) (i32.const 1)) (i32.const 65536)))
    (loop $again
      (memory.copy (i32.const 0) (local.get $half) (local.get $half))
      br $again))
  (func (export "table_fill")
    (drop (table.grow $table (ref.null func) (i32.const 20000)))
    (loop $again
      (table.fill $table (i32.const 0) (ref.null func) (table.size $table))
      br $again))
  ;; Grows by a page until refused, and then goes on asking.
  (func (export "memory_grow")
    (loop $again (drop (memory.grow (i32.const 1))) br $again)))
