;; expect: contract contains "run"
;; call: run(i32 1)

;; A raw call with arguments of other types than the function has.
(module (func (export "run") (param i64 f32)))
