;; expect: load.proposal legacy-exceptions

;; Exceptions as they were first drawn up.
(module binary "\00asm\01\00\00\00\01\04\01`\00\00\03\02\01\00\07\07\01\03run\00\00\0a\08\01\06\00\06@\19\0b\0b")
