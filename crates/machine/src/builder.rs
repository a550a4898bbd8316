//! Machines in Rust. A builder fills the document that its calls would have been, and the native form's reader reads it: so
//! both know the same rules, and problems carry the pointers that the document would have.
//!
//! In those pointers, transitions and actions stand in lists where there are several and alone where there is one, as
//! [`Machine::to_json_text`] writes them.

mod parts;

use serde_json::Value;

pub use self::parts::{Invoke, Transition};
use crate::action::{Action, Delay};
use crate::draft::Kind;
use crate::model::Machine;
use crate::problem::Problems;
use crate::written::Written;

/// A machine that is being put together; [`Machine::builder`] begins one.
///
/// ```
/// use serde_json::json;
/// use wardian_machine::{Guard, Machine, StateBuilder, Transition};
///
/// let machine = Machine::builder("order")
///     .context(json!({"total": 0}))
///     .initial("open")
///     .state(StateBuilder::atomic("open").on(
///         "pay",
///         Transition::to("paid").guard(Guard::named("approved") & !Guard::named("blocked")).action("send"),
///     ))
///     .state(StateBuilder::final_state("paid"))
///     .build()?;
/// assert_eq!(machine.guard_names(), ["approved", "blocked"]);
/// # Ok::<(), wardian_machine::Problems>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct MachineBuilder {
    written: Written,
}

/// A state that is being put together. What a state of its kind cannot have is a problem when the machine is built.
#[derive(Clone, Debug)]
#[must_use]
pub struct StateBuilder {
    written: Written,
}

impl MachineBuilder {
    pub(crate) fn new(id: String) -> MachineBuilder {
        let id = Some(id);
        MachineBuilder {
            written: Written {
                id,
                ..Written::default()
            },
        }
    }

    /// Makes all states of the machine active at once; without it, one of them is, or the machine has none.
    pub fn parallel(mut self) -> MachineBuilder {
        self.written.kind = Some(Kind::Parallel);
        self
    }

    /// The version of this definition.
    pub fn version(mut self, version: impl Into<String>) -> MachineBuilder {
        self.written.version = Some(version.into());
        self
    }

    /// The data to begin with; without it, an object without members.
    pub fn context(mut self, context: impl Into<Value>) -> MachineBuilder {
        self.written.context = Some(context.into());
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// All that is wrong, with pointers as if the machine had been written as JSON.
    pub fn build(self) -> Result<Machine, Problems> {
        crate::check::check(crate::native::read_tree(&self.written.tree()))
    }
}

impl StateBuilder {
    fn new(key: impl Into<String>, kind: Kind) -> StateBuilder {
        let (key, kind) = (key.into(), Some(kind));
        StateBuilder {
            written: Written {
                key,
                kind,
                ..Written::default()
            },
        }
    }

    /// A state without states inside.
    pub fn atomic(key: impl Into<String>) -> StateBuilder {
        StateBuilder::new(key, Kind::Atomic)
    }

    /// A state with states inside, one of them active; it begins at the state of the second key.
    pub fn compound(key: impl Into<String>, initial: impl Into<String>) -> StateBuilder {
        StateBuilder::new(key, Kind::Compound).initial(initial)
    }

    /// A state with states inside, all of them active.
    pub fn parallel(key: impl Into<String>) -> StateBuilder {
        StateBuilder::new(key, Kind::Parallel)
    }

    /// Where its parent ends.
    pub fn final_state(key: impl Into<String>) -> StateBuilder {
        StateBuilder::new(key, Kind::Final)
    }

    /// Stands for the state that was active in its parent.
    pub fn history(key: impl Into<String>) -> StateBuilder {
        StateBuilder::new(key, Kind::History { deep: false })
    }

    /// Stands for the states that were active in its parent, with all inside.
    pub fn deep_history(key: impl Into<String>) -> StateBuilder {
        StateBuilder::new(key, Kind::History { deep: true })
    }

    /// Gives it an id of its own, for targets such as `#id`; without it, the machine's id and the keys that lead to it.
    pub fn id(mut self, id: impl Into<String>) -> StateBuilder {
        self.written.id = Some(id.into());
        self
    }

    /// Where a history leads that has none yet; several where its parent is parallel.
    pub fn default_target(mut self, target: impl Into<String>) -> StateBuilder {
        self.written.defaults.push(target.into());
        self
    }
}

/// What the machine itself may say as well as any state.
macro_rules! says {
    ($builder:ident) => {
        impl $builder {
            /// The key of the state inside with which it begins.
            pub fn initial(mut self, key: impl Into<String>) -> $builder {
                let initial = self.written.initial.get_or_insert_default();
                initial.0 = key.into();
                self
            }

            /// Something to do when it begins with its initial state.
            pub fn initial_action(mut self, action: impl Into<Action>) -> $builder {
                let initial = self.written.initial.get_or_insert_default();
                initial.1.push(action.into());
                self
            }

            /// A state inside. Their order is the order in which they are entered and asked, but those with whole numbers
            /// for keys stand first, by their size, as in any JavaScript object.
            pub fn state(mut self, state: StateBuilder) -> $builder {
                self.written.states.push(state.written);
                self
            }

            /// What an event leads to: after all that was given for the same event before. `*` means every event, `a.*`
            /// those that are `a` or begin with `a.`.
            pub fn on(mut self, event: impl Into<String>, to: impl Into<Transition>) -> $builder {
                add(&mut self.written.on, event.into(), to.into());
                self
            }

            /// Where it goes by itself, as soon as the guard passes.
            pub fn always(mut self, to: impl Into<Transition>) -> $builder {
                self.written.always.push(to.into());
                self
            }

            /// Where it goes after a while in it: a `Duration`, or a text that is the name of a delay.
            pub fn after(mut self, delay: impl Into<Delay>, to: impl Into<Transition>) -> $builder {
                add(&mut self.written.after, delay.into(), to.into());
                self
            }

            /// What to do on entry, after what was given before.
            pub fn entry(mut self, action: impl Into<Action>) -> $builder {
                self.written.entry.push(action.into());
                self
            }

            /// What to do on exit, after what was given before.
            pub fn exit(mut self, action: impl Into<Action>) -> $builder {
                self.written.exit.push(action.into());
                self
            }

            /// A service that runs while it is active.
            pub fn invoke(mut self, invoke: impl Into<Invoke>) -> $builder {
                self.written.invoke.push(invoke.into());
                self
            }

            /// Where it goes when it is done: when a final state inside is reached, in a parallel one in every region.
            pub fn on_done(mut self, to: impl Into<Transition>) -> $builder {
                self.written.on_done.push(to.into());
                self
            }

            /// What it gives when it is done; may have holes, see [`Template`](crate::Template).
            pub fn output(mut self, output: impl Into<Value>) -> $builder {
                self.written.output = Some(output.into());
                self
            }

            /// Anything, for whoever reads it.
            pub fn meta(mut self, meta: impl Into<Value>) -> $builder {
                self.written.meta = meta.into();
                self
            }

            /// A word that says something of it.
            pub fn tag(mut self, tag: impl Into<String>) -> $builder {
                self.written.tags.push(tag.into());
                self
            }

            /// For people.
            pub fn description(mut self, description: impl Into<String>) -> $builder {
                self.written.description = Some(description.into());
                self
            }
        }
    };
}

says!(MachineBuilder);
says!(StateBuilder);

fn add<K: PartialEq>(all: &mut Vec<(K, Vec<Transition>)>, key: K, transition: Transition) {
    match all.iter_mut().find(|(own, _)| *own == key) {
        Some((_, transitions)) => transitions.push(transition),
        None => all.push((key, vec![transition])),
    }
}
