;; expect: load.proposal gc

;; An i31 reference.
(module (func (export "run") (drop (ref.i31 (i32.const 1)))))
