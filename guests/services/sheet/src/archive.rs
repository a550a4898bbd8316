//! ZIP archives: the directory at the end, and parts unpacked as they are read.
//!
//! Read here rather than by a library, because every number in a directory is a promise of a stranger: how many entries
//! there are is looked at before any is kept, and a part ends in an error as soon as it becomes longer than its entry
//! says. Nothing is ever written to a path, so names need no more care than comparing.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use crate::budget::{self, ENTRIES_MAX, UNPACKED_BYTES_MAX};
use crate::error::SheetError;

const WHAT: &str = "the archive";
const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
const LOCATOR64_BYTES: usize = 20;
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// An archive's directory.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    /// Bytes before the archive, which offsets do not count.
    prefix: usize,
    /// By name in lower case, with slashes: what writers on Windows get wrong is the same part.
    entries: BTreeMap<String, Entry>,
    /// Unpacked so far, of all parts.
    unpacked: Cell<u64>,
}

#[derive(Clone, Debug)]
struct Entry {
    encrypted: bool,
    method: u16,
    crc: u32,
    packed: u64,
    unpacked: u64,
    offset: u64,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Archive<'a>, SheetError> {
        let end = find_end(bytes).ok_or_else(|| malformed("its directory is missing"))?;
        let Directory {
            count,
            size,
            offset,
        } = directory(bytes, end)?;
        if count > ENTRIES_MAX as u64 {
            return Err(SheetError::too_large(format!(
                "the archive has {count} parts, allowed {ENTRIES_MAX}"
            )));
        }
        // What stands before the archive shifts all offsets; the directory ends where its end begins.
        let begins = usize::try_from(size)
            .ok()
            .and_then(|size| end.checked_sub(size));
        let (begins, prefix) = match begins {
            Some(begins) if starts(bytes, begins, CENTRAL) || count == 0 => {
                let prefix = (begins as u64).checked_sub(offset);
                (begins, prefix.unwrap_or(0) as usize)
            }
            // Something lies between the two: the offset is all there is to go by.
            _ => (usize::try_from(offset).unwrap_or(usize::MAX), 0),
        };
        let mut archive = Archive {
            bytes,
            prefix,
            entries: BTreeMap::new(),
            unpacked: Cell::new(0),
        };
        archive.read_entries(begins, count)?;
        Ok(archive)
    }

    fn read_entries(&mut self, begins: usize, count: u64) -> Result<(), SheetError> {
        let mut rest = self.bytes.get(begins..).unwrap_or_default();
        for _ in 0..count {
            let cut_off = || malformed("its directory is cut off");
            let head = rest.get(..46).filter(|head| head.starts_with(CENTRAL));
            let head = head.ok_or_else(cut_off)?;
            let (name, extra, comment) = (u16_at(head, 28), u16_at(head, 30), u16_at(head, 32));
            let (name, extra) = (usize::from(name), usize::from(extra));
            let len = 46 + name + extra + usize::from(comment);
            let all = rest.get(..len).ok_or_else(cut_off)?;
            let entry = Entry::read(head, all.get(46 + name..46 + name + extra));
            let name = String::from_utf8_lossy(all.get(46..46 + name).unwrap_or_default());
            self.entries.insert(plain(&name), entry);
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&plain(name))
    }

    /// The names of all parts, in lower case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// A part, to be unpacked as it is read; `None` where there is none of that name.
    pub(crate) fn part(&self, name: &str) -> Result<Option<Part<'_>>, SheetError> {
        let Some(entry) = self.entries.get(&plain(name)) else {
            return Ok(None);
        };
        if entry.encrypted {
            return Err(SheetError::encrypted());
        }
        budget::part(entry.packed, entry.unpacked)?;
        let data = self
            .data(entry)
            .ok_or_else(|| malformed("a part lies outside of it"))?;
        let source = match entry.method {
            0 => Source::Stored(data),
            8 => Source::Packed(Box::new(DeflateDecoder::new(data))),
            other => {
                return Err(SheetError::unsupported(format!(
                    "a part is packed by method {other}; deflate and none are read"
                )));
            }
        };
        Ok(Some(Part {
            source,
            crc: Crc::new(),
            due: entry.unpacked,
            crc_due: entry.crc,
            so_far: 0,
            all: &self.unpacked,
        }))
    }

    fn data(&self, entry: &Entry) -> Option<&'a [u8]> {
        let at = usize::try_from(entry.offset)
            .ok()?
            .checked_add(self.prefix)?;
        let head = self.bytes.get(at..at.checked_add(30)?)?;
        if !head.starts_with(LOCAL) {
            return None;
        }
        let names = usize::from(u16_at(head, 26)) + usize::from(u16_at(head, 28));
        let begins = at + 30 + names;
        let ends = begins.checked_add(usize::try_from(entry.packed).ok()?)?;
        self.bytes.get(begins..ends)
    }
}

impl Entry {
    fn read(head: &[u8], extra: Option<&[u8]>) -> Entry {
        let mut entry = Entry {
            encrypted: u16_at(head, 8) & 1 != 0,
            method: u16_at(head, 10),
            crc: u32_at(head, 16),
            packed: u32_at(head, 20).into(),
            unpacked: u32_at(head, 24).into(),
            offset: u32_at(head, 42).into(),
        };
        // Zip64: the fields that are full stand, in this order, in an extra field of their own.
        let mut wide = extra.and_then(zip64).unwrap_or_default();
        for field in [&mut entry.unpacked, &mut entry.packed, &mut entry.offset] {
            if *field == u64::from(u32::MAX)
                && let Some((number, rest)) = wide.split_first_chunk()
            {
                *field = u64::from_le_bytes(*number);
                wide = rest;
            }
        }
        entry
    }
}

fn zip64(mut extra: &[u8]) -> Option<&[u8]> {
    loop {
        let (head, rest) = extra.split_at_checked(4)?;
        let len = usize::from(u16_at(head, 2));
        let field = rest.get(..len)?;
        if u16_at(head, 0) == 1 {
            return Some(field);
        }
        extra = rest.get(len..)?;
    }
}

struct Directory {
    count: u64,
    size: u64,
    offset: u64,
}

/// The last place that says it is the end of a directory, and whose comment fits behind it.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let from = bytes
        .len()
        .saturating_sub(END_BYTES + usize::from(u16::MAX));
    let tail = bytes.get(from..)?;
    let is_end = |at: &usize| {
        let head = tail.get(*at..*at + END_BYTES);
        head.is_some_and(|head| {
            head.starts_with(END) && *at + END_BYTES + usize::from(u16_at(head, 20)) <= tail.len()
        })
    };
    let at = (0..tail.len().saturating_sub(END_BYTES - 1))
        .rev()
        .find(is_end)?;
    Some(from + at)
}

fn directory(bytes: &[u8], end: usize) -> Result<Directory, SheetError> {
    let head = bytes.get(end..end + END_BYTES).unwrap_or(&[0; END_BYTES]);
    if u16_at(head, 4) != 0 && u16_at(head, 4) != u16::MAX {
        return Err(SheetError::unsupported("the archive lies on several disks"));
    }
    let plain = Directory {
        count: u16_at(head, 10).into(),
        size: u32_at(head, 12).into(),
        offset: u32_at(head, 16).into(),
    };
    let full = plain.count == u64::from(u16::MAX) || plain.offset == u64::from(u32::MAX);
    if !full {
        return Ok(plain);
    }
    // Zip64: where the larger end lies stands right before this one.
    let wide = end
        .checked_sub(LOCATOR64_BYTES)
        .filter(|at| starts(bytes, *at, LOCATOR64))
        .and_then(|at| usize::try_from(u64_at(bytes, at + 8)?).ok())
        .filter(|at| starts(bytes, *at, END64));
    let Some(at) = wide else { return Ok(plain) };
    let field = |offset: usize| {
        let cut_off = || malformed("its directory is cut off");
        u64_at(bytes, at.saturating_add(offset)).ok_or_else(cut_off)
    };
    let (count, size, offset) = (field(32)?, field(40)?, field(48)?);
    // The entries end where this larger end begins, not where the small one does.
    let between = (end - at.min(end)) as u64;
    Ok(Directory {
        count,
        size: size.saturating_add(between),
        offset,
    })
}

/// A part as it comes out of the archive.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    source: Source<'a>,
    crc: Crc,
    due: u64,
    crc_due: u32,
    so_far: u64,
    all: &'a Cell<u64>,
}

#[derive(Debug)]
enum Source<'a> {
    Stored(&'a [u8]),
    Packed(Box<DeflateDecoder<&'a [u8]>>),
}

impl Part<'_> {
    /// The first bytes, at most `max`.
    pub(crate) fn beginning(mut self, max: usize) -> Result<Vec<u8>, SheetError> {
        let mut out = Vec::new();
        let read = Read::by_ref(&mut self)
            .take(max as u64)
            .read_to_end(&mut out);
        read.map_err(malformed)?;
        Ok(out)
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.source {
            Source::Stored(bytes) => bytes.read(buf),
            Source::Packed(packed) => packed.read(buf),
        };
        let len = read.map_err(malformed)?;
        if len == 0 && !buf.is_empty() {
            if self.so_far != self.due {
                return Err(malformed("a part is shorter than its entry says").into());
            }
            if self.crc.sum() != self.crc_due {
                return Err(malformed("a part is damaged").into());
            }
            return Ok(0);
        }
        self.crc.update(buf.get(..len).unwrap_or_default());
        self.so_far += len as u64;
        if self.so_far > self.due {
            return Err(malformed("a part is longer than its entry says").into());
        }
        let all = self.all.get() + len as u64;
        self.all.set(all);
        if all > UNPACKED_BYTES_MAX {
            return Err(SheetError::too_large(format!(
                "the parts have more than {UNPACKED_BYTES_MAX} bytes together, unpacked"
            ))
            .into());
        }
        Ok(len)
    }
}

fn malformed(why: impl std::fmt::Display) -> SheetError {
    SheetError::malformed(WHAT, why)
}

/// A name as parts are looked up by.
fn plain(name: &str) -> String {
    let name = name.replace('\\', "/").to_lowercase();
    name.strip_prefix('/')
        .map_or_else(|| name.clone(), str::to_owned)
}

fn starts(bytes: &[u8], at: usize, with: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(with))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let found = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*found))
}
