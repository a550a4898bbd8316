;; expect: load.proposal wide-arithmetic

;; A multiplication with a result of 128 bits.
(module (func (export "run") (i64.mul_wide_u (i64.const -1) (i64.const -1)) (drop) (drop)))
