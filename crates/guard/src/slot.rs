//! A place for a guard that is replaced while machines run.

use std::sync::{PoisonError, RwLock};

use wardian_machine::{Answer, Asking, Context, Foreign, Question};

use crate::module::GuardModule;

/// Holds the module that answers now. An evaluation that has begun ends with the module it began with.
///
/// ```no_run
/// # fn f(sandbox: wardian_sandbox::Sandbox, first: Vec<u8>, second: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use wardian_guard::{GuardModule, GuardSlot};
///
/// let slot = Arc::new(GuardSlot::new(GuardModule::load_blocking(&sandbox, first)?));
/// let mut registry = wardian_machine::Registry::<serde_json::Value>::new();
/// registry.foreign_guard("approved", slot.clone())?;
/// // Later, from any thread; loading took its time before.
/// slot.replace(GuardModule::load_blocking(&sandbox, second)?);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct GuardSlot {
    current: RwLock<GuardModule>,
}

impl GuardSlot {
    /// Begins with this module.
    #[must_use]
    pub fn new(module: GuardModule) -> GuardSlot {
        GuardSlot {
            current: RwLock::new(module),
        }
    }

    /// The module that answers now.
    #[must_use]
    pub fn current(&self) -> GuardModule {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this one answers; gives back the one before.
    pub fn replace(&self, module: GuardModule) -> GuardModule {
        let current = self.current.write();
        std::mem::replace(
            &mut *current.unwrap_or_else(PoisonError::into_inner),
            module,
        )
    }
}

impl<C: Context> Foreign<C> for GuardSlot {
    fn ask<'a>(&'a self, question: Question<'a, C>) -> Asking<'a> {
        let module = self.current();
        Box::pin(async move { module.ask(question).await })
    }

    fn ask_blocking(&self, question: Question<'_, C>) -> Answer {
        self.current().ask_blocking(question)
    }
}
