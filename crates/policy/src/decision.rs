//! Yes, or no with a code; whoever decided.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Bytes of a reason of a guest's own.
pub const REASON_BYTES_MAX: usize = 100;

/// Whether it may be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub enum Decision {
    /// It may.
    Allow,
    /// It may not.
    Deny(Reason),
}

/// Why not: a stable code. The constants are the built-in rules' and the checkers'; a policy of somebody else's may say its
/// own, of 1 to 100 bytes of letters, digits and `_ . : / -`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reason(Code);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Code {
    /// One of `Reason::KNOWN`, and nothing else: equal codes are equal values.
    Known(&'static str),
    Own(Arc<str>),
}

impl Reason {
    /// None of the built-in actions.
    pub const UNKNOWN_ACTION: Reason = Reason::known("unknown_action");
    /// No resource, or one without an id.
    pub const MISSING_RESOURCE: Reason = Reason::known("missing_resource");
    /// The action is about another kind of resource.
    pub const WRONG_RESOURCE_KIND: Reason = Reason::known("wrong_resource_kind");
    /// The policy does not list it.
    pub const NOT_IN_ALLOWLIST: Reason = Reason::known("not_in_allowlist");
    /// There is no policy to ask, or no room to ask it in.
    pub const POLICY_UNAVAILABLE: Reason = Reason::known("policy_unavailable");
    /// The policy did what WebAssembly forbids, or gave up.
    pub const TRAP: Reason = Reason::known("trap");
    /// There was no answer in time.
    pub const TIMEOUT: Reason = Reason::known("timeout");
    /// The policy wanted more memory than it has.
    pub const OUT_OF_MEMORY: Reason = Reason::known("out_of_memory");
    /// The policy used up its fuel.
    pub const OUT_OF_FUEL: Reason = Reason::known("out_of_fuel");
    /// What was asked is no question.
    pub const MALFORMED_INPUT: Reason = Reason::known("malformed_input");
    /// What the policy said is no answer.
    pub const MALFORMED_RESULT: Reason = Reason::known("malformed_result");

    /// The codes of the contract.
    pub const KNOWN: [Reason; 11] = [
        Reason::UNKNOWN_ACTION,
        Reason::MISSING_RESOURCE,
        Reason::WRONG_RESOURCE_KIND,
        Reason::NOT_IN_ALLOWLIST,
        Reason::POLICY_UNAVAILABLE,
        Reason::TRAP,
        Reason::TIMEOUT,
        Reason::OUT_OF_MEMORY,
        Reason::OUT_OF_FUEL,
        Reason::MALFORMED_INPUT,
        Reason::MALFORMED_RESULT,
    ];

    const fn known(code: &'static str) -> Reason {
        Reason(Code::Known(code))
    }

    /// The reason with this code; none where it is not written as one.
    ///
    /// ```
    /// use wardian_policy::Reason;
    /// assert_eq!(Reason::from_code("trap"), Some(Reason::TRAP));
    /// assert_eq!(Reason::from_code("office:closed").map(|own| own.to_string()), Some("office:closed".into()));
    /// assert_eq!(Reason::from_code("no\nsuch"), None);
    /// ```
    #[must_use]
    pub fn from_code(code: &str) -> Option<Reason> {
        let known = Reason::KNOWN.into_iter().find(|known| known.code() == code);
        if known.is_some() {
            return known;
        }
        let fits = (1..=REASON_BYTES_MAX).contains(&code.len());
        let written = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte);
        (fits && code.bytes().all(written)).then(|| Reason(Code::Own(code.into())))
    }

    /// Whether there was no answer, rather than a no: the policy failed, or could not be asked.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        [
            Reason::POLICY_UNAVAILABLE,
            Reason::TRAP,
            Reason::TIMEOUT,
            Reason::OUT_OF_MEMORY,
            Reason::OUT_OF_FUEL,
            Reason::MALFORMED_INPUT,
            Reason::MALFORMED_RESULT,
        ]
        .contains(self)
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.0 {
            Code::Known(code) => code,
            Code::Own(code) => code,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Decision {
    /// Whether it may be done.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        *self == Decision::Allow
    }

    /// Why not.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Decision::Allow => None,
            Decision::Deny(reason) => Some(reason),
        }
    }

    /// The answer byte for byte: `{"kind":"allow"}` or `{"kind":"deny","reason":"<code>"}`.
    #[must_use]
    pub fn to_json(&self) -> Cow<'static, str> {
        match self {
            Decision::Allow => Cow::Borrowed(r#"{"kind":"allow"}"#),
            // A code has nothing in it that JSON escapes.
            Decision::Deny(reason) => {
                Cow::Owned(format!(r#"{{"kind":"deny","reason":"{reason}"}}"#))
            }
        }
    }
}

impl From<wardian_rules::Decision> for Decision {
    fn from(decision: wardian_rules::Decision) -> Decision {
        use wardian_rules::Reason as Rule;
        Decision::Deny(match decision {
            wardian_rules::Decision::Allow => return Decision::Allow,
            wardian_rules::Decision::Deny(Rule::UnknownAction) => Reason::UNKNOWN_ACTION,
            wardian_rules::Decision::Deny(Rule::MissingResource) => Reason::MISSING_RESOURCE,
            wardian_rules::Decision::Deny(Rule::WrongResourceKind) => Reason::WRONG_RESOURCE_KIND,
            wardian_rules::Decision::Deny(Rule::NotInAllowlist) => Reason::NOT_IN_ALLOWLIST,
        })
    }
}
