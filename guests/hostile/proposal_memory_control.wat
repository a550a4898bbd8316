;; expect: load.proposal memory-control

;; Gives back pages by memory.discard.
(module (memory (export "memory") 1) (func (export "run") (memory.discard (i32.const 0) (i32.const 65536))))
