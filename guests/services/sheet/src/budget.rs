//! What a workbook may be at most. Every limit is looked at before space is made for what it limits.

use crate::error::SheetError;

/// Bytes of a source.
pub const SOURCE_BYTES_MAX: usize = 20_000_000;
/// Parts of an archive, whatever they hold.
pub const ENTRIES_MAX: usize = 10_000;
/// Bytes that the parts which are read may have together, unpacked.
pub const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Times that a part of more than [`RATIO_BYTES_MIN`] may be longer unpacked than packed. Sheets have 5 to 50.
pub const RATIO_MAX: u64 = 200;
/// Unpacked bytes below which a part may be packed as well as it likes.
pub const RATIO_BYTES_MIN: u64 = 1 << 20;
/// Elements inside one another.
pub const NESTING_MAX: u32 = 64;
/// Bytes of one tag, or of text between two.
pub const XML_TOKEN_BYTES_MAX: usize = 4 << 20;
/// Bytes of text, that of shared strings included, of all cells that are read.
pub const TEXT_BYTES_MAX: usize = 32 << 20;
/// Shared strings.
pub const STRINGS_MAX: usize = 4_000_000;
/// Sheets of a workbook.
pub const SHEETS_MAX: usize = 1_000;
/// Rows of a sheet, as Excel has them; CSV has as many as fit.
pub const ROWS_MAX: u32 = 1 << 20;
/// Columns of a sheet.
pub const COLUMNS_MAX: u32 = 1 << 14;
/// Number formats and cell styles.
pub const STYLES_MAX: usize = 65_536;
/// Merged areas of a sheet.
pub const MERGES_MAX: usize = 65_536;
/// Cells that one call gives, empty ones of the rectangle included, unless `cells_max` says otherwise.
pub const CELLS_DEFAULT: u32 = 2_000_000;
/// The most that `cells_max` can say.
pub const CELLS_MAX: u32 = 20_000_000;
/// Bytes of the result.
pub const OUTPUT_BYTES_MAX: usize = 60 << 20;

/// Refuses a source that is empty or too long.
pub(crate) fn source(bytes: &[u8]) -> Result<(), SheetError> {
    match bytes.len() {
        0 => Err(SheetError::new(
            "sheet.unknown_format",
            "the source is empty",
        )),
        1..=SOURCE_BYTES_MAX => Ok(()),
        len => Err(SheetError::new(
            "sheet.too_many_bytes",
            format!("the source has {len} bytes, allowed {SOURCE_BYTES_MAX}"),
        )),
    }
}

/// Refuses a number of things that is beyond what is allowed.
pub(crate) fn count(what: &str, found: usize, max: usize) -> Result<(), SheetError> {
    if found <= max {
        return Ok(());
    }
    Err(SheetError::too_large(format!(
        "the workbook has {found} {what} or more, allowed {max}"
    )))
}

/// Refuses a result that has become too long.
pub(crate) fn output(bytes: usize) -> Result<(), SheetError> {
    if bytes <= OUTPUT_BYTES_MAX {
        return Ok(());
    }
    Err(SheetError::too_large(format!(
        "the result has {bytes} bytes or more, allowed {OUTPUT_BYTES_MAX}: read one sheet at a time, or give a `range`"
    )))
}

/// Refuses a part whose entry promises what no honest one does.
pub(crate) fn part(packed: u64, unpacked: u64) -> Result<(), SheetError> {
    if unpacked > UNPACKED_BYTES_MAX {
        return Err(SheetError::too_large(format!(
            "a part has {unpacked} bytes unpacked, allowed {UNPACKED_BYTES_MAX}"
        )));
    }
    if unpacked > RATIO_BYTES_MIN && unpacked > packed.saturating_mul(RATIO_MAX) {
        return Err(SheetError::too_large(format!(
            "a part of {packed} bytes has {unpacked} unpacked, allowed {RATIO_MAX} times as many"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_holds_on_both_sides() {
        let code = |result: Result<(), SheetError>| result.map_err(|error| error.code);
        assert_eq!(code(source(&[0])), Ok(()));
        assert_eq!(code(source(&vec![0; SOURCE_BYTES_MAX])), Ok(()));
        let long = source(&vec![0; SOURCE_BYTES_MAX + 1]);
        assert_eq!(code(long), Err("sheet.too_many_bytes"));
        assert_eq!(code(source(&[])), Err("sheet.unknown_format"));
        assert_eq!(code(count("x", 7, 7)), Ok(()));
        assert_eq!(code(count("x", 8, 7)), Err("sheet.too_large"));
        assert_eq!(code(output(OUTPUT_BYTES_MAX)), Ok(()));
        assert_eq!(code(output(OUTPUT_BYTES_MAX + 1)), Err("sheet.too_large"));
        let half = UNPACKED_BYTES_MAX / 2;
        assert_eq!(code(part(half, UNPACKED_BYTES_MAX)), Ok(()));
        let long = part(half, UNPACKED_BYTES_MAX + 1);
        assert_eq!(code(long), Err("sheet.too_large"));
        assert_eq!(code(part(0, RATIO_BYTES_MIN)), Ok(()));
        assert_eq!(code(part(0, RATIO_BYTES_MIN + 1)), Err("sheet.too_large"));
        assert_eq!(code(part(10_000, 10_000 * RATIO_MAX)), Ok(()));
        let packed = part(10_000, 10_000 * RATIO_MAX + 1);
        assert_eq!(code(packed), Err("sheet.too_large"));
    }
}
