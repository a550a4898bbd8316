//! The built-in rules as a guest.
//!
//! `policy_load` reads a document once, when a policy is built; the memory is then kept as a module of its own. Every check
//! begins with a copy of that memory and writes to as few of its pages as can be: one for the stack, one for the rest.
//!
//! - in: a policy's document at build time, questions afterwards.
//! - out: the answers of [`wardian_rules::Policy`], byte for byte.
//! - never: an import; a decision of this crate's own, except that without a policy everything is denied.

#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod memory;
mod span;

use std::string::ToString as _;
use std::sync::OnceLock;

use serde_json::{Value, json};
use wardian_rules::{Policy, Problems};

pub use span::Span;

/// Of everything, where no policy was loaded.
pub const UNAVAILABLE: &str = r#"{"kind":"deny","reason":"policy_unavailable"}"#;

/// Answers by the one policy that it was given.
#[derive(Debug, Default)]
pub struct Checker(OnceLock<Policy>);

impl Checker {
    /// Without a policy as yet.
    #[must_use]
    pub const fn new() -> Checker {
        Checker(OnceLock::new())
    }

    /// The policy, if there is one.
    pub fn policy(&self) -> Option<&Policy> {
        self.0.get()
    }

    /// Takes the policy that it answers by from now on.
    ///
    /// # Errors
    /// There is one already; the text for whoever asked, as [`refusal`] has it.
    pub fn load(&self, policy: Policy) -> Result<(), String> {
        let taken = self.0.set(policy);
        taken.map_err(|_| problems(vec![Value::from("a policy is loaded already")]))
    }

    /// Answers a question in JSON.
    #[must_use]
    pub fn answer(&self, input: &[u8]) -> &'static str {
        match self.policy() {
            Some(policy) => policy.answer(input),
            None => UNAVAILABLE,
        }
    }
}

/// What is wrong with a document, for whoever built it: `{"problems": ["…"]}`, all of them.
#[must_use]
pub fn refusal(found: &Problems) -> String {
    problems(found.0.iter().map(|one| one.to_string().into()).collect())
}

fn problems(all: Vec<Value>) -> String {
    json!({ "problems": all }).to_string()
}
