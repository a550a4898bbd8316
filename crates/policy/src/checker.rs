//! One trait for whoever decides, so that a host can exchange them and nothing else.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use wardian_rules::Input;

use crate::guest::Asked;
use crate::statics::StaticRule;
use crate::{Decision, Reason};

/// Decides. What it says is the answer: there is nothing more permissive to ask after it.
///
/// ```
/// use wardian_policy::{Decision, LocalChecker, PolicyChecker};
/// use wardian_rules::Input;
///
/// let checker = LocalChecker::from_json(br#"{"env": ["HOME"]}"#)?;
/// let checker: &dyn PolicyChecker = &checker;
/// assert_eq!(checker.check_blocking(&Input::new("env.read", "env_var", "HOME")), Decision::Allow);
/// # Ok::<(), wardian_rules::Problems>(())
/// ```
pub trait PolicyChecker: Send + Sync + std::fmt::Debug {
    /// Decides without blocking the thread. Dropping the future ends a guest that runs.
    fn check<'a>(&'a self, input: &'a Input<'a>) -> Checking<'a>;

    /// Decides on the caller's thread, which a guest may hold up until its deadline.
    fn check_blocking(&self, input: &Input<'_>) -> Decision;

    /// Which policy decides.
    fn policy(&self) -> &PolicyId;

    /// Whether it decides alike on alike questions, whenever they are asked: a cache may keep what it says.
    fn is_pure(&self) -> bool;

    /// What whoever made the policy declares safe: it is not asked, and the answer is yes.
    fn statics(&self) -> &[StaticRule] {
        &[]
    }
}

/// Which policy decided: what the log of denials says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyId {
    /// Its version, as its maker says; empty where nothing is said.
    pub version: Arc<str>,
    /// `sha256:` and 64 digits of hex.
    pub digest: Arc<str>,
}

/// A decision on its way. What is known at once takes no allocation.
#[derive(Debug)]
pub struct Checking<'a>(Kind<'a>);

enum Kind<'a> {
    Ready(Option<Decision>),
    Guest(Asked),
    Other(Pin<Box<dyn Future<Output = Decision> + Send + 'a>>),
}

impl std::fmt::Debug for Kind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Ready(_) => "Ready",
            Kind::Guest(_) => "Guest",
            Kind::Other(_) => "Other",
        })
    }
}

impl<'a> Checking<'a> {
    /// A decision that is known.
    #[must_use]
    pub fn ready(decision: Decision) -> Checking<'a> {
        Checking(Kind::Ready(Some(decision)))
    }

    /// A decision that somebody else's checker has to wait for.
    pub fn waiting(future: impl Future<Output = Decision> + Send + 'a) -> Checking<'a> {
        Checking(Kind::Other(Box::pin(future)))
    }

    pub(crate) fn asked(asked: Asked) -> Checking<'a> {
        Checking(Kind::Guest(asked))
    }
}

impl Future for Checking<'_> {
    type Output = Decision;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Decision> {
        match &mut self.0 {
            Kind::Ready(decision) => {
                // Polled again after it was given out, it is a no.
                let none = Decision::Deny(Reason::POLICY_UNAVAILABLE);
                Poll::Ready(decision.take().unwrap_or(none))
            }
            Kind::Guest(asked) => Pin::new(asked).poll(cx),
            Kind::Other(future) => future.as_mut().poll(cx),
        }
    }
}
