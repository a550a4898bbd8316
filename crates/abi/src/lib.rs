//! Bytes on the wall between a Wardian host and its guests.
//!
//! Both sides compile this crate: the host to call, the guest to answer. It is `no_std` with `alloc`, holds no
//! `unsafe`, and treats every byte it reads as hostile: declared lengths are checked against the bytes that are left
//! before anything is allocated, and depth and number of values have limits.
//!
//! - [`packed`] and [`unpack`]: the `u64` that carries a pointer and a length out of a guest.
//! - [`Value`]: what a service takes and gives; [`Value::decode`] and [`Value::encode`] speak MessagePack strictly.
//! - [`Arguments`] and [`Response`]: the envelopes of the Service ABI, version 1. [`Streamed`] is a response whose largest
//!   field is written in place.
//! - [`table`]: cells of spreadsheets, with [`Moment`] and [`Elapsed`] for dates and durations.
//!
//! ```
//! use wardian_abi::{Arguments, DecodeLimits, Response, Value};
//!
//! // The host writes a request, the guest reads it …
//! let request = Arguments::new().with("width", 800).with("image", vec![1_u8, 2, 3]).encode()?;
//! let arguments = Arguments::decode(&request, &DecodeLimits::default())?;
//! assert_eq!(arguments.get("width").and_then(Value::as_int), Some(800));
//!
//! // … and the other way round.
//! let answer = Response::ok(Value::from("done")).encode()?;
//! assert_eq!(Response::decode(&answer, &DecodeLimits::default())?, Response::Ok("done".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(missing_docs, clippy::indexing_slicing)]

extern crate alloc;

mod decode;
mod encode;
mod envelope;
mod moment;
mod packed;
mod streamed;
pub mod table;
mod value;

pub use decode::{DecodeError, DecodeLimits};
pub use encode::EncodeError;
pub use envelope::{Arguments, CODE_BYTES_MAX, GuestError, Response, ok_value_bytes};
pub use moment::{
    DAY_MS, ELAPSED_MS_MAX, Elapsed, MOMENT_MS_MAX, MOMENT_MS_MIN, Moment, days_since_1970,
};
pub use packed::{packed, unpack};
pub use streamed::{FIELDS_MAX, Streamed};
pub use value::Value;
