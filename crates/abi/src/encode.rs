//! Values to MessagePack: the shortest form of every number and length.

use alloc::vec::Vec;

use rmp::Marker;
use thiserror::Error;

use crate::Value;

/// Why a value cannot be written.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum EncodeError {
    /// A whole number that MessagePack has no form for.
    #[error("a whole number of {0} does not fit into 64 bits")]
    Integer(i128),
    /// More bytes or values in one place than MessagePack can count.
    #[error("a length of {0} is more than a message can declare: {max}", max = u32::MAX)]
    Length(usize),
}

impl Value<'_> {
    /// The value as MessagePack.
    ///
    /// # Errors
    /// [`EncodeError`] when a number or a length has no form in MessagePack.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::with_capacity(self.size_hint());
        self.encode_into(&mut out)?;
        Ok(out)
    }

    /// Appends the value as MessagePack.
    ///
    /// # Errors
    /// As [`Value::encode`]; `out` then ends in a part of the value.
    pub fn encode_into(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Value::Nil => out.push(Marker::Null.to_u8()),
            Value::Bool(true) => out.push(Marker::True.to_u8()),
            Value::Bool(false) => out.push(Marker::False.to_u8()),
            Value::Int(value) => integer(out, *value)?,
            Value::Float(value) => tagged(out, Marker::F64, &value.to_be_bytes()),
            Value::Str(text) => string(out, text)?,
            Value::Bin(bytes) => binary(out, bytes)?,
            Value::Array(values) => {
                array_header(out, values.len())?;
                for value in values {
                    value.encode_into(out)?;
                }
            }
            Value::Map(entries) => {
                map_header(out, entries.len())?;
                for (name, value) in entries {
                    string(out, name)?;
                    value.encode_into(out)?;
                }
            }
        }
        Ok(())
    }

    /// Bytes that the encoding takes, near enough to allocate once.
    pub(crate) fn size_hint(&self) -> usize {
        let inner = match self {
            Value::Str(text) => text.len(),
            Value::Bin(bytes) => bytes.len(),
            Value::Array(values) => values.iter().map(Value::size_hint).sum(),
            Value::Map(entries) => entries
                .iter()
                .map(|(name, value)| 5 + name.len() + value.size_hint())
                .sum(),
            _ => 4,
        };
        inner + 5
    }
}

fn tagged(out: &mut Vec<u8>, marker: Marker, payload: &[u8]) {
    out.push(marker.to_u8());
    out.extend_from_slice(payload);
}

fn integer(out: &mut Vec<u8>, value: i128) -> Result<(), EncodeError> {
    if let Ok(value) = u64::try_from(value) {
        unsigned(out, value);
        return Ok(());
    }
    let value = i64::try_from(value).map_err(|_| EncodeError::Integer(value))?;
    match value {
        -32..0 => out.push(Marker::FixNeg(value as i8).to_u8()),
        -128..-32 => tagged(out, Marker::I8, &(value as i8).to_be_bytes()),
        -0x8000..-128 => tagged(out, Marker::I16, &(value as i16).to_be_bytes()),
        -0x8000_0000..-0x8000 => tagged(out, Marker::I32, &(value as i32).to_be_bytes()),
        _ => tagged(out, Marker::I64, &value.to_be_bytes()),
    }
    Ok(())
}

fn unsigned(out: &mut Vec<u8>, value: u64) {
    match value {
        0..0x80 => out.push(Marker::FixPos(value as u8).to_u8()),
        0x80..0x100 => tagged(out, Marker::U8, &(value as u8).to_be_bytes()),
        0x100..0x1_0000 => tagged(out, Marker::U16, &(value as u16).to_be_bytes()),
        0x1_0000..0x1_0000_0000 => tagged(out, Marker::U32, &(value as u32).to_be_bytes()),
        _ => tagged(out, Marker::U64, &value.to_be_bytes()),
    }
}

/// `len` as the protocol counts: every length in MessagePack fits into 32 bits.
fn declared(len: usize) -> Result<u32, EncodeError> {
    u32::try_from(len).map_err(|_| EncodeError::Length(len))
}

pub(crate) fn string(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    let len = declared(text.len())?;
    match len {
        0..32 => out.push(Marker::FixStr(len as u8).to_u8()),
        32..0x100 => tagged(out, Marker::Str8, &(len as u8).to_be_bytes()),
        0x100..0x1_0000 => tagged(out, Marker::Str16, &(len as u16).to_be_bytes()),
        _ => tagged(out, Marker::Str32, &len.to_be_bytes()),
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn binary(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EncodeError> {
    let len = declared(bytes.len())?;
    match len {
        0..0x100 => tagged(out, Marker::Bin8, &(len as u8).to_be_bytes()),
        0x100..0x1_0000 => tagged(out, Marker::Bin16, &(len as u16).to_be_bytes()),
        _ => tagged(out, Marker::Bin32, &len.to_be_bytes()),
    }
    out.extend_from_slice(bytes);
    Ok(())
}

fn array_header(out: &mut Vec<u8>, len: usize) -> Result<(), EncodeError> {
    let len = declared(len)?;
    match len {
        0..16 => out.push(Marker::FixArray(len as u8).to_u8()),
        16..0x1_0000 => tagged(out, Marker::Array16, &(len as u16).to_be_bytes()),
        _ => tagged(out, Marker::Array32, &len.to_be_bytes()),
    }
    Ok(())
}

fn map_header(out: &mut Vec<u8>, len: usize) -> Result<(), EncodeError> {
    let len = declared(len)?;
    match len {
        0..16 => out.push(Marker::FixMap(len as u8).to_u8()),
        16..0x1_0000 => tagged(out, Marker::Map16, &(len as u16).to_be_bytes()),
        _ => tagged(out, Marker::Map32, &len.to_be_bytes()),
    }
    Ok(())
}
