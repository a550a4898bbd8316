;; expect: ok
;; call: eval service "\80"
;; image: blurhash contract contains "`hash` is no BlurHash of the waves that were asked for"

;; A hash of fewer digits than its waves take.
(module
  (memory (export "memory") 1)
  (data (i32.const 2048)
    "\81\a2ok\85\a4hash\bbLEHV6nWB2yk8pyo0adR*.7kCMdn\a1x\04\a1y\03\a5width\08\a6height\06")
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "eval") (param i32 i32) (result i64) (i64.const 0x00000800_0000003b)))
