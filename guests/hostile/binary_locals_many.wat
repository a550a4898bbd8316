;; expect: load.limit.parts

;; A function with two thousand million locals, in ten bytes.
(module binary "\00asm\01\00\00\00\01\04\01`\00\00\03\02\01\00\07\07\01\03run\00\00\0a\0a\01\08\01\ff\ff\ff\ff\07\7f\0b")
