//! The interpreter: a step as a computation that stops at every question which is not its own.
//!
//! Semantics are those of XState 5, which are SCXML's with its own rules for internal transitions; one difference is on
//! purpose: a guard without an answer blocks what would be tried after it, because "otherwise" is a negation.

mod act;
mod plan;
mod select;
mod sets;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use crate::context::Context;
use crate::event::Event;
use crate::foreign::{Answer, Question, Said, Wanted};
use crate::model::{Machine, Model};
use crate::registry::{ActionBinding, Bindings, GuardBinding};
use crate::state::{Active, Histories, State, Status};
use crate::step::{Effect, Ending, Microstep, Outcome, Refusal, Step, StepError, StepLimits};

/// A machine whose names all mean something. Cloning shares it.
pub struct Provided<C> {
    machine: Machine,
    bindings: Arc<Bindings<C>>,
    limits: StepLimits,
}

impl<C> Clone for Provided<C> {
    fn clone(&self) -> Self {
        Provided {
            machine: self.machine.clone(),
            bindings: self.bindings.clone(),
            limits: self.limits,
        }
    }
}

impl<C> std::fmt::Debug for Provided<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provided")
            .field("machine", &self.machine.id())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl<C> Provided<C> {
    pub(crate) fn new(machine: Machine, bindings: Bindings<C>) -> Provided<C> {
        Provided {
            machine,
            bindings: Arc::new(bindings),
            limits: StepLimits::default(),
        }
    }

    /// The machine alone.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The same with other limits on steps.
    #[must_use]
    pub fn with_limits(mut self, limits: StepLimits) -> Provided<C> {
        self.limits = limits;
        self
    }

    /// What a step may use.
    #[must_use]
    pub fn limits(&self) -> &StepLimits {
        &self.limits
    }

    pub(crate) fn bindings(&self) -> &Bindings<C> {
        &self.bindings
    }
}

impl<C: Context> Provided<C> {
    /// Begins the machine with a context; `input` comes with the event `xstate.init` that the first guards see.
    pub fn begin(&self, context: C, input: serde_json::Value) -> Stepping<'_, C> {
        let state = State {
            machine: self.machine.clone(),
            active: Active::new(),
            histories: Histories::new(),
            context: Arc::new(context),
            status: Status::Active,
        };
        let mut stepping = self.stepping(&state, Current::Own(init(input)));
        stepping.plan_start();
        stepping
    }

    /// A step that waits to be driven: see [`Stepping::advance`].
    pub fn stepping<'a>(
        &'a self,
        state: &State<C>,
        event: impl Into<Current<'a>>,
    ) -> Stepping<'a, C> {
        let is_ours = Arc::ptr_eq(&state.machine.0, &self.machine.0);
        let ends_at_once = !is_ours || state.status != Status::Active;
        let mut stepping = Stepping {
            provided: self,
            state: state.clone(),
            event: event.into(),
            queue: VecDeque::new(),
            effects: Vec::new(),
            trace: Vec::new(),
            refusals: Vec::new(),
            phase: Phase::Rest,
            selected: SmallVec::new(),
            cursor: select::Cursor::default(),
            work: SmallVec::new(),
            done: 0,
            changed: false,
            before: Active::new(),
            completed: SmallVec::new(),
            closing: false,
            microsteps: 0,
            time_left: self.limits.foreign_time_max,
            answer: None,
            asked: None,
        };
        if !is_ours {
            stepping.phase = Phase::Failed(StepError::OtherMachine);
        } else if !ends_at_once {
            stepping.select_by_event();
        }
        stepping
    }
}

fn init(input: serde_json::Value) -> Event {
    let event = Event::new("xstate.init");
    match input.is_null() {
        true => event,
        false => event.with(serde_json::json!({ "input": input })),
    }
}

/// The event that is being answered: the caller's, or one of the machine's own.
#[derive(Debug)]
pub enum Current<'a> {
    /// The caller's.
    Given(&'a Event),
    /// One that was raised.
    Own(Event),
}

impl<'a> From<&'a Event> for Current<'a> {
    fn from(event: &'a Event) -> Current<'a> {
        Current::Given(event)
    }
}

impl Current<'_> {
    fn get(&self) -> &Event {
        match self {
            Current::Given(event) => event,
            Current::Own(event) => event,
        }
    }
}

/// A step on its way. It asks for what it does not know itself, and goes on when it is answered; dropped, it has changed
/// nothing.
///
/// ```
/// use serde_json::{Value, json};
/// use wardian_machine::{Event, Machine, Progress, Registry};
///
/// let machine = Machine::from_json(br#"{"initial": "a", "states": {"a": {"on": {"go": "b"}}, "b": {}}}"#)?;
/// let machine = machine.provide(&Registry::<Value>::new())?;
/// let state = machine.start(json!({}))?.state;
/// let go = Event::new("go");
/// let mut stepping = machine.stepping(&state, &go);
/// let step = match stepping.advance() {
///     Progress::Done(step) => step?,
///     Progress::Ask(question) => panic!("nobody is asked about {}", question.name),
/// };
/// assert_eq!(step.state.value(), json!("b"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Stepping<'a, C> {
    provided: &'a Provided<C>,
    state: State<C>,
    event: Current<'a>,
    queue: VecDeque<Event>,
    effects: Vec<Effect>,
    trace: Vec<Microstep>,
    refusals: Vec<Refusal>,
    phase: Phase,
    selected: SmallVec<[u32; 4]>,
    cursor: select::Cursor,
    work: SmallVec<[act::Work; 16]>,
    done: usize,
    /// Whether this microstep changed more than which states are active.
    changed: bool,
    /// The active states when it began.
    before: Active,
    /// Parallel states that have ended in this microstep.
    completed: SmallVec<[crate::model::Ix; 2]>,
    /// Whether the machine has ended and is being left.
    closing: bool,
    microsteps: u32,
    time_left: Duration,
    answer: Option<Said>,
    asked: Option<Asked>,
}

impl<C> std::fmt::Debug for Stepping<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stepping")
            .field("event", &self.event)
            .field("phase", &self.phase)
            .field("microsteps", &self.microsteps)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
enum Phase {
    /// Chooses transitions, by an event or without one.
    Select,
    /// Leaves, acts, enters.
    Act,
    /// Nothing is left to do.
    Rest,
    Failed(StepError),
}

/// Which question is open: by the number of the name, with the place of its params.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Guard { transition: u32, test: u32 },
    Action { act: u32, wanted: Wanted },
}

/// What a step needs next.
#[derive(Debug)]
pub enum Progress<'s, C> {
    /// An answer, given by [`Stepping::answer`].
    Ask(Question<'s, C>),
    /// Nothing: it is done.
    Done(Result<Step<C>, StepError>),
}

impl<C: Context> Stepping<'_, C> {
    /// Goes on to the next question, or to the end. Asks the same again until it is answered.
    pub fn advance(&mut self) -> Progress<'_, C> {
        loop {
            let asked = match self.phase {
                Phase::Select => self.select(),
                Phase::Act => self.act(),
                Phase::Rest => return Progress::Done(Ok(self.finish())),
                Phase::Failed(ref error) => return Progress::Done(Err(error.clone())),
            };
            match asked {
                Ok(None) => {}
                Ok(Some(asked)) => {
                    self.asked = Some(asked);
                    return Progress::Ask(self.question(asked));
                }
                Err(error) => self.phase = Phase::Failed(error),
            }
        }
    }

    /// Answers the open question. An answer of another kind than was asked for is an error's.
    pub fn answer(&mut self, answer: Answer) {
        self.time_left = self.time_left.saturating_sub(answer.spent);
        self.answer = Some(answer.said);
    }

    fn model(&self) -> &Model {
        &self.provided.machine.0
    }

    fn question(&self, asked: Asked) -> Question<'_, C> {
        let model = self.model();
        let nothing = &serde_json::Value::Null;
        let (name, params, wanted) = match asked {
            Asked::Guard { transition, test } => {
                let code = model.transition(transition).code.as_ref();
                let test = code.and_then(|code| code.tests.get(test as usize));
                match test.map(|test| &test.what) {
                    Some(crate::model::What::Asked { name, params }) => {
                        let name = &model.names.guards[*name as usize];
                        (name.as_str(), params, Wanted::Verdict)
                    }
                    _ => ("", nothing, Wanted::Verdict),
                }
            }
            Asked::Action { act, wanted } => match &model.actions[act as usize] {
                crate::model::Act::Asked { name, params } => {
                    let name = &model.names.actions[*name as usize];
                    (name.as_str(), params, wanted)
                }
                _ => ("", nothing, wanted),
            },
        };
        Question {
            name,
            wanted,
            params,
            context: &self.state.context,
            event: self.event.get(),
            time_left: self.time_left,
        }
    }

    /// The open question, and who answers it.
    pub(crate) fn open(&self) -> Option<(&dyn crate::Foreign<C>, Question<'_, C>)> {
        Some((&**self.whom()?, self.question(self.asked?)))
    }

    fn whom(&self) -> Option<&Arc<dyn crate::Foreign<C>>> {
        let model = self.model();
        match self.asked? {
            Asked::Guard { transition, test } => {
                let code = model.transition(transition).code.as_ref()?;
                let crate::model::What::Asked { name, .. } = &code.tests.get(test as usize)?.what
                else {
                    return None;
                };
                match self.provided.bindings.guards.get(*name as usize)? {
                    GuardBinding::Foreign(foreign) => Some(foreign),
                    GuardBinding::Native(_) => None,
                }
            }
            Asked::Action { act, .. } => {
                let crate::model::Act::Asked { name, .. } = model.actions.get(act as usize)? else {
                    return None;
                };
                match self.provided.bindings.actions.get(*name as usize)? {
                    ActionBinding::ForeignAction(foreign)
                    | ActionBinding::ForeignAssign(foreign) => Some(foreign),
                    _ => None,
                }
            }
        }
    }

    fn finish(&mut self) -> Step<C> {
        let taken = self.trace.iter().any(|micro| !micro.transitions.is_empty());
        let begun = self.trace.iter().any(|micro| !micro.entered.is_empty());
        let refusals = std::mem::take(&mut self.refusals);
        let ending = match (taken || begun, &*refusals) {
            (true, _) => Ending::Taken,
            (false, []) => Ending::Ignored,
            (false, all) if all.iter().any(|refusal| refusal.failure.is_some()) => Ending::Broken,
            (false, _) => Ending::Blocked,
        };
        Step {
            state: self.state.clone(),
            effects: std::mem::take(&mut self.effects),
            trace: std::mem::take(&mut self.trace),
            outcome: Outcome { ending, refusals },
        }
    }
}
