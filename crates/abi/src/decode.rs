//! MessagePack to values, strictly: the other side of the wall is hostile.
//!
//! A declared length is compared with the bytes that are left, and a declared count with the values that may still
//! come, before anything is allocated; so a message of n bytes never makes us hold more than `values_max` values.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use rmp::Marker;
use thiserror::Error;

use crate::Value;

/// What a message may be at most. Its length in bytes is the transport's business.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DecodeLimits {
    /// Arrays and maps inside one another. Decoding recurses, so this also bounds the stack it takes.
    pub depth_max: u32,
    /// Values in the whole message: scalars, arrays, maps and map keys all count.
    pub values_max: u64,
}

impl Default for DecodeLimits {
    /// 32 levels and 250,000 values: about 16 MiB of [`Value`] on a 64-bit machine.
    fn default() -> Self {
        DecodeLimits {
            depth_max: 32,
            values_max: 250_000,
        }
    }
}

/// Why a message was refused. `at` is the offset of the offending value.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum DecodeError {
    /// The message ends inside a value.
    #[error("the message ends inside a value at byte {at}")]
    Truncated {
        /// Where the value begins.
        at: usize,
    },
    /// There are bytes behind the value.
    #[error("{left} bytes follow the value")]
    Trailing {
        /// How many.
        left: usize,
    },
    /// Text, bytes, an array or a map is declared longer than the rest of the message.
    #[error("a length of {declared} is declared at byte {at}, {left} bytes are left")]
    Overlong {
        /// Where.
        at: usize,
        /// The declared length, in bytes or in values of at least one byte each.
        declared: u64,
        /// Bytes left in the message.
        left: usize,
    },
    /// Arrays and maps go deeper than allowed.
    #[error("values are nested deeper than {max} levels at byte {at}")]
    Depth {
        /// Where.
        at: usize,
        /// The limit.
        max: u32,
    },
    /// There are more values than allowed.
    #[error("more than {max} values at byte {at}")]
    Values {
        /// Where.
        at: usize,
        /// The limit.
        max: u64,
    },
    /// Text that is not UTF-8.
    #[error("text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Where.
        at: usize,
    },
    /// A map key that is not text.
    #[error("a map key at byte {at} is not text")]
    KeyKind {
        /// Where.
        at: usize,
    },
    /// A map names the same key twice.
    #[error("key {key:?} appears twice at byte {at}")]
    DuplicateKey {
        /// Where the map begins.
        at: usize,
        /// The key, cut to 64 characters.
        key: String,
    },
    /// An extension type, or the byte that MessagePack leaves unused.
    #[error("a value of type 0x{marker:02x} at byte {at} is not part of the protocol")]
    Unsupported {
        /// Where.
        at: usize,
        /// The marker byte.
        marker: u8,
    },
    /// The message is not the envelope that was due.
    #[error("the message is no {envelope}: {why}")]
    Envelope {
        /// "request" or "response".
        envelope: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl<'a> Value<'a> {
    /// Reads one value that fills `bytes` exactly. Text and bytes are borrowed from it.
    ///
    /// # Errors
    /// [`DecodeError`] for whatever the protocol does not allow.
    pub fn decode(bytes: &'a [u8], limits: &DecodeLimits) -> Result<Value<'a>, DecodeError> {
        let mut reader = Reader::new(bytes, limits);
        let value = reader.value()?;
        reader.finish()?;
        Ok(value)
    }
}

/// A cursor over a message. Values and depth count down as they are used.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    values_left: u64,
    limits: DecodeLimits,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], limits: &DecodeLimits) -> Self {
        Reader {
            bytes,
            at: 0,
            depth: 0,
            values_left: limits.values_max,
            limits: *limits,
        }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn finish(&self) -> Result<(), DecodeError> {
        match self.left() {
            0 => Ok(()),
            left => Err(DecodeError::Trailing { left }),
        }
    }

    pub(crate) fn value(&mut self) -> Result<Value<'a>, DecodeError> {
        let at = self.at;
        self.spend_value(at)?;
        let marker = self.marker(at)?;
        Ok(match marker {
            Marker::Null => Value::Nil,
            Marker::True => Value::Bool(true),
            Marker::False => Value::Bool(false),
            Marker::FixPos(value) => value.into(),
            Marker::FixNeg(value) => value.into(),
            Marker::U8 => u8::from_be_bytes(self.array(at)?).into(),
            Marker::U16 => u16::from_be_bytes(self.array(at)?).into(),
            Marker::U32 => u32::from_be_bytes(self.array(at)?).into(),
            Marker::U64 => u64::from_be_bytes(self.array(at)?).into(),
            Marker::I8 => i8::from_be_bytes(self.array(at)?).into(),
            Marker::I16 => i16::from_be_bytes(self.array(at)?).into(),
            Marker::I32 => i32::from_be_bytes(self.array(at)?).into(),
            Marker::I64 => i64::from_be_bytes(self.array(at)?).into(),
            Marker::F32 => Value::Float(f64::from(f32::from_be_bytes(self.array(at)?))),
            Marker::F64 => Value::Float(f64::from_be_bytes(self.array(at)?)),
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let len = self.len(marker, at)?;
                Value::Bin(Cow::Borrowed(self.take(at, len)?))
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                let len = self.len(marker, at)?;
                Value::Array(self.array_of(at, len)?)
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let len = self.len(marker, at)?;
                Value::Map(self.map_of(at, len)?)
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                Value::Str(Cow::Borrowed(self.text(marker, at)?))
            }
            other => {
                return Err(DecodeError::Unsupported {
                    at,
                    marker: other.to_u8(),
                });
            }
        })
    }

    /// The number of entries of the map that is due here, or `None` if something else is.
    pub(crate) fn map_len(&mut self) -> Result<Option<u64>, DecodeError> {
        let at = self.at;
        self.spend_value(at)?;
        let marker = self.marker(at)?;
        match marker {
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let len = self.len(marker, at)?;
                self.descend(at, len, 2)?;
                Ok(Some(len))
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn key(&mut self) -> Result<&'a str, DecodeError> {
        let at = self.at;
        self.spend_value(at)?;
        let marker = self.marker(at)?;
        match marker {
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                self.text(marker, at)
            }
            _ => Err(DecodeError::KeyKind { at }),
        }
    }

    fn array_of(&mut self, at: usize, len: u64) -> Result<Vec<Value<'a>>, DecodeError> {
        self.descend(at, len, 1)?;
        let mut values = Vec::with_capacity(len as usize);
        for _ in 0..len {
            values.push(self.value()?);
        }
        self.depth -= 1;
        Ok(values)
    }

    fn map_of(
        &mut self,
        at: usize,
        len: u64,
    ) -> Result<Vec<(Cow<'a, str>, Value<'a>)>, DecodeError> {
        self.descend(at, len, 2)?;
        let mut entries = Vec::with_capacity(len as usize);
        let mut seen = BTreeSet::new();
        for _ in 0..len {
            let key = self.key()?;
            if !seen.insert(key) {
                return Err(DecodeError::DuplicateKey {
                    at,
                    key: key.chars().take(64).collect(),
                });
            }
            entries.push((Cow::Borrowed(key), self.value()?));
        }
        self.depth -= 1;
        Ok(entries)
    }

    /// Checks that a container with `len` entries of `each` values may begin here, before space is made for it.
    fn descend(&mut self, at: usize, len: u64, each: u64) -> Result<(), DecodeError> {
        if self.depth >= self.limits.depth_max {
            return Err(DecodeError::Depth {
                at,
                max: self.limits.depth_max,
            });
        }
        // `len` comes from 32 bits, so twice it fits. Every value takes a byte at the least.
        let values = len * each;
        if values > self.left() as u64 {
            return Err(DecodeError::Overlong {
                at,
                declared: values,
                left: self.left(),
            });
        }
        if values > self.values_left {
            return Err(DecodeError::Values {
                at,
                max: self.limits.values_max,
            });
        }
        self.depth += 1;
        Ok(())
    }

    fn spend_value(&mut self, at: usize) -> Result<(), DecodeError> {
        self.values_left = self.values_left.checked_sub(1).ok_or(DecodeError::Values {
            at,
            max: self.limits.values_max,
        })?;
        Ok(())
    }

    fn text(&mut self, marker: Marker, at: usize) -> Result<&'a str, DecodeError> {
        let len = self.len(marker, at)?;
        core::str::from_utf8(self.take(at, len)?).map_err(|_| DecodeError::NotUtf8 { at })
    }

    /// The length that belongs to `marker`; a marker that has none is not part of the protocol here.
    fn len(&mut self, marker: Marker, at: usize) -> Result<u64, DecodeError> {
        Ok(match marker {
            Marker::FixStr(len) | Marker::FixArray(len) | Marker::FixMap(len) => u64::from(len),
            Marker::Str8 | Marker::Bin8 => u64::from(u8::from_be_bytes(self.array(at)?)),
            Marker::Str16 | Marker::Bin16 | Marker::Array16 | Marker::Map16 => {
                u64::from(u16::from_be_bytes(self.array(at)?))
            }
            Marker::Str32 | Marker::Bin32 | Marker::Array32 | Marker::Map32 => {
                u64::from(u32::from_be_bytes(self.array(at)?))
            }
            other => {
                return Err(DecodeError::Unsupported {
                    at,
                    marker: other.to_u8(),
                });
            }
        })
    }

    fn marker(&mut self, at: usize) -> Result<Marker, DecodeError> {
        let [byte] = self.array(at)?;
        Ok(Marker::from_u8(byte))
    }

    fn array<const N: usize>(&mut self, at: usize) -> Result<[u8; N], DecodeError> {
        let chunk = self
            .bytes
            .get(self.at..)
            .and_then(|rest| rest.first_chunk::<N>());
        let chunk = *chunk.ok_or(DecodeError::Truncated { at })?;
        self.at += N;
        Ok(chunk)
    }

    fn take(&mut self, at: usize, len: u64) -> Result<&'a [u8], DecodeError> {
        let overlong = DecodeError::Overlong {
            at,
            declared: len,
            left: self.left(),
        };
        let end = usize::try_from(len)
            .ok()
            .and_then(|len| self.at.checked_add(len));
        let taken = end
            .and_then(|end| self.bytes.get(self.at..end))
            .ok_or(overlong)?;
        self.at += taken.len();
        Ok(taken)
    }
}
