;; expect: contract contains "run"
;; call: run()

;; A raw call of an export that is a memory.
(module (memory (export "run") 1))
