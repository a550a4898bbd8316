//! What an operator declares safe whatever the policy says: it never enters the box.

use std::fmt;
use std::str::FromStr;

use wardian_rules::Input;

/// An operation that is always allowed: an action, `cache.read`, or an action on one resource, `env.read env_var HOME`.
///
/// ```
/// use wardian_policy::{Input, StaticRule};
/// let rule: StaticRule = "env.read env_var HOME".parse()?;
/// assert!(rule.covers(&Input::new("env.read", "env_var", "HOME")));
/// assert!(!rule.covers(&Input::new("env.read", "env_var", "TOKEN")));
/// # Ok::<(), wardian_policy::NotStatic>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaticRule {
    action: Box<str>,
    resource: Option<(Box<str>, Box<str>)>,
}

/// A text that declares no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an operation: {0:?}; write ACTION, or ACTION KIND ID")]
pub struct NotStatic(String);

impl FromStr for StaticRule {
    type Err = NotStatic;

    fn from_str(text: &str) -> Result<StaticRule, NotStatic> {
        let mut parts = text.splitn(3, ' ');
        let mut part = || parts.next().filter(|part| !part.is_empty());
        match (part(), part(), part()) {
            (Some(action), None, None) if !text.contains(' ') => Ok(StaticRule {
                action: action.into(),
                resource: None,
            }),
            (Some(action), Some(kind), Some(id)) => Ok(StaticRule {
                action: action.into(),
                resource: Some((kind.into(), id.into())),
            }),
            _ => Err(NotStatic(text.chars().take(200).collect())),
        }
    }
}

impl fmt::Display for StaticRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.resource {
            None => f.write_str(&self.action),
            Some((kind, id)) => write!(f, "{} {kind} {id}", self.action),
        }
    }
}

impl StaticRule {
    /// An action on anything.
    pub(crate) fn action(name: &str) -> StaticRule {
        StaticRule {
            action: name.into(),
            resource: None,
        }
    }

    /// Whether it is this operation. Everything is compared exactly.
    #[must_use]
    pub fn covers(&self, input: &Input<'_>) -> bool {
        if *self.action != *input.action {
            return false;
        }
        let Some((kind, id)) = &self.resource else {
            return true;
        };
        input.resource.as_ref().is_some_and(|resource| {
            *resource.kind == **kind && resource.id.as_deref() == Some(&**id)
        })
    }
}
