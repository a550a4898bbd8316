//! A good answer whose largest field is written where it will lie, instead of being made first and copied in.
//!
//! A guest with 64 MiB cannot hold a long result twice. The field comes first, with a length of four bytes that is
//! filled in at the end, and the small fields follow.

use alloc::vec::Vec;

use rmp::Marker;

use crate::encode::string;
use crate::{EncodeError, Value};

/// Fields that may follow: what the shortest form of a map counts, less the large one.
pub const FIELDS_MAX: usize = 14;

/// An answer in the making: `{"ok": {field: bin, …}}`.
#[derive(Clone, Debug)]
pub struct Streamed {
    out: Vec<u8>,
    /// Where the number of fields stands.
    count_at: usize,
    /// Where the field's bytes begin, behind their length.
    body_at: usize,
}

impl Streamed {
    /// Begins an answer with the bytes of `field`.
    ///
    /// ```
    /// use wardian_abi::{DecodeLimits, Response, Streamed, Value};
    ///
    /// let mut answer = Streamed::new("rows")?;
    /// answer.body().extend_from_slice(b"1,2");
    /// let bytes = answer.finish([("count", 1.into())])?;
    /// let Response::Ok(value) = Response::decode(&bytes, &DecodeLimits::default())? else { unreachable!() };
    /// assert_eq!(value.get("rows").and_then(Value::as_bytes), Some(&b"1,2"[..]));
    /// assert_eq!(value.get("count").and_then(Value::as_int), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EncodeError::Length`] for a name that no message can hold.
    pub fn new(field: &str) -> Result<Self, EncodeError> {
        let mut out = Vec::with_capacity(field.len() + 16);
        out.push(Marker::FixMap(1).to_u8());
        string(&mut out, "ok")?;
        let count_at = out.len();
        out.push(Marker::FixMap(1).to_u8());
        string(&mut out, field)?;
        out.push(Marker::Bin32.to_u8());
        out.extend_from_slice(&[0; 4]);
        let body_at = out.len();
        Ok(Streamed {
            out,
            count_at,
            body_at,
        })
    }

    /// Where the field's bytes are appended to. Nothing that is there already may be taken away.
    pub fn body(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Bytes of the field so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len().saturating_sub(self.body_at)
    }

    /// Whether the field has no bytes so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole answer, with the other fields behind.
    ///
    /// # Errors
    /// [`EncodeError`] for more than [`FIELDS_MAX`] fields, for a field of 4 GiB and more, and for values that have no
    /// form in MessagePack.
    pub fn finish<const N: usize>(
        mut self,
        fields: [(&str, Value<'_>); N],
    ) -> Result<Vec<u8>, EncodeError> {
        let len = self.len();
        let declared = u32::try_from(len).map_err(|_| EncodeError::Length(len))?;
        let count = match u8::try_from(N) {
            Ok(count) if N <= FIELDS_MAX => count + 1,
            _ => return Err(EncodeError::Length(N)),
        };
        let lost = EncodeError::Length(self.out.len());
        let place = self.out.get_mut(self.body_at.wrapping_sub(4)..self.body_at);
        place.ok_or(lost)?.copy_from_slice(&declared.to_be_bytes());
        *self.out.get_mut(self.count_at).ok_or(lost)? = Marker::FixMap(count).to_u8();
        for (name, value) in fields {
            string(&mut self.out, name)?;
            value.encode_into(&mut self.out)?;
        }
        Ok(self.out)
    }
}
