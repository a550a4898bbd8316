//! What a policy allows, and the decision itself.

use alloc::boxed::Box;
use core::cmp::Ordering;

use crate::action::{Action, Kind};
use crate::decision::{Decision, Reason};
use crate::input::Input;
use crate::problem::Problems;

/// A policy: for each kind of resource what is allowed, or nothing said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub(crate) denies_unlisted_sections: bool,
    pub(crate) env: Section,
    pub(crate) cache: Section,
    pub(crate) sql: Section,
    pub(crate) hosts: Section,
}

/// What a section allows; none is a section that is not there.
pub(crate) type Section = Option<Allowlist>;

/// Entries in the order that `place` looks for them in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowlist(pub(crate) Box<[Entry]>);

/// One allowed thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Of hosts in lower case.
    pub(crate) id: Box<str>,
    /// A query that may be read from, not written with.
    pub(crate) is_read_only: bool,
}

impl Policy {
    /// Reads a document: `{"env", "cache", "sql", "hosts", "default"}`, each section a list or `{"allow": […]}`; or with the
    /// sections of the file form, `env.allow`, `egress.allow_hosts`, `cache.allow_namespaces`, `sql.allow_queries`. A query
    /// may be `{"query": name, "read_only": true}`.
    ///
    /// # Errors
    /// [`Problems`]: all of them, each with its place. A document that is wrong anywhere is no policy.
    pub fn from_json(document: &[u8]) -> Result<Policy, Problems> {
        crate::document::read(document)
    }

    /// Decides. The order is part of the contract: is the action known, is there a resource with an id, is it of the right
    /// kind, is it allowed? Takes the logarithm of the section's entries.
    pub fn decide(&self, input: &Input<'_>) -> Decision {
        match self.refusal(input) {
            None => Decision::Allow,
            Some(reason) => Decision::Deny(reason),
        }
    }

    /// Decides a question in JSON, and answers in JSON: what a guest does, and what a host does with a text. A question that
    /// is none is denied as `malformed_input`.
    ///
    /// ```
    /// let policy = wardian_rules::Policy::default();
    /// assert_eq!(policy.answer(b"?"), r#"{"kind":"deny","reason":"malformed_input"}"#);
    /// ```
    #[must_use]
    pub fn answer(&self, input: &[u8]) -> &'static str {
        match Input::from_json(input) {
            Ok(input) => self.decide(&input).to_json(),
            Err(_) => r#"{"kind":"deny","reason":"malformed_input"}"#,
        }
    }

    fn refusal(&self, input: &Input<'_>) -> Option<Reason> {
        let Some(action) = Action::by_name(&input.action) else {
            return Some(Reason::UnknownAction);
        };
        let resource = input.resource.as_ref();
        let with_id = resource.and_then(|found| Some((found, found.id.as_deref()?)));
        let Some((resource, id)) = with_id.filter(|(_, id)| !id.is_empty()) else {
            return Some(Reason::MissingResource);
        };
        if resource.kind != action.kind().name() {
            return Some(Reason::WrongResourceKind);
        }
        (!self.allows(action, id)).then_some(Reason::NotInAllowlist)
    }

    fn allows(&self, action: Action, id: &str) -> bool {
        let kind = action.kind();
        let Some(allowed) = self.section(kind) else {
            return !self.denies_unlisted_sections;
        };
        let found = allowed.find(kind, id);
        found.is_some_and(|entry| action != Action::DbWrite || !entry.is_read_only)
    }

    fn section(&self, kind: Kind) -> Option<&Allowlist> {
        match kind {
            Kind::EnvVar => self.env.as_ref(),
            Kind::Namespace => self.cache.as_ref(),
            Kind::SqlQuery => self.sql.as_ref(),
            Kind::Host => self.hosts.as_ref(),
        }
    }

    /// What a section allows, in order; none where the policy says nothing of it. Hosts are in lower case.
    pub fn allowed(&self, kind: Kind) -> Option<impl Iterator<Item = &str>> {
        let entries = self.section(kind)?.0.iter();
        Some(entries.map(|entry| &*entry.id))
    }

    /// Whether a section that is not there denies; without `"default": "deny"` it allows.
    #[must_use]
    pub fn denies_by_default(&self) -> bool {
        self.denies_unlisted_sections
    }
}

impl Allowlist {
    fn find(&self, kind: Kind, id: &str) -> Option<&Entry> {
        let place = self.0.binary_search_by(|entry| place(kind, entry, id));
        place.ok().and_then(|at| self.0.get(at))
    }
}

/// Where an entry stands to an id that is asked for. Hosts have no case in ASCII; all else is compared byte by byte.
fn place(kind: Kind, entry: &Entry, id: &str) -> Ordering {
    match kind {
        Kind::Host => {
            let asked = id.bytes().map(|byte| byte.to_ascii_lowercase());
            entry.id.bytes().cmp(asked)
        }
        Kind::EnvVar | Kind::Namespace | Kind::SqlQuery => (*entry.id).cmp(id),
    }
}
