;; expect: load.limit.functions

;; A function section that claims four thousand million functions.
(module binary "\00asm\01\00\00\00\01\04\01`\00\00\03\05\ff\ff\ff\ff\0f")
