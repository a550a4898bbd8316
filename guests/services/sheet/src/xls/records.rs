//! Records of BIFF: a number, a length, and bytes that may go on in records of their own.

use super::u16_at;

const CONTINUE: u16 = 0x003c;

/// A record; `continued` are the bytes of those that go on with it.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) data: &'a [u8],
    pub(super) continued: Vec<&'a [u8]>,
}

/// The records of a stream. What is cut off in its middle is no record any more.
pub(super) fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (kind, data) = one(&mut rest)?;
        let mut continued = Vec::new();
        while u16_at(rest, 0) == Some(CONTINUE) {
            continued.push(one(&mut rest)?.1);
        }
        Some(Record {
            kind,
            data,
            continued,
        })
    })
}

fn one<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let (kind, len) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
    let data = rest.get(4..4 + len)?;
    *rest = rest.get(4 + len..)?;
    Some((kind, data))
}
