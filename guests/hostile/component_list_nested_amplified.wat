;; expect: limit.output
;; limits: output=1MiB

;; A list of lists which all name the same memory: a megabyte in the guest, gigabytes in the host.
(component
  (core module $m
    (memory (export "memory") 32)
    (func $fill
      (local $at i32)
      (local.set $at (i32.const 0x10000))
      (loop $next
        (i32.store (local.get $at) (i32.const 0))
        (i32.store offset=4 (local.get $at) (i32.const 0x10000))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 0x110000)))))
    (start $fill)
    (func (export "run") (result i32)
      (i32.store (i32.const 16) (i32.const 0x10000))
      (i32.store (i32.const 20) (i32.const 131072))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "run") (result (list (list u8))) (canon lift (core func $i "run") (memory (core memory $i "memory")))))
