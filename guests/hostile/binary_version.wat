;; expect: load.invalid

;; A version of WebAssembly that does not exist.
(module binary "\00asm\7f\00\00\00")
