;; expect: load.proposal threads

;; An atomic instruction on a memory that is not shared.
(module (memory (export "memory") 1) (func (export "run") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))
