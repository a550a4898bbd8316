;; expect: load.proposal memory64

;; A table with 64-bit indices.
(module (table i64 1 funcref) (func (export "run")))
