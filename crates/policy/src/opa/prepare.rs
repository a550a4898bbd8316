//! Makes a policy of OPA's ready: rewritten, its data read, its memory kept.

use bytes::Bytes;
use serde_json::value::RawValue;
use wardian_sandbox::{Binding, Call, Contract, Sandbox, Source};

use super::checker::listing_limits;
use super::{BuiltinTable, Options, adapt, entrypoint};
use crate::make::{self, MakeError};

/// Bytes of a data document.
pub const DATA_BYTES_MAX: usize = 16 << 20;

/// Makes a policy module of what `opa build -t wasm` wrote: its entrypoint by name (the only one where none is named), and a
/// data document, a JSON object, in memory before the first question. The result is an artifact's bytes, for
/// [`OpaChecker`](super::OpaChecker).
///
/// # Errors
/// [`MakeError::Opa`] with all that does not fit, builtins that are not provided among it; [`MakeError::Source`] for data that
/// is none.
pub fn prepare(
    sandbox: &Sandbox,
    module: &[u8],
    wanted: Option<&str>,
    data: Option<&[u8]>,
) -> Result<Bytes, MakeError> {
    let data = data.unwrap_or(b"{}");
    check_data(data)?;
    let plain = adapt(module, &Options::default())?;
    let ask = |function: &'static str| -> Result<Bytes, MakeError> {
        let loaded = sandbox.load_blocking(Source::new("opa", plain.clone()));
        let mut binding = Binding::new(Contract::policy());
        binding.limits = Some(listing_limits());
        let linked = loaded.map(|loaded| loaded.link(&binding));
        let linked = linked
            .map_err(|error| MakeError::Snapshot(error.into()))?
            .map_err(|error| MakeError::Snapshot(error.into()))?;
        let outcome = linked.call_blocking(Call::bytes(function, ""));
        let said = outcome
            .result
            .map_err(|error| MakeError::Snapshot(error.into()))?;
        Ok(said.into_bytes())
    };
    let entrypoint = entrypoint(&ask("policy_entrypoints")?, wanted)?;
    let builtins = BuiltinTable::read(&ask("policy_builtins")?)?;
    let options = Options {
        entrypoint,
        host_builtins: !builtins.is_empty(),
        ..Options::default()
    };
    let adapted = adapt(module, &options)?;
    make::snapshot_with(
        sandbox,
        "opa",
        adapted.into(),
        data,
        super::checker::refusing(),
    )
}

/// OPA's own reader passes over what comes behind the first value.
fn check_data(data: &[u8]) -> Result<(), MakeError> {
    let problem = |text: String| MakeError::Source(vec![text]);
    if data.len() > DATA_BYTES_MAX {
        let bytes = data.len();
        return Err(problem(format!(
            "data: asked {bytes} bytes, allowed {DATA_BYTES_MAX} bytes"
        )));
    }
    let read: Result<&RawValue, _> = serde_json::from_slice(data);
    let read = read.map_err(|error| problem(format!("data: {error}")))?;
    match read.get().starts_with('{') {
        true => Ok(()),
        false => Err(problem("data: not a JSON object".into())),
    }
}
