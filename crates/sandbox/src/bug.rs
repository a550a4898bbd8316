//! Our own impossible cases: loud in debug builds, a `Host` error in release, never a guest's fault.

/// Names an impossible case: panics in debug builds; in release it is a [`crate::CallError::Host`].
macro_rules! bug {
    ($($text:tt)*) => {{
        debug_assert!(false, $($text)*);
        $crate::error::HostError::failed($crate::bug::Bug(format!($($text)*)))
    }};
}
pub(crate) use bug;

/// What `bug!` carries in a release build.
#[derive(Debug, thiserror::Error)]
#[error("a bug in the sandbox: {0}")]
pub(crate) struct Bug(pub(crate) String);
