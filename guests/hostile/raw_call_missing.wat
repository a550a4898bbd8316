;; expect: contract contains "run"
;; call: run()

;; A raw call of what is not exported.
(module (memory (export "memory") 1))
