;; expect: load.proposal custom-page-sizes

;; A memory with pages of one byte.
(module (memory (export "memory") 1 (pagesize 1)) (func (export "run")))
