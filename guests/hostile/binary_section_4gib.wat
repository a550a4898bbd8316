;; expect: load.invalid

;; A section that claims 4 GiB.
(module binary "\00asm\01\00\00\00\0a\ff\ff\ff\ff\0f\01")
