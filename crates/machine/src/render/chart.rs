//! What is drawn, in words that no format has touched yet: a shape for each state, an arrow for each target.

use std::fmt::{self, Display};
use std::ops::Range;

use serde_json::Value;

use super::text::cut;
use crate::draft::Kind;
use crate::model::{Act, DelayIx, Ix, Model, Transition};
use crate::template::Template;

const TITLE_CHARACTERS_MAX: usize = 60;
const LINE_CHARACTERS_MAX: usize = 80;
const EVENT_CHARACTERS_MAX: usize = 48;
const PART_CHARACTERS_MAX: usize = 64;

/// A machine as shapes and arrows.
pub(super) struct Chart<'m> {
    pub(super) model: &'m Model,
    /// For each state, in the order of the document.
    pub(super) shapes: Vec<Shape>,
    pub(super) arrows: Vec<Arrow>,
    /// For each state its first arrow to itself.
    loops: Vec<Option<usize>>,
}

/// What stands in a state's box.
pub(super) struct Shape {
    pub(super) title: String,
    /// Entry, exit, services, and transitions that lead nowhere.
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    State(Ix),
    /// The dot that says where a compound state begins.
    Dot(Ix),
}

pub(super) struct Arrow {
    pub(super) from: From,
    pub(super) to: Ix,
    pub(super) label: Label,
}

impl Arrow {
    pub(super) fn is_loop(&self) -> bool {
        self.from == From::State(self.to)
    }
}

/// `event [guard] / actions`; parts that are not there are empty.
#[derive(Default)]
pub(super) struct Label {
    pub(super) event: String,
    pub(super) guard: String,
    pub(super) actions: String,
}

impl Label {
    /// Those that are there, as they are written.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        let parts = [&self.event, &self.guard, &self.actions];
        parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
    }
}

impl Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts().enumerate() {
            let between = if place > 0 { " " } else { "" };
            write!(f, "{between}{part}")?;
        }
        Ok(())
    }
}

impl<'m> Chart<'m> {
    pub(super) fn new(model: &'m Model) -> Chart<'m> {
        let states = 0..model.nodes.len() as Ix;
        let mut chart = Chart {
            model,
            shapes: states.clone().map(|ix| shape(model, ix)).collect(),
            arrows: Vec::new(),
            loops: vec![None; model.nodes.len()],
        };
        for ix in states {
            chart.begin(ix);
        }
        for transition in &model.transitions {
            chart.transition(transition);
        }
        for (number, arrow) in chart.arrows.iter().enumerate() {
            if let (true, Some(first)) = (arrow.is_loop(), chart.loops.get_mut(arrow.to as usize)) {
                first.get_or_insert(number);
            }
        }
        chart
    }

    /// From the dot of a compound state, and from a history to where it leads at first.
    fn begin(&mut self, ix: Ix) {
        let node = self.model.node(ix);
        if let Some(to) = node.initial {
            let actions = actions(self.model, &node.initial_actions);
            let label = Label {
                actions,
                ..Label::default()
            };
            self.arrows.push(Arrow {
                from: From::Dot(ix),
                to,
                label,
            });
        }
        if self.model.is_history(ix) && node.says_default {
            let to = node.defaults.iter();
            self.arrows.extend(to.map(|to| Arrow {
                from: From::State(ix),
                to: *to,
                label: Label::default(),
            }));
        }
    }

    fn transition(&mut self, transition: &Transition) {
        let targets = transition.targets.as_deref().unwrap_or_default();
        // From the machine to itself, there is nothing around it where an arrow could run.
        let is_line = targets.is_empty() || transition.source == 0 && targets == [0];
        for to in targets.iter().filter(|_| !is_line) {
            self.arrows.push(Arrow {
                from: From::State(transition.source),
                to: *to,
                label: label(self.model, transition),
            });
        }
        let shape = self.shapes.get_mut(transition.source as usize);
        if let (Some(shape), true) = (shape, is_line) {
            let (label, to) = (label(self.model, transition), &shape.title);
            let line = match targets {
                [] => cut(&label, LINE_CHARACTERS_MAX),
                _ => cut(&format_args!("{label} → {to}"), LINE_CHARACTERS_MAX),
            };
            shape.lines.push(line);
        }
    }

    /// For an arrow from a state to itself the first of that state, where that is another.
    pub(super) fn first_loop(&self, arrow: &Arrow) -> Option<usize> {
        let first = self.loops.get(arrow.to as usize).copied().flatten()?;
        let is_first = self
            .arrows
            .get(first)
            .is_some_and(|first| std::ptr::eq(first, arrow));
        (arrow.is_loop() && !is_first).then_some(first)
    }

    pub(super) fn has_inside(&self, ix: Ix) -> bool {
        !self.model.node(ix).children.is_empty()
    }

    pub(super) fn is_parallel(&self, ix: Ix) -> bool {
        self.model.node(ix).kind == Kind::Parallel
    }

    /// Whether one end lies in the other, or is it.
    pub(super) fn is_around(&self, outer: Ix, inner: Ix) -> bool {
        outer == inner || self.model.is_inside(inner, outer)
    }
}

fn shape(model: &Model, ix: Ix) -> Shape {
    let node = model.node(ix);
    let title = match (node.kind, ix) {
        (Kind::History { deep: false }, _) => "H".into(),
        (Kind::History { deep: true }, _) => "H*".into(),
        (_, 0) => cut(&node.id, TITLE_CHARACTERS_MAX),
        _ => cut(&node.key, TITLE_CHARACTERS_MAX),
    };
    let mut lines = Vec::new();
    for (word, range) in [("entry", &node.entry), ("exit", &node.exit)] {
        if !range.is_empty() {
            let line = format!("{word} {}", actions(model, range));
            lines.push(cut(&line, LINE_CHARACTERS_MAX));
        }
    }
    let invokes = model.invokes.get(range(&node.invokes)).unwrap_or_default();
    let invokes = invokes
        .iter()
        .map(|invoke| name(&model.names.services, invoke.src));
    lines.extend(invokes.map(|src| cut(&format_args!("invoke / {src}"), LINE_CHARACTERS_MAX)));
    Shape { title, lines }
}

fn label(model: &Model, transition: &Transition) -> Label {
    let guard = transition.guard.as_ref();
    let guard = guard.map(|guard| cut(guard, PART_CHARACTERS_MAX));
    Label {
        event: event(model, transition),
        guard: guard.map(|guard| format!("[{guard}]")).unwrap_or_default(),
        actions: actions(model, &transition.actions),
    }
}

/// The event in a reader's words where the machine made its name.
fn event(model: &Model, transition: &Transition) -> String {
    let (node, event) = (model.node(transition.source), &*transition.event);
    let cut = |shown: &dyn Display| cut(shown, EVENT_CHARACTERS_MAX);
    if event.is_empty() {
        return "always".into();
    }
    if *event == *node.done_event {
        return "done".into();
    }
    let afters = model.afters.get(range(&node.afters)).unwrap_or_default();
    if let Some(after) = afters.iter().find(|after| *after.event == *event) {
        return cut(&format_args!("after {}", delay(model, after.delay)));
    }
    let invokes = model.invokes.get(range(&node.invokes)).unwrap_or_default();
    for (prefix, word) in [
        ("xstate.done.actor.", "done"),
        ("xstate.error.actor.", "error"),
    ] {
        let of = event.strip_prefix(prefix);
        if let Some(invoke) = invokes.iter().find(|invoke| of == Some(&*invoke.id)) {
            return cut(&format_args!(
                "{word} ({})",
                name(&model.names.services, invoke.src)
            ));
        }
    }
    cut(&event)
}

/// `/ first, second`; empty where there are none.
fn actions(model: &Model, numbers: &Range<u32>) -> String {
    let all = model.actions.get(range(numbers)).unwrap_or_default();
    match all {
        [] => String::new(),
        all => format!("/ {}", cut(&Acts { model, all }, PART_CHARACTERS_MAX)),
    }
}

struct Acts<'m> {
    model: &'m Model,
    all: &'m [Act],
}

impl Display for Acts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, act) in self.all.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            self.act(f, act)?;
        }
        Ok(())
    }
}

impl Acts<'_> {
    fn act(&self, f: &mut fmt::Formatter<'_>, act: &Act) -> fmt::Result {
        match act {
            Act::Asked {
                name: number,
                params,
            } => {
                f.write_str(name(&self.model.names.actions, *number))?;
                match params {
                    Value::Null => Ok(()),
                    params => write!(f, "({params})"),
                }
            }
            Act::Raise {
                event, delay: None, ..
            } => write!(f, "raise {event}"),
            Act::Raise {
                event,
                delay: Some(after),
                ..
            } => {
                write!(f, "raise {event} after {}", delay(self.model, *after))
            }
            Act::Assign(values) => {
                for (place, (key, value)) in values.iter().enumerate() {
                    let between = if place > 0 { ", " } else { "" };
                    write!(f, "{between}{key} := ")?;
                    template(f, value)?;
                }
                Ok(())
            }
            Act::Cancel { id } => write!(f, "cancel {id}"),
        }
    }
}

/// A hole alone as the path it stands for.
fn template(f: &mut fmt::Formatter<'_>, template: &Template) -> fmt::Result {
    let hole = template.as_json().as_object();
    let hole = hole.filter(|members| template.has_holes() && members.len() == 1);
    let hole = hole.and_then(|members| members.iter().next());
    match hole {
        Some((key, Value::String(path))) if path.is_empty() => {
            f.write_str(key.trim_start_matches('$'))
        }
        Some((key, Value::String(path))) => write!(f, "{}.{path}", key.trim_start_matches('$')),
        _ => write!(f, "{}", template.as_json()),
    }
}

fn delay(model: &Model, delay: DelayIx) -> String {
    match delay {
        DelayIx::Millis(millis) => format!("{millis} ms"),
        DelayIx::Named(number) => name(&model.names.delays, number).into(),
    }
}

fn name(names: &[String], number: u32) -> &str {
    names.get(number as usize).map_or("", String::as_str)
}

fn range(numbers: &Range<u32>) -> Range<usize> {
    numbers.start as usize..numbers.end as usize
}
