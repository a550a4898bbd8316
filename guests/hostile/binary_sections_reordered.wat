;; expect: load.invalid

;; Code before the types that it needs.
(module binary "\00asm\01\00\00\00\0a\04\01\02\00\0b\01\04\01`\00\00")
