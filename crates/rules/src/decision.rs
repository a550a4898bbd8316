//! The answer: yes, or no with a code. There is no third kind.

/// A decision of the built-in rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a decision that nobody looks at protects nothing"]
pub enum Decision {
    /// It may be done.
    Allow,
    /// It may not.
    Deny(Reason),
}

/// Why the built-in rules say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// `unknown_action`: none of the built-in actions.
    UnknownAction,
    /// `missing_resource`: no resource, or one without an id.
    MissingResource,
    /// `wrong_resource_kind`: the action is about another kind.
    WrongResourceKind,
    /// `not_in_allowlist`: the policy does not list it.
    NotInAllowlist,
}

impl Reason {
    /// All of them, in the order in which they are looked for.
    pub const ALL: [Reason; 4] = [
        Reason::UnknownAction,
        Reason::MissingResource,
        Reason::WrongResourceKind,
        Reason::NotInAllowlist,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Reason::UnknownAction => "unknown_action",
            Reason::MissingResource => "missing_resource",
            Reason::WrongResourceKind => "wrong_resource_kind",
            Reason::NotInAllowlist => "not_in_allowlist",
        }
    }
}

impl Decision {
    /// The answer as every checker gives it, byte for byte.
    #[must_use]
    pub const fn to_json(self) -> &'static str {
        match self {
            Decision::Allow => r#"{"kind":"allow"}"#,
            Decision::Deny(Reason::UnknownAction) => r#"{"kind":"deny","reason":"unknown_action"}"#,
            Decision::Deny(Reason::MissingResource) => {
                r#"{"kind":"deny","reason":"missing_resource"}"#
            }
            Decision::Deny(Reason::WrongResourceKind) => {
                r#"{"kind":"deny","reason":"wrong_resource_kind"}"#
            }
            Decision::Deny(Reason::NotInAllowlist) => {
                r#"{"kind":"deny","reason":"not_in_allowlist"}"#
            }
        }
    }
}
