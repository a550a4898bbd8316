//! One block of text for all cells: a cell says where its text lies, so that a shared string is there once.

use wardian_abi::table::Span;

use crate::budget::TEXT_BYTES_MAX;
use crate::error::SheetError;

/// The block.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    block: String,
    /// The text that was added last, since neighbours are often equal.
    last: Option<Span>,
}

impl Texts {
    pub(crate) fn block(&self) -> &str {
        &self.block
    }

    /// Where the text lies now.
    pub(crate) fn add(&mut self, text: &str) -> Result<Span, SheetError> {
        if let Some(last) = self.last.filter(|last| last.of(&self.block) == Some(text)) {
            return Ok(last);
        }
        let at = self.block.len();
        if text.len() > TEXT_BYTES_MAX - at.min(TEXT_BYTES_MAX) {
            return Err(SheetError::too_large(format!(
                "the text of all cells has more than {TEXT_BYTES_MAX} bytes: read one sheet at a time, or give a `range`"
            )));
        }
        self.block.push_str(text);
        let span = Span {
            at: at as u32,
            len: text.len() as u32,
        };
        self.last = Some(span);
        Ok(span)
    }

    pub(crate) fn get(&self, span: Span) -> &str {
        span.of(&self.block).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_holds_on_both_sides() {
        let mut texts = Texts::default();
        let half = "x".repeat(TEXT_BYTES_MAX / 2);
        texts.add(&half).unwrap();
        let again = texts.add(&half).unwrap();
        assert_eq!(again.at, 0, "equal neighbours lie in one place");
        texts.add(&half[1..]).unwrap();
        texts.add("y").unwrap();
        assert_eq!(texts.add("z").unwrap_err().code, "sheet.too_large");
        assert_eq!(texts.block().len(), TEXT_BYTES_MAX);
    }
}
