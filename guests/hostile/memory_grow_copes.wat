;; expect: ok
;; call: run()
;; limits: memory=1MiB
;; usage: refusals>=1 memory_peak_bytes<=1048576

;; Grows until it is refused and lives with it: only the usage tells.
(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $evil
    (loop $again
      (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))))
  (func (export "run") (call $evil))
  (func (export "eval") (param i32 i32) (result i64) (call $evil) (i64.const 0)))
