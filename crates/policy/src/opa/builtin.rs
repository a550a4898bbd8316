//! Builtins of Rego that OPA does not compile to WebAssembly, done by the host.
//!
//! in: a builtin's name, its arguments as values, the time of the evaluation. out: a value, or nothing for undefined, as
//! OPA outside strict mode. never: a clock, a random number, the network, a file: the same call always answers the same.
//! Work is bounded by the length of the arguments and of the answer; what passes a bound is a fault, not undefined,
//! because `not` over undefined is true.

mod crypto;
mod encoding;
mod format;
mod pattern;
mod semver;
mod text;
mod time;
mod units;

use std::collections::BTreeMap;

use super::OpaProblem;
use super::term::{Term, Unreadable};

/// Bytes that the arguments of one call may have as text.
pub const ARGS_BYTES_MAX: usize = 64 * 1024;
/// Bytes that an answer may have as text; the adapted module's buffer is so long.
pub const OUT_BYTES_MAX: usize = 64 * 1024;

/// What a builtin says: a value, or that there is none.
pub type Said = Result<Option<Term>, Fault>;

/// Why a call of a builtin ends the evaluation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The module calls by an id that it did not list.
    #[error("policy calls builtin {id}, which it did not list")]
    Unlisted {
        /// The id.
        id: i32,
    },
    /// There is no such builtin here.
    #[error("builtin is not provided")]
    NotProvided,
    /// The arguments are no list of values.
    #[error("arguments of a builtin are not understood")]
    Arguments(#[from] Unreadable),
    /// Something is longer than it may be.
    #[error("{what} of a builtin passes the limit: asked {asked}, allowed {max}")]
    TooLong {
        /// Bytes of arguments, answer, pattern or text; width; numbers of a range; pairs of a list.
        what: &'static str,
        /// How long it is.
        asked: usize,
        /// How long it may be.
        max: usize,
    },
}

/// A builtin that a policy calls, and that is not provided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} ({why})", super::problem::quoted(.name))]
pub struct MissingBuiltin {
    /// Its name.
    pub name: String,
    /// Why it is not.
    pub why: &'static str,
}

/// The builtins that a policy calls, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltinTable {
    names: BTreeMap<i32, String>,
}

impl BuiltinTable {
    /// Reads what `policy_builtins` answered: an object of names and ids.
    ///
    /// # Errors
    /// [`OpaProblem::List`], and [`OpaProblem::Builtins`] with all that are not provided.
    pub fn read(builtins: &[u8]) -> Result<BuiltinTable, OpaProblem> {
        let ids: BTreeMap<String, i32> =
            serde_json::from_slice(builtins).map_err(|source| OpaProblem::List {
                of: "builtins",
                source,
            })?;
        let missing: Vec<MissingBuiltin> = ids
            .keys()
            .filter(|name| known(name).is_none())
            .map(|name| MissingBuiltin {
                name: name.clone(),
                why: why_not(name),
            })
            .collect();
        match missing.as_slice() {
            [] => Ok(BuiltinTable {
                names: ids.into_iter().map(|(name, id)| (id, name)).collect(),
            }),
            _ => Err(OpaProblem::Builtins(missing)),
        }
    }

    /// Whether the policy calls none, so that its module needs no import.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.values().map(String::as_str)
    }

    /// Does a call: arguments as the module wrote them, the answer as it reads it. Nothing is undefined.
    ///
    /// # Errors
    /// [`Fault`], after which the evaluation has to end.
    pub fn call(&self, id: i32, args: &[u8], timestamp_ns: u64) -> Result<Option<String>, Fault> {
        let name = self.names.get(&id).ok_or(Fault::Unlisted { id })?;
        within("arguments", args.len(), ARGS_BYTES_MAX)?;
        let args = match Term::read(args)? {
            Term::Array(args) => args,
            _ => return Err(Fault::Arguments(Unreadable { at: 0 })),
        };
        let Some(answer) = call(name, &args, timestamp_ns)? else {
            return Ok(None);
        };
        let text = answer.to_text();
        within("answer", text.len(), OUT_BYTES_MAX)?;
        Ok(Some(text))
    }
}

/// Does a call of a builtin by its name. Arguments that it does not take are undefined, as in OPA.
///
/// # Errors
/// [`Fault`]: what is not provided, or passes a bound.
pub fn call(name: &str, args: &[Term], timestamp_ns: u64) -> Said {
    let builtin = known(name).ok_or(Fault::NotProvided)?;
    builtin(args, timestamp_ns)
}

fn within(what: &'static str, asked: usize, max: usize) -> Result<(), Fault> {
    if asked > max {
        return Err(Fault::TooLong { what, asked, max });
    }
    Ok(())
}

type Builtin = fn(&[Term], u64) -> Said;

/// All that are provided.
fn known(name: &str) -> Option<Builtin> {
    text::known(name)
        .or_else(|| pattern::known(name))
        .or_else(|| encoding::known(name))
        .or_else(|| crypto::known(name))
        .or_else(|| time::known(name))
        .or(match name {
            "units.parse" => Some(units::parse as Builtin),
            "units.parse_bytes" => Some(units::parse_bytes),
            "semver.compare" => Some(semver::compare),
            "semver.is_valid" => Some(semver::is_valid),
            // There is no runtime to speak of, and nobody to read a trace.
            "opa.runtime" => Some(|_, _| Ok(Some(Term::Object(Vec::new())))),
            "trace" => Some(|_, _| Ok(Some(Term::Bool(true)))),
            _ => None,
        })
}

fn why_not(name: &str) -> &'static str {
    let family = name.split('.').next().unwrap_or_default();
    match (family, name) {
        ("http", _) | (_, "net.lookup_ip_addr") => "a policy does not reach the network",
        ("rand" | "uuid", _) => "a decision must be repeatable",
        ("io" | "providers", _) | (_, "crypto.x509.parse_certificates") => {
            "keys and certificates are checked before a policy is asked"
        }
        ("rego" | "graphql", _) => "it would need a compiler in the host",
        _ => "not provided",
    }
}
