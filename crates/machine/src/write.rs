//! Machine → text of the native form. Text and not a `serde_json::Value`, because the order of members is meaning, and a
//! `Value` has them by the alphabet.

use std::ops::Range;
use std::sync::Arc;

use crate::action::{Action, Delay};
use crate::builder::{Invoke, Transition};
use crate::draft::Kind;
use crate::expr::join;
use crate::model::{Act, DelayIx, Ix, Machine, Model, Node};
use crate::template::Template;
use crate::written::Written;

impl Machine {
    /// The machine in its native form, as compact JSON: [`Machine::from_json`] makes an equal one of it, whatever this one
    /// was made of, as long as the text keeps below [`DOCUMENT_BYTES_MAX`](crate::DOCUMENT_BYTES_MAX) and below 128 levels
    /// of JSON. [`Machine::extra`] is not in it.
    ///
    /// ```
    /// use wardian_machine::Machine;
    ///
    /// let text = br#"{"initial": "b", "states": {"b": {"on": {"go": [{"target": "a"}]}}, "a": {"type": "final"}}}"#;
    /// let machine = Machine::from_json(text)?;
    /// let written = r#"{"initial":"b","states":{"b":{"on":{"go":"a"}},"a":{"type":"final"}}}"#;
    /// assert_eq!(machine.to_json_text(), written);
    /// # Ok::<(), wardian_machine::Problems>(())
    /// ```
    #[must_use]
    pub fn to_json_text(&self) -> String {
        let writer = Writer { model: &self.0 };
        let mut root = writer.state(0, &[]);
        root.version = self.0.version.clone();
        let is_bare = self
            .0
            .context
            .as_object()
            .is_some_and(|context| context.is_empty());
        root.context = (!is_bare).then(|| self.0.context.clone());
        root.tree().to_string()
    }
}

struct Writer<'m> {
    model: &'m Model,
}

impl Writer<'_> {
    /// `path` are the keys that lead to it.
    fn state(&self, ix: Ix, path: &[&str]) -> Written {
        let node = self.model.node(ix);
        let mut written = Written {
            key: node.key.clone(),
            id: self.id(ix, path),
            kind: Some(node.kind).filter(|kind| !matches!(kind, Kind::Atomic | Kind::Compound)),
            always: self.transitions(&node.always),
            entry: self.actions(&node.entry),
            exit: self.actions(&node.exit),
            output: node.output.as_ref().map(|output| output.as_json().clone()),
            meta: node.meta.clone(),
            tags: node.tags.clone(),
            description: node.description.clone(),
            ..Written::default()
        };
        if node.kind == Kind::Compound {
            let initial = node
                .initial
                .map(|initial| self.model.node(initial).key.clone());
            written.initial = initial.map(|key| (key, self.actions(&node.initial_actions)));
        }
        if node.says_default {
            let defaults = node.defaults.iter();
            written.defaults = defaults.map(|target| self.target(ix, *target)).collect();
        }
        self.deeds(node, ix, &mut written);
        let states = node.children.iter();
        written.states = states
            .map(|child| {
                let path: Vec<&str> = [path, &[&self.model.node(*child).key]].concat();
                self.state(*child, &path)
            })
            .collect();
        written
    }

    /// None where the reader would give the same.
    fn id(&self, ix: Ix, path: &[&str]) -> Option<String> {
        let own = self.model.node(ix).id.to_string();
        let given = match ix {
            0 => "(machine)".to_owned(),
            _ => {
                let root: &str = &self.model.node(0).id;
                [&[root], path].concat().join(".")
            }
        };
        (own != given).then_some(own)
    }

    /// What events lead to, each where a document says it.
    fn deeds(&self, node: &Node, ix: Ix, written: &mut Written) {
        let mut on: Vec<(Arc<str>, Vec<Transition>)> = node
            .on
            .iter()
            .map(|(event, all)| (event.clone(), self.transitions(all)))
            .collect();
        let mut take = |event: &str| {
            let found = on.iter().position(|(own, _)| **own == *event);
            found.map(|place| on.remove(place).1).unwrap_or_default()
        };
        written.on_done = take(&node.done_event);
        for (place, invoke) in range(&self.model.invokes, &node.invokes).iter().enumerate() {
            let given = format!("{place}.{}", self.model.node(ix).id);
            written.invoke.push(Invoke {
                src: name(&self.model.names.services, invoke.src),
                id: (*invoke.id != *given).then(|| invoke.id.to_string()),
                input: invoke.input.as_json().clone(),
                on_done: take(&format!("xstate.done.actor.{}", invoke.id)),
                on_error: take(&format!("xstate.error.actor.{}", invoke.id)),
            });
        }
        for after in range(&self.model.afters, &node.afters) {
            let transitions = take(&after.event);
            written.after.push((self.delay(after.delay), transitions));
        }
        let on = on.into_iter();
        written.on = on.map(|(event, all)| (event.to_string(), all)).collect();
    }

    fn transitions(&self, all: &[u32]) -> Vec<Transition> {
        let all = all.iter().map(|number| self.model.transition(*number));
        all.map(|transition| {
            let targets = transition.targets.as_ref();
            Transition {
                targets: targets.map(|targets| {
                    let targets = targets.iter();
                    targets
                        .map(|target| self.target(transition.source, *target))
                        .collect()
                }),
                guard: transition.guard.clone(),
                actions: self.actions(&transition.actions),
                reenter: transition.reenter,
                meta: transition.meta.clone(),
                description: transition.description.clone(),
            }
        })
        .collect()
    }

    /// By the keys from where the source is, or from the top.
    fn target(&self, source: Ix, target: Ix) -> String {
        let model = self.model;
        if model.is_inside(target, source) {
            return format!(".{}", join(&self.path(source, target)));
        }
        match model.node(source).parent {
            Some(parent) if model.is_inside(target, parent) => {
                let path = join(&self.path(parent, target));
                match path.starts_with('#') {
                    true => format!("\\{path}"),
                    false => path,
                }
            }
            _ => {
                let mut path = vec![model.node(0).id.to_string()];
                path.extend(self.path(0, target));
                format!("#{}", join(&path))
            }
        }
    }

    /// The keys that lead from one state to another inside it.
    fn path(&self, outer: Ix, inner: Ix) -> Vec<String> {
        let mut path = Vec::new();
        let around = std::iter::once(inner).chain(self.model.ancestors(inner));
        for ix in around.take_while(|ix| *ix != outer) {
            path.push(self.model.node(ix).key.clone());
        }
        path.reverse();
        path
    }

    fn actions(&self, all: &Range<u32>) -> Vec<Action> {
        let acts = range(&self.model.actions, all).iter();
        acts.map(|act| self.action(act)).collect()
    }

    fn action(&self, act: &Act) -> Action {
        match act {
            Act::Asked { name, params } => {
                Action::with_params(self::name(&self.model.names.actions, *name), params.clone())
            }
            Act::Raise {
                event,
                data,
                delay,
                id,
            } => Action::Raise {
                event: event.to_string(),
                data: Template::new(data.as_json().clone()),
                delay: delay.map(|delay| self.delay(delay)),
                id: id.clone(),
            },
            Act::Assign(values) => Action::Assign(values.clone()),
            Act::Cancel { id } => Action::Cancel { id: id.clone() },
        }
    }

    fn delay(&self, delay: DelayIx) -> Delay {
        match delay {
            DelayIx::Millis(millis) => Delay::Millis(millis),
            DelayIx::Named(number) => Delay::Named(name(&self.model.names.delays, number)),
        }
    }
}

fn range<'m, T>(all: &'m [T], range: &Range<u32>) -> &'m [T] {
    &all[range.start as usize..range.end as usize]
}

fn name(names: &[String], number: u32) -> String {
    names[number as usize].clone()
}
