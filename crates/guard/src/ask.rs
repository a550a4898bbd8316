//! How a module answers a machine's question.

use std::time::Duration;

use wardian_machine::{Answer, Asking, Context, Foreign, Question, Wanted};
use wardian_sandbox::Outcome;

use crate::GuardError;
use crate::answer::said;
use crate::module::GuardModule;

impl<C: Context> Foreign<C> for GuardModule {
    fn ask<'a>(&'a self, question: Question<'a, C>) -> Asking<'a> {
        // Written before the future waits, so that it does not hold the context.
        let request = self.request(&question);
        let (wanted, left) = (question.wanted, question.time_left);
        Box::pin(async move {
            match request {
                Ok(request) => answer(wanted, self.calling(request, left).await),
                Err(error) => refused(wanted, error),
            }
        })
    }

    fn ask_blocking(&self, question: Question<'_, C>) -> Answer {
        let wanted = question.wanted;
        match self.request(&question) {
            Ok(request) => answer(wanted, self.called(request, question.time_left)),
            Err(error) => refused(wanted, error),
        }
    }
}

fn answer(wanted: Wanted, outcome: Outcome) -> Answer {
    let spent = outcome.usage.wall;
    let said = match &outcome.result {
        Ok(answer) => said(wanted, Ok(answer.bytes())),
        Err(error) => said(wanted, Err(error.clone().into())),
    };
    Answer { said, spent }
}

fn refused(wanted: Wanted, error: GuardError) -> Answer {
    Answer {
        said: said(wanted, Err(error)),
        spent: Duration::ZERO,
    }
}
