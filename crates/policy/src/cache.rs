//! Decisions that are remembered, of policies that say that time makes no difference to them.

use std::io;
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use wardian_rules::Input;

use crate::checker::PolicyId;
use crate::{Decision, input};

/// The most decisions that may be kept: room for them is made at once.
pub const CACHE_ENTRIES_MAX: u32 = 1_000_000;
/// Bytes that are hashed at once.
const BUFFER_BYTES: usize = 1024;

/// How much is remembered, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// Decisions that are kept, at most [`CACHE_ENTRIES_MAX`]; the least useful one goes when there are more.
    pub entries_max: u32,
    /// Milliseconds until a decision is asked for anew.
    pub ttl_ms: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        CacheConfig {
            entries_max: 10_000,
            ttl_ms: 60_000,
        }
    }
}

type Key = [u8; 32];

/// The decisions of one policy. What is found costs one hash and no allocation.
#[derive(Debug)]
pub(crate) struct DecisionCache {
    kept: Cache<Key, (Instant, Decision)>,
    ttl: Duration,
    /// Has the policy's digest in it: nothing is ever found that another policy said.
    begun: blake3::Hasher,
}

impl DecisionCache {
    pub(crate) fn new(config: CacheConfig, policy: &PolicyId) -> DecisionCache {
        let mut begun = blake3::Hasher::new();
        begun.update(policy.digest.as_bytes());
        begun.update(b"\n");
        DecisionCache {
            kept: Cache::new(config.entries_max.min(CACHE_ENTRIES_MAX) as usize),
            ttl: Duration::from_millis(config.ttl_ms),
            begun,
        }
    }

    /// What finds a question: all of it but when it was asked.
    pub(crate) fn key(&self, input: &Input<'_>) -> Option<Key> {
        let mut writer = Hashing {
            hasher: self.begun.clone(),
            buffer: [0; BUFFER_BYTES],
            used: 0,
        };
        input::write(input, 0, &mut writer).ok()?;
        Some(writer.finish())
    }

    pub(crate) fn find(&self, key: &Key) -> Option<Decision> {
        let (kept, decision) = self.kept.get(key)?;
        (kept.elapsed() < self.ttl).then_some(decision)
    }

    /// Keeps what a policy said; not that there was no answer, for there may be one next time.
    pub(crate) fn keep(&self, key: Key, decision: &Decision) {
        let is_answer = decision.reason().is_none_or(|reason| !reason.is_fault());
        if is_answer {
            self.kept.insert(key, (Instant::now(), decision.clone()));
        }
    }
}

/// Hashes what is written, in pieces that are worth it.
struct Hashing {
    hasher: blake3::Hasher,
    buffer: [u8; BUFFER_BYTES],
    used: usize,
}

impl Hashing {
    fn pour(&mut self) {
        self.hasher
            .update(self.buffer.get(..self.used).unwrap_or_default());
        self.used = 0;
    }

    fn finish(mut self) -> Key {
        self.pour();
        *self.hasher.finalize().as_bytes()
    }
}

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.used + bytes.len() > BUFFER_BYTES {
            self.pour();
        }
        match self.buffer.get_mut(self.used..self.used + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.used += bytes.len();
            }
            // Longer than the buffer, which is empty now.
            None => {
                self.hasher.update(bytes);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
