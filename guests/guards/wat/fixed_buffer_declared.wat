;; `fixed_buffer.wat`, and a custom section that says how much the buffer holds: a longer request is not sent.
(module
  (@custom "wardian:guard" "{\22request_bytes_max\22:16384}")
  (memory (export "memory") 1)
  ;; 15 bytes that are looked for.
  (data (i32.const 16) "\22status\22:\22paid\22")
  ;; The buffer: 1,024 to 17,407. Behind it the answers, of 11 and 42 bytes.
  (data (i32.const 17408) "{\22ok\22:true}")
  (data (i32.const 17424) "{\22ok\22:false,\22reason\22:\22status is not paid\22}")

  (func (export "alloc") (param $size i32) (result i32)
    (i32.const 1024))

  (func (export "eval") (param $pointer i32) (param $size i32) (result i64)
    (local $at i32)
    (block $absent
      (loop $next
        (br_if $absent
          (i32.gt_u (i32.add (local.get $at) (i32.const 15)) (local.get $size)))
        (if (call $found (i32.add (i32.const 1024) (local.get $at)))
          (then (return (call $packed (i32.const 17408) (i32.const 11)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (call $packed (i32.const 17424) (i32.const 42)))

  ;; Whether the 15 bytes at an address are those that are looked for.
  (func $found (param $address i32) (result i32)
    (local $i i32)
    (loop $next
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $address) (local.get $i)))
            (i32.load8_u (i32.add (i32.const 16) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 15))))
    (i32.const 1))

  (func $packed (param $pointer i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32))
      (i64.extend_i32_u (local.get $length)))))
