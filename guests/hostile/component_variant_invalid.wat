;; expect: contract

;; Answers the seventh case of an enumeration of two.
(component
  (type $e' (enum "yes" "no"))
  (export $e "answer" (type $e'))
  (core module $m
    (func (export "run") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "run") (result $e) (canon lift (core func $i "run"))))
