//! The spool: a file of bounded size that holds denials while the sink does not take them, across restarts.
//!
//! A header of fixed length says up to where the file was replayed; then comes one record a line: eight bytes of BLAKE3 in
//! hexadecimal, a space, the event. A record that a crash tore, or that was changed, does not have its sum: it is passed over
//! and counted. When all is replayed the file is cut back to its header. When it is full and at least half of it was replayed,
//! the rest moves to the front, which never overwrites what is not replayed yet.
//!
//! Whoever can write the file can make events: the sum is against accidents.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::denials::config::SpoolConfig;
use crate::denials::sink::open_regular;

/// Begins the file; two numbers of 20 digits follow: where the rest to replay begins, and where the file ends if it is being
/// cut, else 0.
const MAGIC: &str = "wardian-denials-1 ";
const NUMBERS_BYTES: usize = 20 + 1 + 20 + 1;
const HEADER_BYTES: u64 = (MAGIC.len() + NUMBERS_BYTES) as u64;
/// Sixteen digits, a space and a line break.
const FRAME_BYTES: u64 = 16 + 1 + 1;
/// No record is longer: an event has seven fields of 24 KiB when escaped, `denials_lost` 257 names.
const RECORD_BYTES_MAX: usize = 256 << 10;

/// Why there is no spool.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It is a link, no regular file, or not to be opened.
    #[error("spool `{}` is not opened", path.display())]
    Open {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another log has it, or a log that is not closed yet.
    #[error("spool `{}` is in use by another log", .0.display())]
    InUse(PathBuf),
    /// There is a file that is no spool; it is left as it is.
    #[error("`{}` is no spool of denials", .0.display())]
    Foreign(PathBuf),
}

/// An open spool. The file is locked as long as it lives.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    bytes_max: u64,
    /// Where the rest to replay begins.
    start: u64,
    end: u64,
    torn: bool,
    closed: bool,
    /// Whether the header says what is not so any more: nothing is added before it is mended.
    stale: bool,
}

/// A record as it lies in the spool.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The event; nothing if the record is damaged.
    pub(super) json: Option<Arc<str>>,
    /// What it takes in the file.
    pub(super) bytes: u64,
}

impl Spool {
    pub(super) fn open(config: &SpoolConfig) -> Result<Spool, SpoolError> {
        let path = &config.path;
        let open = |source| SpoolError::Open {
            path: path.clone(),
            source,
        };
        let file = open_regular(OpenOptions::new().read(true).write(true), path).map_err(open)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SpoolError::InUse(path.clone())),
            Err(TryLockError::Error(source)) => return Err(open(source)),
        }
        let mut spool = Spool {
            file,
            bytes_max: config.bytes_max,
            start: HEADER_BYTES,
            end: HEADER_BYTES,
            torn: false,
            closed: false,
            stale: false,
        };
        if spool.recover().map_err(open)? {
            Ok(spool)
        } else {
            Err(SpoolError::Foreign(Path::to_owned(path)))
        }
    }

    pub(super) fn shared(self) -> Arc<Mutex<Spool>> {
        Arc::new(Mutex::new(self))
    }

    /// Gives the file to whoever wants it next. Who still has this changes nothing any more.
    pub(super) fn close(&mut self) {
        self.closed = true;
        // It fails on what is no file, and then nobody can have it.
        let _ = self.file.unlock();
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Whether the last record was half-written when it was opened.
    pub(super) const fn was_torn(&self) -> bool {
        self.torn
    }

    /// Finds out where the file begins and ends; gives whether it is a spool.
    fn recover(&mut self) -> io::Result<bool> {
        let bytes = self.file.metadata()?.len();
        let header = self.read_at(0, HEADER_BYTES)?;
        let own = MAGIC.as_bytes();
        let numbers = header.strip_prefix(own).and_then(numbers);
        let Some((start, end)) = numbers else {
            // A crash may have torn the header of a file that holds nothing else yet.
            let fresh = bytes < HEADER_BYTES
                && own.starts_with(header.get(..own.len().min(header.len())).unwrap_or(own));
            if fresh {
                self.file.set_len(0)?;
                self.write_header(HEADER_BYTES, 0)?;
            }
            return Ok(fresh);
        };
        // Where the last cut was not finished, it is now.
        let bytes = if end == 0 { bytes } else { bytes.min(end) };
        self.end = self.last_line_end(bytes.max(HEADER_BYTES))?;
        self.torn = self.end < bytes;
        self.file.set_len(self.end)?;
        self.start = if (HEADER_BYTES..=self.end).contains(&start) {
            start
        } else {
            HEADER_BYTES
        };
        self.write_header(self.start, 0)?;
        Ok(true)
    }

    /// Behind the last line break before `end`, or behind the header.
    fn last_line_end(&self, mut end: u64) -> io::Result<u64> {
        while end > HEADER_BYTES {
            let from = end
                .saturating_sub(RECORD_BYTES_MAX as u64)
                .max(HEADER_BYTES);
            let chunk = self.read_at(from, end - from)?;
            if let Some(at) = chunk.iter().rposition(|byte| *byte == b'\n') {
                return Ok(from + at as u64 + 1);
            }
            end = from;
        }
        Ok(HEADER_BYTES)
    }

    /// Adds events in order, as many as fit, and gives how many those are. Either all of those are in the file or none.
    ///
    /// # Errors
    /// The disk's; then none is.
    pub(super) fn append<'a>(
        &mut self,
        events: impl ExactSizeIterator<Item = &'a str> + Clone,
    ) -> io::Result<usize> {
        let all = events.len();
        let (mut records, mut kept) = self.fitting(events.clone());
        if kept < all && self.compact()? {
            (records, kept) = self.fitting(events);
        }
        self.put(&records)?;
        Ok(kept)
    }

    /// Adds one last event past the bound, if nothing is past it yet, and gives whether it did.
    pub(super) fn append_last(&mut self, event: &str) -> io::Result<bool> {
        let fits = self.end <= self.bytes_max.max(HEADER_BYTES);
        if fits {
            self.put(&record(event))?;
        }
        Ok(fits)
    }

    fn fitting<'a>(&self, events: impl Iterator<Item = &'a str>) -> (String, usize) {
        let room = self.bytes_max.saturating_sub(self.end);
        let (mut records, mut kept) = (String::new(), 0);
        for event in events {
            if records.len() as u64 + event.len() as u64 + FRAME_BYTES > room {
                break;
            }
            records.push_str(&record(event));
            kept += 1;
        }
        (records, kept)
    }

    fn put(&mut self, records: &str) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        if self.stale {
            // In this order: a file that ends where its header says is whole.
            self.file.set_len(self.end)?;
            self.write_header(self.start, 0)?;
        }
        let written = self.file.write_all_at(records.as_bytes(), self.end);
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // If that fails too, the half record does not have its sum, or the next one is written over it.
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        self.end += records.len() as u64;
        Ok(())
    }

    /// The next records to replay; none if there are none. They stay until [`Spool::advance`].
    pub(super) fn read(&self) -> io::Result<VecDeque<Record>> {
        if self.closed {
            return Ok(VecDeque::new());
        }
        let left = self.end.saturating_sub(self.start);
        let chunk = self.read_at(self.start, left.min(RECORD_BYTES_MAX as u64))?;
        let lines = chunk.split_inclusive(|byte| *byte == b'\n');
        let whole = |line: &&[u8]| line.ends_with(b"\n");
        let mut records: VecDeque<Record> = lines.take_while(whole).map(parsed).collect();
        if records.is_empty() && !chunk.is_empty() {
            // Longer than any of ours.
            records.push_back(Record {
                json: None,
                bytes: chunk.len() as u64,
            });
        }
        Ok(records)
    }

    /// Drops that many bytes of what [`Spool::read`] gave.
    ///
    /// # Errors
    /// The disk's; this process knows all the same.
    pub(super) fn advance(&mut self, bytes: u64) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        self.start = (self.start + bytes).min(self.end);
        if self.start < self.end {
            // Where the file was not cut yet, the header goes on to say where it ends.
            let end = if self.stale { self.end } else { 0 };
            return self.write_header(self.start, end);
        }
        (self.start, self.end) = (HEADER_BYTES, HEADER_BYTES);
        self.stale = true;
        // In this order: a start behind the end means that nothing is left.
        self.file.set_len(HEADER_BYTES)?;
        self.write_header(HEADER_BYTES, 0)
    }

    /// Moves what is left to the front, if that overwrites only what was replayed; gives whether it did.
    fn compact(&mut self) -> io::Result<bool> {
        let left = self.end - self.start;
        if self.start - HEADER_BYTES < left || self.start == HEADER_BYTES {
            return Ok(false);
        }
        let mut moved = 0;
        while moved < left {
            let chunk = self.read_at(
                self.start + moved,
                (left - moved).min(RECORD_BYTES_MAX as u64),
            )?;
            if chunk.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.file.write_all_at(&chunk, HEADER_BYTES + moved)?;
            moved += chunk.len() as u64;
        }
        self.file.sync_data()?;
        let end = HEADER_BYTES + left;
        // One write says both. A crash before it changes nothing; after it, opening finishes the cut.
        self.write_header(HEADER_BYTES, end)?;
        (self.start, self.end) = (HEADER_BYTES, end);
        self.stale = true;
        self.file.set_len(end)?;
        self.write_header(HEADER_BYTES, 0)?;
        Ok(true)
    }

    fn write_header(&mut self, start: u64, end: u64) -> io::Result<()> {
        let header = format!("{MAGIC}{start:020} {end:020}\n");
        self.file.write_all_at(header.as_bytes(), 0)?;
        self.stale = end != 0;
        Ok(())
    }

    /// Up to that many bytes from `from`; fewer at the end of the file.
    fn read_at(&self, from: u64, bytes: u64) -> io::Result<Vec<u8>> {
        let mut out = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
        let mut filled = 0;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, from + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        out.truncate(filled);
        Ok(out)
    }
}

fn numbers(text: &[u8]) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
    let (start, end) = text.split_once(' ')?;
    Some((start.parse().ok()?, end.parse().ok()?))
}

fn sum(event: &[u8]) -> String {
    let mut hex = blake3::hash(event).to_hex().to_string();
    hex.truncate(16);
    hex
}

fn record(event: &str) -> String {
    format!("{} {event}\n", sum(event.as_bytes()))
}

fn parsed(line: &[u8]) -> Record {
    let event = line.strip_suffix(b"\n").and_then(|line| {
        let (digits, event) = line.split_at_checked(16)?;
        let event = event.strip_prefix(b" ")?;
        let event = (digits == sum(event).as_bytes()).then_some(event)?;
        std::str::from_utf8(event).ok().map(Arc::from)
    });
    Record {
        json: event,
        bytes: line.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test that cannot go on says where.

    use super::*;

    fn events(spool: &Spool) -> Vec<String> {
        let records = spool.read().unwrap().into_iter();
        records
            .map(|record| record.json.unwrap().to_string())
            .collect()
    }

    #[test]
    fn a_cut_that_failed_is_made_good_before_anything_is_added() {
        let dir = tempfile::tempdir().unwrap();
        let config = SpoolConfig {
            path: dir.path().join("spool"),
            bytes_max: 1 << 20,
        };
        let mut spool = Spool::open(&config).unwrap();
        spool.append(["1", "2", "3"].into_iter()).unwrap();
        // As if the disk had refused to cut the file, once the header said where.
        let first = HEADER_BYTES + spool.read().unwrap()[0].bytes;
        spool.write_header(HEADER_BYTES, first).unwrap();
        spool.end = first;
        // Replaying something meanwhile does not hide that.
        spool.advance(0).unwrap();
        assert!(spool.stale);
        spool.append(["4"].into_iter()).unwrap();
        assert_eq!(events(&spool), ["1", "4"]);
        drop(spool);
        let spool = Spool::open(&config).unwrap();
        assert!(!spool.was_torn());
        assert_eq!(events(&spool), ["1", "4"]);
    }

    #[test]
    fn an_end_that_failed_is_made_good_too() {
        let dir = tempfile::tempdir().unwrap();
        let config = SpoolConfig {
            path: dir.path().join("spool"),
            bytes_max: 1 << 20,
        };
        let mut spool = Spool::open(&config).unwrap();
        spool.append(["1", "2"].into_iter()).unwrap();
        let first = spool.read().unwrap()[0].bytes;
        spool.advance(first).unwrap();
        // As if the disk had refused to cut the file after the last one: its header has the old start.
        (spool.start, spool.end, spool.stale) = (HEADER_BYTES, HEADER_BYTES, true);
        spool.append(["3"].into_iter()).unwrap();
        drop(spool);
        assert_eq!(events(&Spool::open(&config).unwrap()), ["3"]);
    }
}
