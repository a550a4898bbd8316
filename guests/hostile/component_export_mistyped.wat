;; expect: contract contains "run"
;; call: run(string "hello")

;; Called with a string, it wants two numbers.
(component
  (core module $m
    (func (export "run") (param i32 i64)))
  (core instance $i (instantiate $m))
  (func (export "run") (param "a" u32) (param "b" u64) (canon lift (core func $i "run"))))
