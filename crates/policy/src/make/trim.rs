//! Cuts a kept memory off behind its data.
//!
//! Loading a document of megabytes grows a guest's memory, which nothing can shrink; all of it but the policy is zeros
//! again. A pool, though, counts a memory's pages by what its module says.

use wasm_encoder::reencode::{Error as ReencodeError, Reencode, utils};
use wasm_encoder::{MemoryType, Module};
use wasmparser::{DataKind, Operator, Parser, Payload};

const WASM_PAGE_BYTES: u64 = 65536;

/// Why a memory cannot be cut.
#[derive(Debug, thiserror::Error)]
pub enum TrimError {
    /// It is no core module.
    #[error("the module cannot be read: {0}")]
    Unreadable(#[from] wasmparser::BinaryReaderError),
    /// It cannot be written anew.
    #[error("the module cannot be written: {0}")]
    Unwritable(#[from] ReencodeError),
}

/// Lowers the one memory's minimum to what its data reach to and `room` bytes more, and leaves a module with another form
/// as it is. Only for guests that ask for the memory's size anew where they need it, as the built-in rules do.
///
/// # Errors
/// [`TrimError`]: the module is none.
pub fn trim(core: &[u8], room: u64) -> Result<Vec<u8>, TrimError> {
    let Some(end) = data_end(core)? else {
        return Ok(core.to_vec());
    };
    let pages = end.saturating_add(room).div_ceil(WASM_PAGE_BYTES);
    let mut module = Module::new();
    Shorter { pages }.parse_core_module(&mut module, Parser::new(0), core)?;
    Ok(module.finish())
}

/// Where the last segment ends; none unless there is one memory and all segments are at known places.
fn data_end(core: &[u8]) -> Result<Option<u64>, TrimError> {
    let (mut memories, mut end) = (0, 0);
    for payload in Parser::new(0).parse_all(core) {
        match payload? {
            Payload::MemorySection(section) => memories += section.count(),
            Payload::DataSection(section) => {
                for segment in section {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else {
                        continue;
                    };
                    let mut operators = offset_expr.get_operators_reader();
                    let Operator::I32Const { value } = operators.read()? else {
                        return Ok(None);
                    };
                    let begin = u64::from(value.cast_unsigned());
                    end = end.max(begin.saturating_add(segment.data.len() as u64));
                }
            }
            _ => {}
        }
    }
    Ok((memories == 1).then_some(end))
}

struct Shorter {
    pages: u64,
}

impl Reencode for Shorter {
    type Error = std::convert::Infallible;

    fn memory_type(
        &mut self,
        memory: wasmparser::MemoryType,
    ) -> Result<MemoryType, ReencodeError<Self::Error>> {
        let memory = utils::memory_type(self, memory);
        let minimum = memory.minimum.min(self.pages);
        Ok(MemoryType { minimum, ..memory })
    }
}
