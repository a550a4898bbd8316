;; expect: load.proposal gc

;; A garbage-collected array of a thousand million elements.
(module (type $a (array (mut i64))) (func (export "run") (drop (array.new_default $a (i32.const 0x40000000)))))
