;; expect: load.proposal threads

;; Shared memory.
(module (memory (export "memory") 1 1 shared) (func (export "run")))
