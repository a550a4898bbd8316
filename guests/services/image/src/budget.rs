//! What a picture may be at most, checked from its header before anything is allocated.

use crate::error::ImageError;

/// Bytes of a source.
pub const SOURCE_BYTES_MAX: usize = 20_000_000;
/// Pixels of a side, of sources and of results.
pub const SIDE_MAX: u32 = 8_000;
/// Bytes that one call may hold at once: what 256 MiB of memory leave beside code, tables and the allocator's slack.
pub const BYTES_MAX: u64 = 240 << 20;
/// Bytes of an ICC profile that is carried over; larger ones are dropped.
pub const PROFILE_BYTES_MAX: usize = 1 << 20;

/// Refuses a source that is empty or too long.
pub(crate) fn source(bytes: &[u8]) -> Result<(), ImageError> {
    match bytes.len() {
        0 => Err(ImageError::new(
            "image.unknown_format",
            "the source is empty",
        )),
        1..=SOURCE_BYTES_MAX => Ok(()),
        len => Err(ImageError::new(
            "image.too_many_bytes",
            format!("the source has {len} bytes, allowed {SOURCE_BYTES_MAX}"),
        )),
    }
}

/// Refuses sides of zero and sides that are too long.
pub(crate) fn sides(width: u32, height: u32) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::new(
            "image.malformed",
            format!("a picture of {width} × {height} has no pixels"),
        ));
    }
    if width > SIDE_MAX || height > SIDE_MAX {
        return Err(ImageError::new(
            "image.too_large",
            format!("the picture is {width} × {height}, allowed {SIDE_MAX} a side"),
        ));
    }
    Ok(())
}

/// Refuses what would take more than [`BYTES_MAX`] at once.
pub(crate) fn memory(step: &str, bytes: u64) -> Result<(), ImageError> {
    if bytes <= BYTES_MAX {
        return Ok(());
    }
    Err(ImageError::new(
        "image.too_much_memory",
        format!(
            "to {step} it takes {} MiB, allowed {} MiB",
            bytes.div_ceil(1 << 20),
            BYTES_MAX >> 20
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_holds_on_both_sides() {
        assert!(sides(SIDE_MAX, 1).is_ok());
        assert!(sides(1, SIDE_MAX).is_ok());
        assert_eq!(sides(SIDE_MAX + 1, 1).unwrap_err().code, "image.too_large");
        assert_eq!(sides(1, SIDE_MAX + 1).unwrap_err().code, "image.too_large");
        assert_eq!(sides(0, 1).unwrap_err().code, "image.malformed");
        assert!(memory("x", BYTES_MAX).is_ok());
        assert_eq!(
            memory("x", BYTES_MAX + 1).unwrap_err().code,
            "image.too_much_memory"
        );
        assert!(source(&[0]).is_ok());
        assert!(source(&vec![0; SOURCE_BYTES_MAX]).is_ok());
        assert_eq!(
            source(&vec![0; SOURCE_BYTES_MAX + 1]).unwrap_err().code,
            "image.too_many_bytes"
        );
        assert_eq!(source(&[]).unwrap_err().code, "image.unknown_format");
    }
}
