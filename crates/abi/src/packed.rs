//! A region of guest memory in one `u64`: pointer above, length below.
//!
//! Wasm functions answer with one value on every toolchain; two would need multi-value returns, which several guest
//! languages cannot write.

/// Packs a pointer and a length as `ptr << 32 | len`.
///
/// ```
/// assert_eq!(wardian_abi::packed(1, 2), 0x0000_0001_0000_0002);
/// ```
#[must_use]
pub const fn packed(ptr: u32, len: u32) -> u64 {
    ((ptr as u64) << 32) | len as u64
}

/// Takes a packed result apart: `(ptr, len)`. Whether that region exists is for the host to check.
#[must_use]
pub const fn unpack(packed: u64) -> (u32, u32) {
    ((packed >> 32) as u32, packed as u32)
}

#[cfg(test)]
mod tests {
    use super::{packed, unpack};

    #[test]
    fn extremes_survive_the_round_trip() {
        for pair in [
            (0, 0),
            (u32::MAX, 0),
            (0, u32::MAX),
            (u32::MAX, u32::MAX),
            (1 << 31, 1),
        ] {
            assert_eq!(unpack(packed(pair.0, pair.1)), pair);
        }
    }
}
