;; expect: load.proposal exceptions

;; Throws an exception that nobody catches.
(module (tag $e) (func (export "run") (throw $e)))
