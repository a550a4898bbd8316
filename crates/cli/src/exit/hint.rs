//! Which option helps against what ended a call.

use wardian_sandbox::{Limit, SandboxError};

/// The option that raises a limit.
pub(super) fn limit(which: Limit, max: u64) -> Option<String> {
    let double = which.show(max.saturating_mul(2).max(1)).replace(' ', "");
    let double = double
        .trim_end_matches("units")
        .trim_end_matches("elements")
        .trim_end_matches("calls");
    let key = match which {
        Limit::Memory => "memory",
        Limit::Fuel => "fuel",
        Limit::Deadline => "deadline",
        Limit::Table => "table",
        Limit::Input => "input",
        Limit::Output => "output",
        Limit::HostCalls => "host-calls",
        Limit::Stack => return Some("raise `--stack` if this guest needs it".into()),
        Limit::MemoryTotal => {
            return Some("this machine has no more memory to give to guests".into());
        }
        _ => return None,
    };
    Some(format!(
        "raise it if this guest needs it, such as `--limit {key}={double}`"
    ))
}

pub(super) fn sandbox(error: &SandboxError) -> Option<String> {
    let hint = match error {
        SandboxError::Config(_) => "change `--pool`, `--stack` or `--limit`",
        SandboxError::Engine(_) => {
            "`wardian doctor` says what this machine supports; fewer instances need less: `--pool 8`"
        }
        SandboxError::Disk(_) => {
            "choose another place with `--cache-dir`, or go without with `--no-cache`"
        }
        SandboxError::Threads(_) => "the system refuses more threads: see `ulimit -u`",
    };
    Some(hint.into())
}
