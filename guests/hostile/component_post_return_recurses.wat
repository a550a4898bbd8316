;; expect: limit.stack

;; Answers, then ends the stack while it tidies up.
(component
  (core module $m
    (func (export "run") (result i32) (i32.const 1))
    (func $free (export "free") (param i32) (call $free (i32.const 0))))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run") (post-return (core func $i "free")))))
