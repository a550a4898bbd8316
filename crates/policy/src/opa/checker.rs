//! A policy of OPA's in the box.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wardian_rules::Input;
use wardian_sandbox::{
    Binding, Call, Contract, Host, HostError, Imports, Limits, Outcome, Sandbox,
};

use crate::artifact::Artifact;
use crate::checker::{Checking, PolicyChecker, PolicyId};
use crate::error::PolicyError;
use crate::guest::{Dialect, Guest, Prepared, for_cpu, source};
use crate::opa::{Answer, BuiltinTable, Fault, HOST_BUILTIN, HOST_MODULE, read_answer};
use crate::statics::StaticRule;
use crate::{Decision, Reason, answer};

/// Calls of builtins that a check may make.
pub const BUILTIN_CALLS_MAX: u64 = 1_000;

/// Decides by a policy that Open Policy Agent compiled, and that [`prepare`](super::prepare) made ready.
///
/// The entrypoint's value is the decision: `true`, `{"allow": true}`, `{"kind": "allow"}` allow; everything else denies,
/// undefined too.
#[derive(Debug)]
pub struct OpaChecker(Guest<u64>);

impl OpaChecker {
    /// Loads and links a policy.
    ///
    /// # Errors
    /// [`PolicyError`]: it is no such policy, or calls builtins that are not provided, all of which are named.
    pub async fn load(
        sandbox: &Sandbox,
        artifact: &Artifact,
        prepared: Prepared,
    ) -> Result<OpaChecker, PolicyError> {
        let builtins = Arc::new(OnceLock::new());
        let asks = asking(&builtins);
        let module = sandbox.load(source(artifact, prepared.cpu)).await?;
        let mut binding = Binding::with_imports(Contract::policy(), asks.clone());
        binding.limits = Some(for_cpu(listing_limits(), prepared.cpu));
        let listed = module.link(&binding)?.call(list()).await;
        let prepared = with_builtins(&builtins, prepared, listed)?;
        let guest = Guest::load(sandbox, artifact, prepared, dialect(asks)).await?;
        Ok(OpaChecker(guest))
    }

    /// The same on the caller's thread.
    ///
    /// # Errors
    /// As [`OpaChecker::load`].
    pub fn load_blocking(
        sandbox: &Sandbox,
        artifact: &Artifact,
        prepared: Prepared,
    ) -> Result<OpaChecker, PolicyError> {
        futures_lite::future::block_on(OpaChecker::load(sandbox, artifact, prepared))
    }

    /// Decides, and says what that used.
    pub fn outcome_blocking(&self, input: &Input<'_>) -> (Decision, Outcome) {
        self.0.outcome_blocking(input)
    }
}

impl PolicyChecker for OpaChecker {
    fn check<'a>(&'a self, input: &'a Input<'a>) -> Checking<'a> {
        Checking::asked(self.0.ask(input))
    }

    fn check_blocking(&self, input: &Input<'_>) -> Decision {
        self.0.ask_blocking(input)
    }

    fn policy(&self) -> &PolicyId {
        self.0.id()
    }

    fn is_pure(&self) -> bool {
        self.0.is_pure()
    }

    fn statics(&self) -> &[StaticRule] {
        self.0.statics()
    }
}

fn list() -> Call<u64> {
    Call::bytes("policy_builtins", "").state(0)
}

pub(super) fn listing_limits() -> Limits {
    let second = Duration::from_secs(1);
    Limits {
        memory_bytes_max: 64 << 20,
        ..Limits::small(second)
    }
}

/// Takes note of the builtins that a policy lists, and lets it call them.
fn with_builtins(
    builtins: &OnceLock<BuiltinTable>,
    prepared: Prepared,
    listed: Outcome,
) -> Result<Prepared, PolicyError> {
    let unfit = |what: String| PolicyError::Unfit(what);
    let listed = listed.result.map_err(|error| unfit(error.to_string()))?;
    let table = BuiltinTable::read(listed.bytes()).map_err(|problem| unfit(problem.to_string()))?;
    let host_calls_max = match table.is_empty() {
        true => 0,
        false => BUILTIN_CALLS_MAX,
    };
    // It is set once, before anything could ask it.
    let _ = builtins.set(table);
    Ok(Prepared {
        limits: Limits {
            host_calls_max,
            ..prepared.limits
        },
        ..prepared
    })
}

fn dialect(imports: Imports<u64>) -> Dialect<u64> {
    Dialect {
        imports,
        state: |moment| moment,
        read: Some(read),
    }
}

fn read(outcome: &Outcome, deadline: Duration) -> Decision {
    let said = match &outcome.result {
        Ok(said) => said,
        Err(error) => return Decision::Deny(answer::reason(error, outcome, deadline)),
    };
    match read_answer(said.bytes()) {
        Answer::Allow => Decision::Allow,
        Answer::Malformed => Decision::Deny(Reason::MALFORMED_RESULT),
        Answer::Deny { reason } => {
            let reason = Reason::from_code(&reason);
            Decision::Deny(reason.unwrap_or(Reason::MALFORMED_RESULT))
        }
    }
}

/// The one host function: a builtin by its id, over texts. The state is the moment of the question.
fn asking(builtins: &Arc<OnceLock<BuiltinTable>>) -> Imports<u64> {
    let builtins = builtins.clone();
    let answer = move |host: &mut Host<'_, u64>,
                       (id, args, len, out, room): (i32, i32, i32, i32, i32)|
          -> Result<i64, HostError> {
        let moment = *host.state()?;
        let table = builtins.get();
        let called = match table {
            Some(table) => table.call(id, host.read(args, len)?, moment),
            None => Err(Fault::Unlisted { id }),
        };
        // A policy that asks for what it may not have is one that fails.
        let said = called.map_err(|fault| HostError::panic(fault.to_string().as_bytes()))?;
        let Some(said) = said else {
            return Ok(-1);
        };
        if said.len() > usize::try_from(room).unwrap_or(0) {
            return Err(HostError::panic(b"no room for the answer of a builtin"));
        }
        host.write(out, said.as_bytes())?;
        Ok(i64::try_from(said.len()).unwrap_or(-1))
    };
    Imports::new().define_sync(HOST_MODULE, HOST_BUILTIN, None, answer)
}

/// Imports for a module that is only being set up: nothing is called then.
pub(super) fn refusing() -> Imports<u64> {
    asking(&Arc::new(OnceLock::new()))
}
