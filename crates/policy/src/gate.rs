//! Capabilities that can be used only through a check: who holds a [`Gated`] has nothing else to reach for.
//!
//! in: what is to be done; out: what came of it, or [`Denied`]; never: the thing itself.

mod env;
mod http;
mod kv;
mod sql;

use std::fmt;
use std::sync::Arc;

use wardian_rules::{Actor, Env, Input};

use crate::point::DecisionPoint;
use crate::{Decision, Reason};

pub use env::{EnvVars, ProcessEnv};
pub use http::{Fetch, FetchRequest, FetchResponse, HttpGateError, REDIRECTS_MAX};
pub use kv::KeyValue;
pub use sql::Sql;

/// For whom and from where a gate asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// Who asks.
    pub actor: Actor<'static>,
    /// Where.
    pub env: Env<'static>,
}

/// A capability behind a gate. Cloning shares it.
///
/// ```
/// use std::convert::Infallible;
/// use wardian_policy::gate::{Asker, Gated, KeyValue};
/// use wardian_policy::{DecisionPoint, LocalChecker, PointConfig};
///
/// /// What the host has; the handler never sees it.
/// #[derive(Default)]
/// struct Store(std::sync::Mutex<Vec<(String, String)>>);
///
/// impl KeyValue for Store {
///     type Error = Infallible;
///     async fn read(&self, _namespace: &str, _key: &str) -> Result<Option<Vec<u8>>, Infallible> {
///         Ok(None)
///     }
///     async fn write(&self, namespace: &str, key: &str, _value: Vec<u8>) -> Result<(), Infallible> {
///         self.0.lock().unwrap().push((namespace.into(), key.into()));
///         Ok(())
///     }
/// }
///
/// let checker = LocalChecker::from_json(br#"{"cache": ["sessions"]}"#)?;
/// let point = DecisionPoint::new(checker, PointConfig::default());
/// let kv = Gated::new(Store::default(), &point, Asker::default());
///
/// futures_lite::future::block_on(async {
///     assert!(kv.write("sessions", "1", b"open".to_vec()).await.is_ok());
///     let denied = kv.write("payments", "1", b"paid".to_vec()).await.unwrap_err();
///     assert_eq!(denied.to_string(), "cache.write on payments is denied: not_in_allowlist");
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Gated<T> {
    /// Never given out.
    inner: Arc<T>,
    point: DecisionPoint,
    asker: Arc<Asker>,
}

impl<T> Clone for Gated<T> {
    fn clone(&self) -> Self {
        Gated {
            inner: self.inner.clone(),
            point: self.point.clone(),
            asker: self.asker.clone(),
        }
    }
}

impl<T> fmt::Debug for Gated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gated")
            .field("asker", &self.asker)
            .finish_non_exhaustive()
    }
}

/// What was not done, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action} on {} is denied: {reason}", wardian_sandbox::text::clean(id.as_bytes(), 200))]
pub struct Denied {
    /// What was to be done.
    pub action: &'static str,
    /// To what.
    pub id: String,
    /// Why not.
    pub reason: Reason,
}

/// What a gated call ends in when it does not end well.
#[derive(Debug, thiserror::Error)]
pub enum GateError<E> {
    /// It was not done.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It was allowed and tried, and failed.
    #[error(transparent)]
    Failed(E),
}

impl<E> GateError<E> {
    /// The denial, if it is one.
    pub fn denied(&self) -> Option<&Denied> {
        match self {
            GateError::Denied(denied) => Some(denied),
            GateError::Failed(_) => None,
        }
    }
}

impl<T> Gated<T> {
    /// Puts a capability behind a gate, for good.
    #[must_use]
    pub fn new(inner: T, point: &DecisionPoint, asker: Asker) -> Gated<T> {
        Gated {
            inner: Arc::new(inner),
            point: point.clone(),
            asker: Arc::new(asker),
        }
    }

    /// The same capability for somebody else.
    #[must_use]
    pub fn for_asker(&self, asker: Asker) -> Gated<T> {
        Gated {
            asker: Arc::new(asker),
            ..self.clone()
        }
    }

    /// Asks; an error is a no.
    async fn ask(&self, action: &'static str, kind: &'static str, id: &str) -> Result<(), Denied> {
        let input = self.input(action, kind, id);
        match self.point.check(&input).await {
            Decision::Allow => Ok(()),
            Decision::Deny(reason) => Err(Denied {
                action,
                id: id.into(),
                reason,
            }),
        }
    }

    fn input<'t>(&'t self, action: &'static str, kind: &'static str, id: &'t str) -> Input<'t> {
        Input {
            actor: borrowed(&self.asker.actor),
            env: Env {
                service: (&*self.asker.env.service).into(),
                mode: (&*self.asker.env.mode).into(),
            },
            timestamp_ns: crate::denials::now_ns(),
            ..Input::new(action, kind, id)
        }
    }
}

fn borrowed<'a>(actor: &'a Actor<'static>) -> Actor<'a> {
    match actor {
        Actor::Anonymous => Actor::Anonymous,
        Actor::User(id) => Actor::User((&**id).into()),
        Actor::Service(id) => Actor::Service((&**id).into()),
        Actor::CompilerTool(id) => Actor::CompilerTool((&**id).into()),
    }
}
