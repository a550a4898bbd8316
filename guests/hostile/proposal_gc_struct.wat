;; expect: load.proposal gc

;; A garbage-collected struct.
(module (type $s (struct (field i32))) (func (export "run") (drop (struct.new_default $s))))
