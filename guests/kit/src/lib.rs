//! What the service guests share, so that each of them is its own work and nothing else.
//!
//! - [`respond`]: a request in the Service ABI's form, answered by a function that knows only arguments and values.
//! - [`Checker`]: arguments read by name; everything that is wrong with them is said at once.
//! - [`exports!`]: `alloc`, one export for each function, and panics told to the host.

mod checker;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod export;

use wardian_abi::{Arguments, DecodeLimits, Response, Value};

pub use checker::{Checker, cut};

/// A code that never changes its meaning, and a sentence for people.
pub type Refusal = (&'static str, String);

/// Answers the request of a function, both in the Service ABI's form. A request that cannot be read is refused with
/// the code `malformed`.
#[must_use]
pub fn respond(
    request: &[u8],
    limits: &DecodeLimits,
    malformed: &'static str,
    answer: impl FnOnce(&Arguments<'_>) -> Result<Value<'static>, Refusal>,
) -> Vec<u8> {
    respond_encoded(request, limits, malformed, |arguments| {
        answer(arguments).map(|value| encoded(Response::Ok(value)))
    })
}

/// The same for an answer that is a response already, such as [`wardian_abi::Streamed`] makes.
#[must_use]
pub fn respond_encoded(
    request: &[u8],
    limits: &DecodeLimits,
    malformed: &'static str,
    answer: impl FnOnce(&Arguments<'_>) -> Result<Vec<u8>, Refusal>,
) -> Vec<u8> {
    Arguments::decode(request, limits)
        .map_err(|error| (malformed, error.to_string()))
        .and_then(|arguments| answer(&arguments))
        .unwrap_or_else(|(code, message)| encoded(Response::err(code, message)))
}

fn encoded(response: Response<'_>) -> Vec<u8> {
    // What an answer holds always has a form in MessagePack; were it not so, an empty answer is no valid one either.
    response.encode().unwrap_or_default()
}

/// A map of an answer.
#[must_use]
pub fn map<const N: usize>(entries: [(&'static str, Value<'static>); N]) -> Value<'static> {
    Value::Map(entries.map(|(name, value)| (name.into(), value)).into())
}

/// Drops what is not needed any more; in the sandbox it stays where it is, because the instance ends with the call, and
/// giving memory back piece by piece first is work for nothing. For what lasts until the end of a call, in large trees:
/// what is left earlier is memory that the call has no more.
pub fn leave<T>(value: T) {
    if cfg!(target_arch = "wasm32") {
        std::mem::forget(value);
    }
}
