//! Names for modules.

use std::sync::Arc;

use wardian_machine::{BoundTwice, Context, Foreign, Registry};

/// A guard as part of a condition: composes with `&`, `|` and `!`.
pub use wardian_machine::Guard as GuardNode;

/// Binds a guard; gives it as a part of conditions in Rust. Documents say its name.
///
/// # Errors
/// [`BoundTwice`].
pub fn bind<C: Context>(
    registry: &mut Registry<C>,
    name: &str,
    module: impl Foreign<C> + 'static,
) -> Result<GuardNode, BoundTwice> {
    registry.foreign_guard(name, Arc::new(module))?;
    Ok(GuardNode::named(name))
}

/// Binds an action: `{"context","event","params"}` → `{"effects": […]}`, or `{"error": text}`, which undoes the step.
///
/// # Errors
/// [`BoundTwice`].
pub fn bind_action<C: Context>(
    registry: &mut Registry<C>,
    name: &str,
    module: impl Foreign<C> + 'static,
) -> Result<(), BoundTwice> {
    registry.foreign_action(name, Arc::new(module))?;
    Ok(())
}

/// Binds an assign: `{"context","event","params"}` → `{"context": …}`, the whole of it, or `{"error": text}`.
///
/// # Errors
/// [`BoundTwice`].
pub fn bind_assign<C: Context>(
    registry: &mut Registry<C>,
    name: &str,
    module: impl Foreign<C> + 'static,
) -> Result<(), BoundTwice> {
    registry.foreign_assign(name, Arc::new(module))?;
    Ok(())
}

/// Binds a service: `{"context","event","params"}`, with the invocation's input as `params`, → `{"result": …}`, or
/// `{"error": text}`. [`Provided::serve`](wardian_machine::Provided::serve) runs it.
///
/// # Errors
/// [`BoundTwice`].
pub fn bind_service<C: Context>(
    registry: &mut Registry<C>,
    name: &str,
    module: impl Foreign<C> + 'static,
) -> Result<(), BoundTwice> {
    registry.foreign_service(name, Arc::new(module))?;
    Ok(())
}
