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
    for ((row, out), _) in a.chunks_exact(n).zip(product.chunks_exact_mut(n)).zip(0..n) {
        for (&left, right) in row.iter().zip(b.chunks_exact(n)) {
            for (sum, &r) in out.iter_mut().zip(right) {
                *sum += left * r;
            }
        }
    }
    product.iter().sum()
}

/// Halves an RGBA picture of floats again and again with a 3 × 3 kernel: what image work does to floats.
#[must_use]
pub fn blur(side: usize, rounds: usize) -> f64 {
    let mut picture: Vec<f32> = (0..side * side)
        .map(|i| ((i * 7919) % 256) as f32 / 255.0)
        .collect();
    let mut next = picture.clone();
    for _ in 0..rounds {
        for y in 1..side - 1 {
            let (above, here, below) = (
                &picture[(y - 1) * side..y * side],
                &picture[y * side..(y + 1) * side],
                &picture[(y + 1) * side..],
            );
            for x in 1..side - 1 {
                let edges = above[x] + below[x] + here[x - 1] + here[x + 1];
                let corners = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1];
                next[y * side + x] = here[x] * 0.25 + edges * 0.125 + corners * 0.0625;
            }
        }
        std::mem::swap(&mut picture, &mut next);
    }
    picture.iter().map(|&p| f64::from(p)).sum()
}

/// Adds up bytes of a fresh block until `bytes` are dirty: what a call costs that uses memory.
#[must_use]
pub fn dirty(bytes: usize) -> u64 {
    let mut block = vec![0u8; bytes];
    for page in block.chunks_mut(4096) {
        page[0] = 1;
    }
    std::hint::black_box(&block)
        .iter()
        .step_by(4096)
        .map(|&b| u64::from(b))
        .sum()
}
