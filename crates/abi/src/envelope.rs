//! The two messages of the Service ABI, version 1: named arguments in, a value or an error out.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::decode::Reader;
use crate::{DecodeError, DecodeLimits, EncodeError, Value};

/// Bytes that an error's code may have. Codes become metric labels and match arms, never prose.
pub const CODE_BYTES_MAX: usize = 64;

/// A request: one map from argument name to value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments<'a> {
    entries: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Arguments<'a> {
    /// No arguments.
    #[must_use]
    pub fn new() -> Self {
        Arguments {
            entries: Vec::new(),
        }
    }

    /// The same with `name` set to `value`; a name that is there already is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets `name` to `value`; a name that is there already is replaced.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self
            .entries
            .iter_mut()
            .find(|(present, _)| *present == name)
        {
            Some((_, old)) => *old = value,
            None => self.entries.push((name, value)),
        }
    }

    /// The argument called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.entries
            .iter()
            .find(|(present, _)| present == name)
            .map(|(_, value)| value)
    }

    /// Names and values, in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_ref(), value))
    }

    /// The request as bytes.
    ///
    /// # Errors
    /// As [`Value::encode`].
    pub fn encode(self) -> Result<Vec<u8>, EncodeError> {
        Value::Map(self.entries).encode()
    }

    /// Reads a request that fills `bytes` exactly.
    ///
    /// # Errors
    /// As [`Value::decode`], and [`DecodeError::Envelope`] when it is no map.
    pub fn decode(bytes: &'a [u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        match Value::decode(bytes, limits)? {
            Value::Map(entries) => Ok(Arguments { entries }),
            _ => Err(DecodeError::Envelope {
                envelope: "request",
                why: "it is not a map",
            }),
        }
    }
}

/// An error that a guest reports: its own, about the arguments it got.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuestError {
    /// Stable and short, such as `image.too_large`.
    pub code: String,
    /// For people. Untrusted: cut and escape it before it is shown.
    pub message: String,
}

/// An answer: `{"ok": value}` or `{"err": {"code", "message"}}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Response<'a> {
    /// The value asked for.
    Ok(Value<'a>),
    /// The guest's error.
    Err(GuestError),
}

impl<'a> Response<'a> {
    /// A good answer.
    #[must_use]
    pub fn ok(value: impl Into<Value<'a>>) -> Self {
        Response::Ok(value.into())
    }

    /// An error.
    #[must_use]
    pub fn err(code: impl Into<String>, message: impl Into<String>) -> Self {
        Response::Err(GuestError {
            code: code.into(),
            message: message.into(),
        })
    }

    /// The answer as bytes.
    ///
    /// # Errors
    /// As [`Value::encode`].
    pub fn encode(self) -> Result<Vec<u8>, EncodeError> {
        let (name, value) = match self {
            Response::Ok(value) => ("ok", value),
            Response::Err(GuestError { code, message }) => (
                "err",
                Value::Map(Vec::from([
                    ("code".into(), code.into()),
                    ("message".into(), message.into()),
                ])),
            ),
        };
        Value::Map(Vec::from([(Cow::Borrowed(name), value)])).encode()
    }

    /// Reads an answer that fills `bytes` exactly.
    ///
    /// # Errors
    /// As [`Value::decode`], and [`DecodeError::Envelope`] when it is not of the two shapes. A code must have 1 to
    /// [`CODE_BYTES_MAX`] bytes out of `a-z 0-9 . _ -`.
    pub fn decode(bytes: &'a [u8], limits: &DecodeLimits) -> Result<Self, DecodeError> {
        match split(bytes, limits)? {
            ("ok", value, _) => Ok(Response::Ok(value)),
            (_, value, _) => Ok(Response::Err(guest_error(value)?)),
        }
    }
}

/// Where in `bytes` the value of a good answer lies, for a reader of its own such as `serde`; the whole answer has been
/// checked by then. `Err` inside is the guest's error.
///
/// # Errors
/// As [`Response::decode`].
pub fn ok_value_bytes(
    bytes: &[u8],
    limits: &DecodeLimits,
) -> Result<Result<Range<usize>, GuestError>, DecodeError> {
    match split(bytes, limits)? {
        ("ok", _, range) => Ok(Ok(range)),
        (_, value, _) => Ok(Err(guest_error(value)?)),
    }
}

/// The one entry of an answer: its name, its value, and where the value lies.
fn split<'a>(
    bytes: &'a [u8],
    limits: &DecodeLimits,
) -> Result<(&'static str, Value<'a>, Range<usize>), DecodeError> {
    let mut reader = Reader::new(bytes, limits);
    if reader.map_len()? != Some(1) {
        return Err(refused("it is not a map with one entry"));
    }
    let name = match reader.key()? {
        "ok" => "ok",
        "err" => "err",
        _ => return Err(refused("its entry is neither `ok` nor `err`")),
    };
    let start = reader.at();
    let value = reader.value()?;
    reader.finish()?;
    Ok((name, value, start..reader.at()))
}

fn guest_error(value: Value<'_>) -> Result<GuestError, DecodeError> {
    let Value::Map(entries) = value else {
        return Err(refused("`err` is not a map"));
    };
    let (mut code, mut message) = (None, None);
    for (name, value) in entries {
        match (name.as_ref(), value) {
            ("code", Value::Str(text)) if is_code(&text) => code = Some(text.into_owned()),
            ("code", _) => return Err(refused("`err.code` is not 1 to 64 of a-z 0-9 . _ -")),
            ("message", Value::Str(text)) => message = Some(text.into_owned()),
            ("message", _) => return Err(refused("`err.message` is not text")),
            _ => return Err(refused("`err` has an unknown key")),
        }
    }
    match (code, message) {
        (Some(code), Some(message)) => Ok(GuestError { code, message }),
        _ => Err(refused("`err` lacks `code` or `message`")),
    }
}

fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    (1..=CODE_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

const fn refused(why: &'static str) -> DecodeError {
    DecodeError::Envelope {
        envelope: "response",
        why,
    }
}
