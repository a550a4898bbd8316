//! Differences as text and as JSON.

use std::fmt;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Change, Diff, What};
use crate::problem::Quoted;
use crate::registry::NameKind;

impl What {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::StateAdded => "state-added",
            What::StateRemoved => "state-removed",
            What::StateMoved => "state-moved",
            What::IdChanged => "id-changed",
            What::KindChanged => "kind-changed",
            What::InitialChanged => "initial-changed",
            What::DefaultChanged => "default-changed",
            What::EntryChanged => "entry-changed",
            What::ExitChanged => "exit-changed",
            What::InvokesChanged => "invokes-changed",
            What::DelaysChanged => "delays-changed",
            What::OutputChanged => "output-changed",
            What::TransitionAdded => "transition-added",
            What::TransitionRemoved => "transition-removed",
            What::TransitionChanged => "transition-changed",
            What::ContextAdded => "context-added",
            What::ContextRemoved => "context-removed",
            What::ContextChanged => "context-changed",
            What::NameAdded(NameKind::Guard) => "guard-added",
            What::NameAdded(NameKind::Action) => "action-added",
            What::NameAdded(NameKind::Service) => "service-added",
            What::NameAdded(NameKind::Delay) => "delay-added",
            What::NameRemoved(NameKind::Guard) => "guard-removed",
            What::NameRemoved(NameKind::Action) => "action-removed",
            What::NameRemoved(NameKind::Service) => "service-removed",
            What::NameRemoved(NameKind::Delay) => "delay-removed",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.about(f)?;
        let name = self.what.name();
        // `entry-changed` of a state is `: entry changed`; of the thing itself, `removed` says all.
        match name.rsplit_once('-') {
            Some(("state" | "transition" | "context", how)) => write!(f, " {how}")?,
            Some((part, how)) => match self.what {
                What::NameAdded(_) | What::NameRemoved(_) => write!(f, " {how}")?,
                _ => write!(f, ": {part} {how}")?,
            },
            None => f.write_str(name)?,
        }
        if !self.old.is_null() && !self.new.is_null() || name.ends_with("changed") {
            let (old, new) = (self.old.to_string(), self.new.to_string());
            write!(f, " from {} to {}", Quoted(&old), Quoted(&new))?;
        }
        match self.breaks_kept {
            true => f.write_str(" (breaks kept states)"),
            false => Ok(()),
        }
    }
}

impl Change {
    fn about(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = Quoted(&self.subject);
        match (self.what, &self.transition) {
            (_, Some((event, position))) => {
                write!(
                    f,
                    "transition `{}` {position} of `{subject}`",
                    Quoted(event)
                )
            }
            (What::NameAdded(kind) | What::NameRemoved(kind), _) => write!(f, "{kind} `{subject}`"),
            (What::ContextAdded | What::ContextRemoved | What::ContextChanged, _) => {
                match &*self.subject {
                    "" => f.write_str("context"),
                    _ => write!(f, "context `{subject}`"),
                }
            }
            _ => write!(f, "state `{subject}`"),
        }
    }

    fn to_json(&self) -> Value {
        let mut json = Map::new();
        let mut put = |key: &str, value: Value| json.insert(key.into(), value);
        put("what", self.what.name().into());
        put("subject", self.subject.as_str().into());
        if let Some((event, position)) = &self.transition {
            put("event", event.as_str().into());
            put("position", (*position).into());
        }
        put("pointer", self.pointer.as_str().into());
        put("old", self.old.clone());
        put("new", self.new.clone());
        put("breaksKept", self.breaks_kept.into());
        json.into()
    }
}

impl Diff {
    /// A line for each change, and one that counts them.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{change}");
        }
        let breaking = self.changes.iter().filter(|change| change.breaks_kept);
        let changes = match self.changes.len() {
            0 => "no changes".to_owned(),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        let _ = match (self.changes.len(), breaking.count()) {
            (_, 0) => writeln!(text, "{changes}"),
            (1, _) => writeln!(text, "{changes}, which breaks kept states"),
            (_, 1) => writeln!(text, "{changes}, 1 of them breaks kept states"),
            (_, count) => writeln!(text, "{changes}, {count} of them break kept states"),
        };
        text
    }

    /// `{changes: [{what, subject, event, position, pointer, old, new, breaksKept}], breaksKept}`; `event` and `position`
    /// only of transitions.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let changes: Vec<Value> = self.changes.iter().map(Change::to_json).collect();
        json!({"changes": changes, "breaksKept": self.breaks_kept()})
    }
}
