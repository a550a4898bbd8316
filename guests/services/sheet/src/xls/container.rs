//! Compound files (MS-CFB): a small file system of sectors, of which the chains are the danger. A chain is followed only
//! as long as the file has sectors, so one that bites its tail ends in an error.

use encoding_rs::UTF_16LE;

use super::u32_at;
use crate::error::SheetError;

const WHAT: &str = "the compound file";
const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
const MINI_BYTES: usize = 64;
/// Streams below this length lie in the small sectors.
const MINI_STREAM_BELOW: u32 = 4096;
/// Numbers from here on are no sectors.
const SECTORS_END: u32 = 0xffff_fffa;
const CHAIN_END: u32 = 0xffff_fffe;

/// A compound file whose directory was read.
#[derive(Debug)]
pub(crate) struct Container<'a> {
    sectors: Sectors<'a>,
    /// The next sector of each.
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    /// A stream, not a folder.
    is_stream: bool,
    start: u32,
    len: u32,
}

/// Sectors of one size, counted from 0, behind the header.
#[derive(Clone, Copy, Debug)]
struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl<'a> Sectors<'a> {
    /// A sector; the last one may be cut short.
    fn get(&self, number: u32) -> Option<&'a [u8]> {
        let at = usize::try_from(number).ok()?.checked_mul(self.size)?;
        let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
        Some(rest.get(..self.size).unwrap_or(rest))
    }

    fn count(&self) -> usize {
        self.bytes.len().div_ceil(self.size)
    }

    /// The bytes of a chain, at most `max` of them.
    fn chain(&self, start: u32, next: &[u32], max: usize) -> Result<Vec<u8>, SheetError> {
        let (mut out, mut at, mut steps) = (Vec::new(), start, 0);
        while at != CHAIN_END && out.len() < max {
            let sector = self
                .get(at)
                .ok_or_else(|| malformed("a chain leads out of it"))?;
            steps += 1;
            if steps > self.count() {
                return Err(malformed("a chain has no end"));
            }
            let wanted = sector.get(..max - out.len()).unwrap_or(sector);
            out.extend_from_slice(wanted);
            at = *next
                .get(at as usize)
                .ok_or_else(|| malformed("a chain leads out of its table"))?;
        }
        Ok(out)
    }
}

impl<'a> Container<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Container<'a>, SheetError> {
        let cut_off = || malformed("it is cut off");
        let header = bytes.get(..HEADER_BYTES).ok_or_else(cut_off)?;
        let field = |at| u32_at(header, at).unwrap_or(SECTORS_END);
        let size = match header.get(30..32) {
            Some([9, 0]) => 512,
            Some([12, 0]) => 4096,
            _ => return Err(malformed("its sectors have no size that is known")),
        };
        // The header fills a whole sector, however large sectors are.
        let sectors = Sectors {
            bytes: bytes.get(size..).ok_or_else(cut_off)?,
            size,
        };
        let fat = table(&sectors, header)?;
        let directory = sectors.chain(field(48), &fat, bytes.len())?;
        let entries: Vec<Entry> = directory
            .chunks_exact(ENTRY_BYTES)
            .filter_map(Entry::read)
            .collect();
        let mut container = Container {
            sectors,
            fat,
            mini_fat: Vec::new(),
            mini: Vec::new(),
            entries,
        };
        container.read_mini(field(60))?;
        Ok(container)
    }

    /// The small sectors, which are a stream of the first entry.
    fn read_mini(&mut self, start: u32) -> Result<(), SheetError> {
        let Some(root) = self.entries.first() else {
            return Err(malformed("its directory is empty"));
        };
        if start >= SECTORS_END || root.start >= SECTORS_END {
            return Ok(());
        }
        let all = self.sectors.bytes.len();
        self.mini = self
            .sectors
            .chain(root.start, &self.fat, all.min(root.len as usize))?;
        self.mini_fat = numbers(&self.sectors.chain(start, &self.fat, all)?);
        Ok(())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let is_it = |entry: &&Entry| entry.is_stream && entry.name.eq_ignore_ascii_case(name);
        self.entries.iter().find(is_it)
    }

    /// The bytes of a stream; `None` where there is none of that name.
    pub(crate) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, SheetError> {
        let Some(entry) = self.entry(name) else {
            return Ok(None);
        };
        let len = entry.len as usize;
        let stream = if entry.len < MINI_STREAM_BELOW {
            let mini = Sectors {
                bytes: &self.mini,
                size: MINI_BYTES,
            };
            mini.chain(entry.start, &self.mini_fat, len)
        } else {
            self.sectors.chain(entry.start, &self.fat, len)
        }?;
        Ok(Some(stream))
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Option<Entry> {
        let kind = *bytes.get(66)?;
        if !matches!(kind, 1 | 2 | 5) {
            return None;
        }
        let (name, _) = UTF_16LE.decode_without_bom_handling(bytes.get(..64)?);
        let name = name.split('\0').next().unwrap_or_default().to_owned();
        Some(Entry {
            name,
            is_stream: kind == 2,
            start: u32_at(bytes, 116)?,
            len: u32_at(bytes, 120)?,
        })
    }
}

/// The table of chains: its own sectors are listed in the header and, for large files, in a chain of lists.
fn table(sectors: &Sectors<'_>, header: &[u8]) -> Result<Vec<u32>, SheetError> {
    let mut parts = numbers(header.get(76..).unwrap_or_default());
    let mut next = u32_at(header, 68).unwrap_or(CHAIN_END);
    let mut steps = 0;
    while next < SECTORS_END {
        steps += 1;
        let list = sectors
            .get(next)
            .ok_or_else(|| malformed("a list of sectors leads out of it"))?;
        if steps > sectors.count() {
            return Err(malformed("a list of sectors has no end"));
        }
        let mut list = numbers(list);
        next = list.pop().unwrap_or(CHAIN_END);
        parts.append(&mut list);
    }
    let mut fat = Vec::new();
    for part in parts.into_iter().filter(|part| *part < SECTORS_END) {
        let sector = sectors
            .get(part)
            .ok_or_else(|| malformed("its table leads out of it"))?;
        fat.extend(numbers(sector));
        // A table with more entries than the file has sectors repeats itself.
        if fat.len() > sectors.count() + sectors.size {
            return Err(malformed("its table is longer than the file"));
        }
    }
    Ok(fat)
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers
        .iter()
        .map(|number| u32::from_le_bytes(*number))
        .collect()
}

fn malformed(why: &str) -> SheetError {
    SheetError::malformed(WHAT, why)
}
