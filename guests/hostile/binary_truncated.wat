;; expect: load.invalid

;; A section that ends in the middle.
(module binary "\00asm\01\00\00\00\01 \01`")
