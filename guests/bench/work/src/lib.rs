//! The work that the benches compare: one source, compiled natively and into every guest.
//!
//! The guests differ only in size and in the way bytes reach them: `alloc` + `eval` for engines that are driven by
//! hand, `run` for Extism's kit.

#[cfg(target_arch = "wasm32")]
pub mod abi;

#[cfg(feature = "large")]
pub mod large;

/// Allocates without growing memory first; see the manifest.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Parses a JSON text and writes it again. Text that is no JSON answers nothing.
#[must_use]
pub fn echo_json(input: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<serde_json::Value>(input)
        .and_then(|value| serde_json::to_vec(&value))
        .unwrap_or_default()
}

/// The product of two `n × n` matrices that `seed` fills, summed up: the tightest float loop there is.
#[must_use]
pub fn matmul(n: usize, seed: u32) -> f64 {
    let fill = |shift: u32| -> Vec<f64> {
        (0..n * n)
            .map(|i| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> shift))
            .collect()
    };
    let (a, b) = (fill(8), fill(9));
    let mut product = vec![0.0; n * n];
    for (row, out) in a.chunks_exact(n).zip(product.chunks_exact_mut(n)) {
        for (&left, right) in row.iter().zip(b.chunks_exact(n)) {
            for (sum, &r) in out.iter_mut().zip(right) {
                *sum += left * r;
            }
        }
    }
    product.iter().sum()
}

/// Blurs a picture of floats again and again with a 3 × 3 kernel, and sums it up: what image work does to floats.
#[must_use]
pub fn blur(side: usize, rounds: usize) -> f64 {
    let mut picture: Vec<f32> = (0..side * side)
        .map(|i| ((i * 7919) % 256) as f32 / 255.0)
        .collect();
    let mut next = picture.clone();
    for _ in 0..rounds {
        let rows = picture.chunks_exact(side);
        let triples = rows.clone().zip(rows.clone().skip(1)).zip(rows.skip(2));
        for (((above, here), below), out) in triples.zip(next.chunks_exact_mut(side).skip(1)) {
            let windows = above.windows(3).zip(here.windows(3)).zip(below.windows(3));
            for (((a, h), b), pixel) in windows.zip(out.iter_mut().skip(1)) {
                let edges = a[1] + b[1] + h[0] + h[2];
                let corners = a[0] + a[2] + b[0] + b[2];
                *pixel = h[1] * 0.25 + edges * 0.125 + corners * 0.0625;
            }
        }
        std::mem::swap(&mut picture, &mut next);
    }
    picture.iter().map(|&p| f64::from(p)).sum()
}
