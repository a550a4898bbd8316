;; expect: load.invalid

;; No bytes at all.
(module binary "")
