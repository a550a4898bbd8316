//! How a call ended, and what it used: usage comes with every outcome, failed ones first of all.

use std::time::Duration;

use bytes::Bytes;

use crate::error::CallError;
use crate::value::Value;

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer, or why there is none.
    pub result: Result<Answer, CallError>,
    /// What the call used until it ended.
    pub usage: Usage,
}

/// What a guest answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Bytes that the guest's packed result named, copied out.
    Bytes(Bytes),
    /// The function's results.
    Values(Vec<Value>),
}

impl Answer {
    /// The bytes; empty for values.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Answer::Bytes(bytes) => bytes,
            Answer::Values(_) => &[],
        }
    }

    /// The bytes, owned; empty for values.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Answer::Bytes(bytes) => bytes,
            Answer::Values(_) => Bytes::new(),
        }
    }

    /// The values; none for bytes.
    pub fn values(&self) -> &[Value] {
        match self {
            Answer::Bytes(_) => &[],
            Answer::Values(values) => values,
        }
    }
}

/// What a call used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// Fuel; `None` where the module is metered by time.
    pub fuel: Option<u64>,
    /// From the call's begin to its end, queueing included.
    pub wall: Duration,
    /// In the guest and the host functions it called, without queueing and without time spent waiting for a thread.
    pub guest: Duration,
    /// The most linear memory at any moment, all memories summed.
    pub memory_peak_bytes: u64,
    /// Times that a `memory.grow` or `table.grow` was refused.
    pub refusals: u32,
    /// Calls to host functions.
    pub host_calls: u64,
    /// Bytes the guest wrote to its log, dropped ones included.
    pub log_bytes: u64,
    /// Bytes passed in.
    pub bytes_in: u64,
    /// Bytes passed out.
    pub bytes_out: u64,
}
