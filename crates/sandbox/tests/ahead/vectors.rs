//! A guest that is all vectors, and the same in plain Rust: every instruction of it is made otherwise by the compiler
//! where a processor has more features.

/// `mix(rounds) -> i64`.
pub const GUEST: &str = r#"(module
  (func (export "mix") (param $rounds i32) (result i64)
    (local $v v128) (local $w v128) (local $n v128) (local $f v128) (local $sum i64) (local $i i32) (local $x i64)
    (local.set $v (v128.const i32x4 0x12345678 0x9abcdef0 0x0fedcba9 0x87654321))
    (local.set $w (v128.const i8x16 3 200 7 15 14 255 1 0 9 128 4 11 77 2 6 5))
    (loop $next
      ;; Bytes: shuffled by themselves, their bits counted, averaged.
      (local.set $n (i8x16.add (i8x16.swizzle (local.get $v) (local.get $w)) (i8x16.popcnt (local.get $w))))
      (local.set $n (v128.xor (local.get $n) (i8x16.avgr_u (local.get $v) (local.get $w))))
      ;; Whole numbers of every width.
      (local.set $n (v128.xor (local.get $n) (i32x4.mul (local.get $v) (local.get $w))))
      (local.set $n (v128.xor (local.get $n) (i64x2.mul (local.get $v) (local.get $w))))
      (local.set $n (v128.xor (local.get $n) (i64x2.shr_s (local.get $v) (local.get $i))))
      (local.set $n (v128.xor (local.get $n) (i64x2.abs (local.get $w))))
      (local.set $n (v128.xor (local.get $n) (i16x8.q15mulr_sat_s (local.get $v) (local.get $w))))
      ;; Floats: converted, multiplied and added in one rounding, divided, rounded, rooted, converted back.
      (local.set $f (f32x4.convert_i32x4_u (local.get $v)))
      (local.set $f (f32x4.relaxed_madd (local.get $f) (f32x4.convert_i32x4_s (local.get $w)) (local.get $f)))
      (local.set $f (f32x4.nearest (f32x4.div (local.get $f) (f32x4.splat (f32.const 3)))))
      (local.set $f (f32x4.sqrt (f32x4.abs (local.get $f))))
      (local.set $n (v128.xor (local.get $n) (i32x4.trunc_sat_f32x4_u (local.get $f))))
      ;; Single words: zeros in front and behind, bits counted, shifts by a variable.
      (local.set $x (i64x2.extract_lane 0 (local.get $n)))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
        (i64.add (i64.clz (local.get $x)) (i64.add (i64.ctz (local.get $x)) (i64.popcnt (local.get $x))))))
      (local.set $sum (i64.xor (local.get $sum) (i64.rotl (local.get $x) (i64.extend_i32_u (local.get $i)))))
      (local.set $sum (i64.add (local.get $sum)
        (i64.and (i64.xor (local.get $x) (i64.const -1)) (i64x2.extract_lane 1 (local.get $n)))))
      (local.set $w (i8x16.shuffle 31 2 29 4 27 6 25 8 23 10 21 12 19 14 17 0 (local.get $v) (local.get $n)))
      (local.set $v (local.get $n))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $rounds))))
    (local.get $sum)))"#;

type V = [u8; 16];

fn lanes<const N: usize, T>(
    v: V,
    w: V,
    read: impl Fn([u8; N]) -> T,
    each: impl Fn(T, T) -> [u8; N],
) -> V {
    let mut out = [0; 16];
    for at in (0..16).step_by(N) {
        let take = |from: &V| read(from[at..at + N].try_into().expect("N bytes"));
        out[at..at + N].copy_from_slice(&each(take(&v), take(&w)));
    }
    out
}

fn xor(a: V, b: V) -> V {
    lanes(a, b, u128::from_le_bytes, |x, y| (x ^ y).to_le_bytes())
}

fn bytes(v: V, w: V) -> V {
    std::array::from_fn(|n| {
        let swizzled = v.get(usize::from(w[n])).copied().unwrap_or(0);
        let average = (u16::from(v[n]) + u16::from(w[n])).div_ceil(2);
        swizzled.wrapping_add(w[n].count_ones() as u8) ^ average as u8
    })
}

fn saturating_q15(x: i16, y: i16) -> [u8; 2] {
    let product = (i32::from(x) * i32::from(y) + 0x4000) >> 15;
    (product.clamp(i16::MIN.into(), i16::MAX.into()) as i16).to_le_bytes()
}

fn floats(v: u32, w: u32) -> [u8; 4] {
    let f = v as f32;
    let f = f.mul_add(w.cast_signed() as f32, f);
    let f = (f / 3.0).round_ties_even().abs().sqrt();
    (f as u32).to_le_bytes()
}

/// What the guest answers, without a vector.
pub fn expected(rounds: u32) -> i64 {
    let words = [0x1234_5678_u32, 0x9abc_def0, 0x0fed_cba9, 0x8765_4321];
    let mut v: V = std::array::from_fn(|n| words[n / 4].to_le_bytes()[n % 4]);
    let mut w: V = [3, 200, 7, 15, 14, 255, 1, 0, 9, 128, 4, 11, 77, 2, 6, 5];
    let mut sum = 0_i64;
    for i in 0..rounds {
        let parts = [
            bytes(v, w),
            lanes(v, w, u32::from_le_bytes, |x, y| {
                x.wrapping_mul(y).to_le_bytes()
            }),
            lanes(v, w, u64::from_le_bytes, |x, y| {
                x.wrapping_mul(y).to_le_bytes()
            }),
            lanes(v, w, i64::from_le_bytes, |x, _| {
                x.wrapping_shr(i).to_le_bytes()
            }),
            lanes(v, w, i64::from_le_bytes, |_, y| {
                y.wrapping_abs().to_le_bytes()
            }),
            lanes(v, w, i16::from_le_bytes, saturating_q15),
            lanes(v, w, u32::from_le_bytes, floats),
        ];
        let n = parts.into_iter().reduce(xor).expect("seven");
        let half = |at: usize| i64::from_le_bytes(n[at..at + 8].try_into().expect("eight"));
        let (x, y) = (half(0), half(8));
        let counted = x.leading_zeros() + x.trailing_zeros() + x.count_ones();
        sum = sum.wrapping_mul(31).wrapping_add(i64::from(counted));
        sum ^= x.rotate_left(i % 64);
        sum = sum.wrapping_add(!x & y);
        const ORDER: [usize; 16] = [31, 2, 29, 4, 27, 6, 25, 8, 23, 10, 21, 12, 19, 14, 17, 0];
        w = ORDER.map(|from| if from < 16 { v[from] } else { n[from - 16] });
        v = n;
    }
    sum
}
