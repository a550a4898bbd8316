;; expect: load.proposal shared-everything-threads

;; A function that may be shared between threads.
(module (type $f (shared (func))) (func (type $f)) (func (export "run")))
