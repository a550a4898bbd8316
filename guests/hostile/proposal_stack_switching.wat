;; expect: load.proposal stack-switching

;; A continuation.
(module (type $f (func)) (type $c (cont $f)) (func $g) (elem declare func $g) (func (export "run") (resume $c (cont.new $c (ref.func $g)))))
