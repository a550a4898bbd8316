;; expect: load.invalid

;; A picture, not a module.
(module binary "\89PNG\0d\0a\1a\0a\00\00\00\0dIHDR")
