//! What errors of guards and of state machines mean.

use wardian_guard::GuardError;
use wardian_machine::StepError;
use wardian_sandbox::Blame;

use super::{ANSWER, CONTRACT, GUEST, HOST, LIMIT, Verdict};

impl Verdict {
    pub(super) fn of_guard(error: &GuardError) -> Verdict {
        let exit = match error {
            GuardError::Load(error) => return Verdict::of_load(error),
            GuardError::Link(error) => return Verdict::of_link(error),
            GuardError::Call(error) => return Verdict::of_call(error),
            GuardError::Section(_) => CONTRACT,
            GuardError::RequestTooLarge { .. } => LIMIT,
            GuardError::Request(_) => HOST,
            GuardError::Answer(_) => GUEST,
            GuardError::Failed(_) => ANSWER,
        };
        Verdict::new(exit, error.code(), Blame::Guest, None)
    }

    pub(super) fn of_step(error: &StepError) -> Verdict {
        let (exit, code) = match error {
            StepError::OtherMachine | StepError::Foreign { .. } => (HOST, "host"),
            StepError::Action { failure, .. } | StepError::Delay { failure, .. } => {
                (GUEST, &*failure.code)
            }
            StepError::Context(failure) => (GUEST, &*failure.code),
            StepError::TooManyMicrosteps { .. } => (LIMIT, "limit.microsteps"),
            StepError::TooManyEffects { .. } => (LIMIT, "limit.effects"),
        };
        Verdict::new(exit, code, Blame::Guest, None)
    }
}
