//! An entry's file: the artifact, then what was kept with it, then a footer that ends in the tag.
//!
//! The engine reads an artifact through its ELF headers and never looks behind it, so one file holds everything and
//! one rename publishes it. The artifact comes first because BLAKE3 is fastest over whole aligned pieces; what it
//! belongs to (digest, kind, settings) goes into the key instead of in front of the bytes.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::directory::Fault;
use super::{Entry, EntryInfo, EntryKey, Kind, NAME_BYTES_MAX, RECORD_BYTES_MAX, StoreMeta};

const SUFFIX: &str = ".artifact";
const MAGIC: [u8; 8] = *b"WRDNART1";
const CONTEXT: &[u8] = b"wardian disk cache entry v1";
const TAG_BYTES: usize = 32;
/// magic, artifact length, created, record length, name length, kind, digest, compat, tag.
const FOOTER_BYTES: usize = 8 + 8 + 8 + 4 + 4 + 8 + 32 + 32 + TAG_BYTES;
/// Read at a time: small enough for a second-level cache, large enough for BLAKE3's widest vectors.
const PIECE_BYTES: usize = 128 << 10;

/// `48.0.8-1.core.<32 hex of compat>.<64 hex of digest>.artifact`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryName {
    pub(super) version: String,
    kind: Kind,
    compat: String,
    digest: String,
}

/// The engine's version as a part of a file name, with this format's own version behind it.
pub(super) fn version_tag(engine_version: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '_');
    if (1..=32).contains(&engine_version.len()) && engine_version.chars().all(plain) {
        return format!("{engine_version}-1");
    }
    format!(
        "{}-1",
        hex(blake3::hash(engine_version.as_bytes()).as_bytes(), 32)
    )
}

impl EntryName {
    pub(super) fn new(version: &str, key: &EntryKey) -> EntryName {
        EntryName {
            version: version.to_owned(),
            kind: key.kind,
            compat: hex(&key.compat, 32),
            digest: hex(&key.digest, 64),
        }
    }

    /// Whether it was made of that module.
    pub(super) fn is_of(&self, digest: &[u8; 32]) -> bool {
        self.digest == hex(digest, 64)
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryName {
            version,
            kind,
            compat,
            digest,
        } = self;
        write!(f, "{version}.{}.{compat}.{digest}{SUFFIX}", kind.as_str())
    }
}

impl FromStr for EntryName {
    type Err = ();

    fn from_str(name: &str) -> Result<EntryName, ()> {
        let hexadecimal = |text: &str, len: usize| {
            text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let mut parts = name.strip_suffix(SUFFIX).ok_or(())?.rsplitn(4, '.');
        let digest = parts
            .next()
            .filter(|text| hexadecimal(text, 64))
            .ok_or(())?;
        let compat = parts
            .next()
            .filter(|text| hexadecimal(text, 32))
            .ok_or(())?;
        let kind = match parts.next() {
            Some("core") => Kind::Core,
            Some("component") => Kind::Component,
            _ => return Err(()),
        };
        let version = parts.next().filter(|text| !text.is_empty()).ok_or(())?;
        Ok(EntryName {
            version: version.to_owned(),
            kind,
            compat: compat.to_owned(),
            digest: digest.to_owned(),
        })
    }
}

fn hex(bytes: &[u8; 32], digits: usize) -> String {
    blake3::Hash::from_bytes(*bytes)
        .to_hex()
        .chars()
        .take(digits)
        .collect()
}

/// A hasher under a key that belongs to this entry alone: a file in another entry's place does not authenticate.
fn hasher(cache_key: &[u8; 32], key: &EntryKey) -> blake3::Hasher {
    let mut derive = blake3::Hasher::new_keyed(cache_key);
    derive
        .update(CONTEXT)
        .update(&[kind_byte(key.kind)])
        .update(&key.digest)
        .update(&key.compat);
    blake3::Hasher::new_keyed(derive.finalize().as_bytes())
}

fn kind_byte(kind: Kind) -> u8 {
    match kind {
        Kind::Core => 0,
        Kind::Component => 1,
    }
}

/// What stands before the tag.
#[derive(Debug, PartialEq, Eq)]
struct Footer {
    artifact_bytes: u64,
    created: u64,
    record_bytes: u32,
    name_bytes: u32,
    key: EntryKey,
}

impl Footer {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FOOTER_BYTES);
        out.extend(MAGIC);
        out.extend(self.artifact_bytes.to_le_bytes());
        out.extend(self.created.to_le_bytes());
        out.extend(self.record_bytes.to_le_bytes());
        out.extend(self.name_bytes.to_le_bytes());
        out.extend(u64::from(kind_byte(self.key.kind)).to_le_bytes());
        out.extend(self.key.digest);
        out.extend(self.key.compat);
        out
    }

    /// Reads the footer at the end of `tail`, whose file has `file_bytes`: the lengths must add up exactly.
    fn decode(tail: &[u8], file_bytes: u64) -> Option<Footer> {
        let start = tail.len().checked_sub(FOOTER_BYTES)?;
        let mut rest = tail.get(start..)?;
        if take::<8>(&mut rest)? != MAGIC {
            return None;
        }
        let footer = Footer {
            artifact_bytes: u64::from_le_bytes(take(&mut rest)?),
            created: u64::from_le_bytes(take(&mut rest)?),
            record_bytes: u32::from_le_bytes(take(&mut rest)?),
            name_bytes: u32::from_le_bytes(take(&mut rest)?),
            key: {
                let kind = match u64::from_le_bytes(take(&mut rest)?) {
                    0 => Kind::Core,
                    1 => Kind::Component,
                    _ => return None,
                };
                EntryKey {
                    kind,
                    digest: take(&mut rest)?,
                    compat: take(&mut rest)?,
                }
            },
        };
        let bounded = footer.record_bytes as usize <= RECORD_BYTES_MAX
            && footer.name_bytes as usize <= NAME_BYTES_MAX;
        let sum = footer
            .artifact_bytes
            .checked_add(footer.tail_bytes() as u64)?;
        (bounded && sum == file_bytes).then_some(footer)
    }

    /// Everything behind the artifact.
    fn tail_bytes(&self) -> usize {
        self.record_bytes as usize + self.name_bytes as usize + FOOTER_BYTES
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// What follows the artifact in its file, tag included.
pub(super) fn trailer(
    cache_key: &[u8; 32],
    key: &EntryKey,
    meta: StoreMeta<'_>,
    artifact: &[u8],
) -> Vec<u8> {
    // A record that is too long is left out: it saves its caller work, nothing more.
    let record = if meta.record.len() <= RECORD_BYTES_MAX {
        meta.record
    } else {
        &[]
    };
    let name = cut(meta.name, NAME_BYTES_MAX);
    let footer = Footer {
        artifact_bytes: artifact.len() as u64,
        created: SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |d| d.as_secs()),
        record_bytes: u32::try_from(record.len()).unwrap_or(0),
        name_bytes: u32::try_from(name.len()).unwrap_or(0),
        key: *key,
    };
    let mut out = Vec::with_capacity(footer.tail_bytes());
    out.extend(record);
    out.extend(name.as_bytes());
    out.extend(footer.encode());
    let tag = hasher(cache_key, key)
        .update(artifact)
        .update(&out)
        .finalize();
    out.extend(tag.as_bytes());
    out
}

/// The longest prefix of whole characters that fits.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max))
        .unwrap_or("")
}

/// Reads all of an open file and compares its tag; the same descriptor is handed on.
pub(super) fn authenticate(
    cache_key: &[u8; 32],
    key: &EntryKey,
    file: File,
    bytes: u64,
) -> Result<Entry, Fault> {
    let footer = read_footer(&file, bytes)?;
    if footer.key != *key {
        return Err(Fault::Bad("it is another module's".to_owned()));
    }
    let mut hasher = hasher(cache_key, key);
    let mut piece = vec![0; PIECE_BYTES];
    let mut at = 0;
    while at < footer.artifact_bytes {
        let want = usize::try_from(footer.artifact_bytes - at)
            .map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
        let buffer = piece.get_mut(..want).unwrap_or(&mut []);
        file.read_exact_at(buffer, at).map_err(truncated)?;
        hasher.update(buffer);
        at += want as u64;
    }
    // What is returned is what was hashed: the tail is read once.
    let mut tail = vec![0; footer.tail_bytes()];
    file.read_exact_at(&mut tail, footer.artifact_bytes)
        .map_err(truncated)?;
    let (body, tag) = tail
        .split_last_chunk::<TAG_BYTES>()
        .ok_or_else(unfinished)?;
    // `Hash`'s equality takes the same time wherever the difference is.
    if hasher.update(body).finalize() != blake3::Hash::from_bytes(*tag) {
        return Err(Fault::Bad("it does not authenticate".to_owned()));
    }
    tail.truncate(tail.len() - FOOTER_BYTES);
    let name = tail.split_off(footer.record_bytes as usize);
    let name = String::from_utf8(name).map_err(|_| Fault::Bad("its name is no text".to_owned()))?;
    Ok(Entry {
        file,
        artifact_bytes: footer.artifact_bytes,
        name,
        record: tail,
    })
}

fn read_footer(file: &File, bytes: u64) -> Result<Footer, Fault> {
    let start = bytes
        .checked_sub(FOOTER_BYTES as u64)
        .ok_or_else(unfinished)?;
    let mut tail = [0; FOOTER_BYTES];
    file.read_exact_at(&mut tail, start).map_err(truncated)?;
    Footer::decode(&tail, bytes).ok_or_else(unfinished)
}

fn unfinished() -> Fault {
    Fault::Bad("it is cut short or no entry of ours".to_owned())
}

fn truncated(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => unfinished(),
        _ => Fault::Io(error),
    }
}

/// What a listing shows, without authentication.
pub(super) fn describe(file: &File, bytes: u64, last_used: SystemTime) -> Option<EntryInfo> {
    let footer = read_footer(file, bytes).ok()?;
    let mut name = vec![0; footer.name_bytes as usize];
    let at = footer
        .artifact_bytes
        .checked_add(u64::from(footer.record_bytes))?;
    file.read_exact_at(&mut name, at).ok()?;
    let created = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(footer.created))?;
    Some(EntryInfo {
        key: footer.key,
        name: String::from_utf8(name).ok()?,
        bytes,
        created,
        last_used,
    })
}
