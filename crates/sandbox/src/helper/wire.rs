//! One request and one reply, each a frame with a magic, lengths and caps on both. The same bytes on every platform.
//!
//! request: magic, u32 length of the job, the job as JSON, u64 length of the module, the module.
//! reply: magic, one status byte, u64 length, an artifact or a text.

use std::io::{self, Read, Write};

use super::Job;

const REQUEST: [u8; 8] = *b"WRDNREQ1";
const REPLY: [u8; 8] = *b"WRDNREP1";
/// The job's JSON.
pub(super) const JOB_BYTES_MAX: usize = 64 << 10;
/// A compiler's or a worker's message.
pub(super) const TEXT_BYTES_MAX: usize = 64 << 10;
/// Grown to before the peer has sent anything that would justify more.
const RESERVE_MAX: u64 = 1 << 20;

/// Why a frame was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("it does not begin with {expected:?}")]
    Magic { expected: &'static str },
    #[error("{what} of {bytes} bytes, allowed {max} bytes")]
    TooLong {
        what: &'static str,
        bytes: u64,
        max: u64,
    },
    #[error("the job cannot be understood: {0}")]
    Job(serde_json::Error),
    #[error("unknown status {0}")]
    Status(u8),
    #[error("bytes after the end of the reply")]
    Trailing,
    #[error("it ended too early")]
    Early,
    #[error("it could not be read: {0}")]
    Io(io::Error),
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> WireError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => WireError::Early,
            _ => WireError::Io(error),
        }
    }
}

/// What a worker answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Artifact(Vec<u8>),
    /// The compiler refused the module.
    Refused(String),
    /// The worker did not come as far as compiling.
    Failed(String),
}

pub(super) fn write_request(mut to: impl Write, job: &[u8], module: &[u8]) -> io::Result<()> {
    let job_bytes = u32::try_from(job.len()).map_err(io::Error::other)?;
    to.write_all(&REQUEST)?;
    to.write_all(&job_bytes.to_le_bytes())?;
    to.write_all(job)?;
    to.write_all(&(module.len() as u64).to_le_bytes())?;
    to.write_all(module)?;
    to.flush()
}

/// Reads as far as the module: the limits in the job must hold before a byte of it is touched.
pub(super) fn read_job(mut from: impl Read) -> Result<Job, WireError> {
    if array::<8>(&mut from)? != REQUEST {
        return Err(WireError::Magic {
            expected: "WRDNREQ1",
        });
    }
    let bytes = u64::from(u32::from_le_bytes(array(&mut from)?));
    let json = exactly(&mut from, "job", bytes, JOB_BYTES_MAX as u64)?;
    serde_json::from_slice(&json).map_err(WireError::Job)
}

pub(super) fn read_module(mut from: impl Read, bytes_max: u64) -> Result<Vec<u8>, WireError> {
    let bytes = u64::from_le_bytes(array(&mut from)?);
    exactly(&mut from, "module", bytes, bytes_max)
}

pub(super) fn write_reply(mut to: impl Write, reply: &Reply) -> io::Result<()> {
    let (status, payload) = match reply {
        Reply::Artifact(artifact) => (0, artifact.as_slice()),
        Reply::Refused(text) => (1, cut(text)),
        Reply::Failed(text) => (2, cut(text)),
    };
    to.write_all(&REPLY)?;
    to.write_all(&[status])?;
    to.write_all(&(payload.len() as u64).to_le_bytes())?;
    to.write_all(payload)?;
    to.flush()
}

fn cut(text: &str) -> &[u8] {
    text.as_bytes()
        .get(..text.floor_char_boundary(TEXT_BYTES_MAX))
        .unwrap_or_default()
}

/// Reads a whole reply and its end: whoever sends more than it announced is not believed the rest either.
pub(super) fn read_reply(mut from: impl Read, artifact_bytes_max: u64) -> Result<Reply, WireError> {
    if array::<8>(&mut from)? != REPLY {
        return Err(WireError::Magic {
            expected: "WRDNREP1",
        });
    }
    let [status] = array(&mut from)?;
    let bytes = u64::from_le_bytes(array(&mut from)?);
    let reply = match status {
        0 => Reply::Artifact(exactly(&mut from, "artifact", bytes, artifact_bytes_max)?),
        1 => Reply::Refused(text(&mut from, bytes)?),
        2 => Reply::Failed(text(&mut from, bytes)?),
        other => return Err(WireError::Status(other)),
    };
    let mut more = [0];
    loop {
        match from.read(&mut more) {
            Ok(0) => return Ok(reply),
            Ok(_) => return Err(WireError::Trailing),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn text(from: &mut impl Read, bytes: u64) -> Result<String, WireError> {
    let bytes = exactly(from, "message", bytes, TEXT_BYTES_MAX as u64)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn array<const N: usize>(from: &mut impl Read) -> Result<[u8; N], WireError> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Never allocates for a length that is only claimed.
fn exactly(
    from: &mut impl Read,
    what: &'static str,
    bytes: u64,
    max: u64,
) -> Result<Vec<u8>, WireError> {
    if bytes > max {
        return Err(WireError::TooLong { what, bytes, max });
    }
    let mut out = Vec::with_capacity(usize::try_from(bytes.min(RESERVE_MAX)).unwrap_or(0));
    if from.take(bytes).read_to_end(&mut out)? as u64 != bytes {
        return Err(WireError::Early);
    }
    Ok(out)
}
