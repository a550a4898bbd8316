;; expect: guest
;; call: eval service "\80"
;; image: * guest contains "\\u{1b}[2J"

;; An error by a code of the image service's own, whose message would clear the terminal.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a3err\82\a4code\adimage.options\a7message\b9\1b[2J\1b]0;owned\07 \e2\80\aegnp.exe")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000003b)))
