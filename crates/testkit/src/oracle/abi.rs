//! Messages of the Service ABI: what decodes stays within its limits and survives being written and read again.

use std::borrow::Cow;

use wardian_abi::{Arguments, DecodeError, DecodeLimits, Response, Value, ok_value_bytes};
use wardian_abi::{packed, unpack};

/// Bytes of an error's text: a key of 64 characters, each escaped as `\u{10ffff}`, and the words around it.
const ERROR_BYTES_MAX: usize = 64 * 10 + 200;

/// Limits under which every message is read: the host's, and those of the image guest.
const LIMITS: [DecodeLimits; 2] = [
    DecodeLimits {
        depth_max: 32,
        values_max: 250_000,
    },
    DecodeLimits {
        depth_max: 4,
        values_max: 64,
    },
];

/// Reads the bytes as a packed region, as a value, as a request and as an answer.
pub fn abi(data: &[u8]) {
    if let Some(bytes) = data.first_chunk() {
        let number = u64::from_be_bytes(*bytes);
        let (ptr, len) = unpack(number);
        assert_eq!(packed(ptr, len), number);
    }
    for limits in LIMITS {
        let value = Value::decode(data, &limits);
        request(data, &limits, &value);
        response(data, &limits, &value);
        match value {
            Ok(value) => decoded(&value, data, &limits),
            Err(error) => refused(&error),
        }
    }
}

fn decoded(value: &Value<'_>, data: &[u8], limits: &DecodeLimits) {
    let size = Size::of(value);
    assert!(size.depth <= limits.depth_max, "{size:?}");
    assert!(size.values <= limits.values_max, "{size:?}");
    assert!(
        size.held <= data.len(),
        "space for more values than there are bytes: {size:?}"
    );
    assert_eq!(size.copied, 0, "text and bytes are borrowed");
    let written = encoded(value);
    // Only a 32-bit number grows, to 64 bits: 5 bytes to 9.
    assert!(written.len() <= data.len() * 2, "{value:?}");
    let again = Value::decode(&written, limits);
    assert!(again.as_ref().is_ok_and(|again| same(again, value)));
    assert_eq!(
        again.as_ref().map(encoded),
        Ok(written.clone()),
        "writing is canonical"
    );
    assert_eq!(encoded(&value.clone().into_owned()), written);
}

fn encoded(value: &Value<'_>) -> Vec<u8> {
    match value.encode() {
        Ok(bytes) => bytes,
        Err(error) => panic!("what was decoded has no encoding: {error}"),
    }
}

fn request(data: &[u8], limits: &DecodeLimits, value: &Result<Value<'_>, DecodeError>) {
    let is_map = matches!(value, Ok(Value::Map(_)));
    match Arguments::decode(data, limits) {
        Ok(arguments) => {
            assert!(is_map);
            for (name, value) in arguments.iter() {
                assert!(arguments.get(name).is_some_and(|got| same(got, value)));
            }
            let written = arguments.encode();
            let map = value.as_ref().map(encoded);
            assert_eq!(written.ok(), map.ok());
        }
        Err(error) => {
            assert!(!is_map, "{error}");
            refused(&error);
        }
    }
}

fn response(data: &[u8], limits: &DecodeLimits, value: &Result<Value<'_>, DecodeError>) {
    let place = ok_value_bytes(data, limits);
    match Response::decode(data, limits) {
        Ok(Response::Ok(answer)) => {
            let Ok(Ok(range)) = place else {
                panic!("an answer without its place: {place:?}");
            };
            let bytes = data.get(range).unwrap_or_default();
            let alone = Value::decode(bytes, limits);
            assert!(alone.is_ok_and(|alone| same(&alone, &answer)));
            let written = Response::Ok(answer).encode();
            assert_eq!(written.ok(), value.as_ref().map(encoded).ok());
        }
        Ok(Response::Err(error)) => {
            assert_eq!(place, Ok(Err(error.clone())));
            assert!(!error.code.is_empty() && error.code.len() <= wardian_abi::CODE_BYTES_MAX);
            let written = Response::Err(error.clone()).encode().unwrap_or_default();
            let again = Response::decode(&written, limits);
            assert_eq!(again, Ok(Response::Err(error)));
        }
        Err(error) => {
            refused(&error);
            assert!(place.is_err());
        }
    }
}

fn refused(error: &DecodeError) {
    let text = error.to_string();
    assert!(text.len() <= ERROR_BYTES_MAX, "{text}");
}

/// Equal, and a number that is none equals itself.
fn same(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let entries = a.iter().zip(b);
            a.len() == b.len()
                && entries
                    .into_iter()
                    .all(|((k, a), (l, b))| k == l && same(a, b))
        }
        _ => a == b,
    }
}

/// What a value takes.
#[derive(Debug, Default)]
struct Size {
    /// Arrays and maps inside one another.
    depth: u32,
    /// As the limits count them: map keys are values too.
    values: u64,
    /// Values that there is space for, used or not.
    held: usize,
    /// Bytes that were copied out of the message.
    copied: usize,
}

impl Size {
    fn of(value: &Value<'_>) -> Size {
        let mut size = Size {
            values: 1,
            ..Size::default()
        };
        match value {
            Value::Str(Cow::Owned(text)) => size.copied += text.len(),
            Value::Bin(Cow::Owned(bytes)) => size.copied += bytes.len(),
            Value::Array(values) => {
                size.held += values.capacity();
                size.depth = 1;
                values.iter().for_each(|value| size.add(Size::of(value)));
            }
            Value::Map(entries) => {
                size.held += entries.capacity() * 2;
                size.depth = 1;
                for (name, value) in entries {
                    size.values += 1;
                    if let Cow::Owned(name) = name {
                        size.copied += name.len();
                    }
                    size.add(Size::of(value));
                }
            }
            _ => {}
        }
        size
    }

    fn add(&mut self, inner: Size) {
        self.depth = self.depth.max(inner.depth + 1);
        self.values += inner.values;
        self.held += inner.held;
        self.copied += inner.copied;
    }
}
