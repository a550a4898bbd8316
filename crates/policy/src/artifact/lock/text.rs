//! The lock file's text: JSON with a member a line, policies by name, always the same for the same content.

use serde::{Deserialize, Serialize};

use crate::artifact::json::{self, Members, Object};
use crate::artifact::lock::problem::{Flaw, Gathered};
use crate::artifact::shown::shown;
use crate::artifact::{
    HISTORY_MAX, LOCK_BYTES_MAX, Lock, LockError, POLICIES_MAX, Pinned, Policy, PolicyName,
};

const FORMAT: u64 = 1;

#[derive(Deserialize)]
struct Format {
    wardian_policy_lock: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "wardian_policy_lock")]
    _format: u64,
    policies: Members<Object<ReadPolicy>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadPolicy {
    active: Object<ReadPin>,
    history: Vec<Object<ReadPin>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadPin {
    digest: String,
    version: String,
    // Null says that nobody signs; a line that was lost must not.
    #[serde(deserialize_with = "json::nullable")]
    signer: Option<String>,
    pinned_at: String,
}

#[derive(Serialize)]
struct Write<'l> {
    wardian_policy_lock: u64,
    policies: &'l std::collections::BTreeMap<PolicyName, Policy>,
}

impl Lock {
    /// Reads a lock file's text.
    ///
    /// # Errors
    /// [`LockError::TooLarge`], [`LockError::Json`] and [`LockError::Format`]; [`LockError::Problems`] with everything that
    /// is wrong with the values.
    pub fn from_json(text: &[u8]) -> Result<Lock, LockError> {
        let bytes = text.len();
        if bytes > LOCK_BYTES_MAX {
            return Err(LockError::TooLarge { bytes });
        }
        // The format first: a later one may have members that this one does not know.
        let format: Format = json::read(text).map_err(LockError::Json)?;
        if format.wardian_policy_lock != FORMAT {
            return Err(LockError::Format(format.wardian_policy_lock));
        }
        let Read { policies, .. } = json::read(text).map_err(LockError::Json)?;
        let mut problems = Gathered::default();
        let lock = check(policies.0, &mut problems);
        problems.end(lock)
    }

    /// The text of a lock file.
    ///
    /// # Errors
    /// [`LockError::TooLarge`] where it could not be read again.
    pub fn to_json(&self) -> Result<String, LockError> {
        let written = Write {
            wardian_policy_lock: FORMAT,
            policies: &self.policies,
        };
        let text = serde_json::to_string_pretty(&written)
            .map_err(|error| LockError::Json(error.to_string()))?;
        let text = text + "\n";
        let bytes = text.len();
        match bytes > LOCK_BYTES_MAX {
            true => Err(LockError::TooLarge { bytes }),
            false => Ok(text),
        }
    }
}

fn check(policies: Vec<(String, Object<ReadPolicy>)>, problems: &mut Gathered) -> Lock {
    let mut lock = Lock::default();
    let count = policies.len();
    if count > POLICIES_MAX {
        problems.add("/policies".into(), Flaw::TooManyPolicies { count });
    }
    for (name, Object(read)) in policies {
        let pointer = format!("/policies/{}", escaped(&name));
        let policy = check_policy(&pointer, read, problems);
        match name.parse::<PolicyName>() {
            Err(error) => problems.add(pointer, error),
            Ok(name) if lock.policies.contains_key(&name) => problems.add(pointer, Flaw::Twice),
            Ok(name) => lock.policies.extend(policy.map(|policy| (name, policy))),
        }
    }
    lock
}

fn check_policy(pointer: &str, read: ReadPolicy, problems: &mut Gathered) -> Option<Policy> {
    let active = check_pin(&format!("{pointer}/active"), read.active.0, problems);
    let count = read.history.len();
    if count > HISTORY_MAX {
        let pointer = format!("{pointer}/history");
        problems.add(pointer, Flaw::HistoryTooLong { count });
        return None;
    }
    let history = read.history.into_iter().enumerate();
    let history = history
        .filter_map(|(at, Object(pin))| {
            check_pin(&format!("{pointer}/history/{at}"), pin, problems)
        })
        .collect();
    Some(Policy {
        active: active?,
        history,
    })
}

fn check_pin(pointer: &str, read: ReadPin, problems: &mut Gathered) -> Option<Pinned> {
    let digest = problems.value(pointer, "digest", read.digest.parse());
    let version = problems.value(pointer, "version", read.version.parse());
    let signer = read.signer.map(|text| text.parse()).transpose();
    let signer = problems.value(pointer, "signer", signer);
    let pinned_at = problems.value(pointer, "pinned_at", read.pinned_at.parse());
    Some(Pinned {
        digest: digest?,
        version: version?,
        signer: signer?,
        pinned_at: pinned_at?,
    })
}

/// A name of any kind as a step of a pointer, fit for a message.
fn escaped(name: &str) -> String {
    shown(&name.replace('~', "~0").replace('/', "~1"))
}
