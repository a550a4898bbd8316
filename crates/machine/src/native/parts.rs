//! Transitions, actions and invocations of the native form.

use super::{At, Reader};
use crate::action::{Action, Delay};
use crate::draft::{DraftInvoke, DraftTransition};
use crate::event::Event;
use crate::problem::Flaw;
use crate::template::Template;
use crate::tree::Tree;

/// Milliseconds that a delay may have: those that a number of JavaScript holds exactly.
pub(crate) const DELAY_MS_MAX: u64 = (1 << 53) - 1;

impl Reader {
    pub(super) fn transitions(&mut self, at: &At, tree: &Tree) -> Vec<DraftTransition> {
        if let Tree::Null = tree {
            // Elsewhere it may mean "never", and here nothing: states around would take the event.
            self.wrong_type(at, tree, "a transition (`{}` goes nowhere)");
        }
        let each = self.each(at, tree);
        each.into_iter()
            .map(|(at, one)| self.transition(&at, one))
            .collect()
    }

    fn transition(&mut self, at: &At, tree: &Tree) -> DraftTransition {
        let mut transition = DraftTransition {
            at: at.pointer(),
            ..DraftTransition::default()
        };
        if let Tree::Text(_) = tree {
            transition.targets = self.targets(at, tree);
            return transition;
        }
        for (name, inner) in self.members(at, tree) {
            let inside = at.key(name);
            match &**name {
                "target" => transition.targets = self.targets(&inside, inner),
                "guard" if matches!(inner, Tree::Null) => {}
                "guard" => transition.guard = self.guard(&inside, inner),
                "actions" => transition.actions = self.actions(&inside, inner),
                "reenter" => transition.reenter = self.flag(&inside, inner),
                "meta" => transition.meta = self.value(&inside, inner),
                "description" => transition.description = self.text(&inside, inner),
                other => self.unknown(at, other),
            }
        }
        transition
    }

    fn flag(&mut self, at: &At, tree: &Tree) -> bool {
        match tree {
            Tree::Bool(flag) => *flag,
            other => {
                self.wrong_type(at, other, "a boolean");
                false
            }
        }
    }

    /// None means: no target. An empty text is none, too, as in XState.
    pub(super) fn targets(&mut self, at: &At, tree: &Tree) -> Option<Vec<String>> {
        match tree {
            Tree::Null => None,
            Tree::Text(text) if text.is_empty() => None,
            tree => {
                let each = self.each(at, tree);
                let targets = each.into_iter().filter_map(|(at, one)| self.name(&at, one));
                Some(targets.collect())
            }
        }
    }

    pub(super) fn actions(&mut self, at: &At, tree: &Tree) -> Vec<Action> {
        let each = self.each(at, tree);
        each.into_iter()
            .filter_map(|(at, one)| self.action(&at, one))
            .collect()
    }

    fn action(&mut self, at: &At, tree: &Tree) -> Option<Action> {
        if let Tree::Text(_) = tree {
            return self.name(at, tree).map(Action::named);
        }
        let members = self.members(at, tree);
        let Tree::Object(_) = tree else {
            return None;
        };
        let Some(kind) = tree.member("type") else {
            self.flaw(at, Flaw::MissingKey { key: "type" });
            return None;
        };
        let kind = self.name(&at.key("type"), kind)?;
        let plain = kind.strip_prefix("xstate.").unwrap_or(&kind);
        // By their shape, so that an action of somebody's own may have any name.
        let known: &[&str] = match plain {
            "raise" if tree.member("event").is_some() => &["event", "delay", "id"],
            "assign" if tree.member("assignment").is_some() => &["assignment"],
            "cancel" if tree.member("id").is_some() => &["id"],
            _ => &["params"],
        };
        for (key, _) in members {
            if key != "type" && !known.contains(&key.as_str()) {
                self.unknown(at, key);
            }
        }
        match known {
            ["event", ..] => self.raise(at, tree),
            ["assignment"] => self.assign(&at.key("assignment"), tree.member("assignment")?),
            ["id"] => {
                let id = self.name(&at.key("id"), tree.member("id")?)?;
                Some(Action::Cancel { id })
            }
            _ => {
                let params = tree.member("params");
                let params = params.map(|params| self.value(&at.key("params"), params));
                let params = params.unwrap_or_default();
                Some(Action::Named { name: kind, params })
            }
        }
    }

    fn raise(&mut self, at: &At, tree: &Tree) -> Option<Action> {
        let inside = at.key("event");
        let event = self.value(&inside, tree.member("event")?);
        let found = tree.member("event")?.kind();
        let delay = tree
            .member("delay")
            .and_then(|delay| self.delay(&at.key("delay"), delay));
        let id = tree
            .member("id")
            .and_then(|id| self.name(&at.key("id"), id));
        match Event::from_json(event) {
            Ok(event) => Some(Action::Raise {
                event: event.name().into(),
                data: Template::new(event.data().clone()),
                delay,
                id,
            }),
            Err(_) => {
                let wanted = "an event (a text, or an object with a text `type`)";
                self.flaw(&inside, Flaw::WrongType { found, wanted });
                None
            }
        }
    }

    fn assign(&mut self, at: &At, tree: &Tree) -> Option<Action> {
        let values = self.members(at, tree);
        let values = values
            .iter()
            .map(|(key, value)| (key.clone(), self.template(&at.key(key), value)))
            .collect();
        Some(Action::Assign(values))
    }

    fn delay(&mut self, at: &At, tree: &Tree) -> Option<Delay> {
        match tree {
            Tree::Text(_) => {
                let text = self.name(at, tree)?;
                Some(self.delay_text(at, &text))
            }
            Tree::Number(number) => match number.as_u64() {
                Some(millis) if millis <= DELAY_MS_MAX => Some(Delay::Millis(millis)),
                _ => {
                    self.no_delay(at, number.to_string());
                    None
                }
            },
            other => {
                self.wrong_type(at, other, "milliseconds or the name of a delay");
                None
            }
        }
    }

    /// Digits are milliseconds, anything else is a name.
    pub(super) fn delay_text(&mut self, at: &At, text: &str) -> Delay {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<u64>() {
            // Written in another way, `010`, it would be the same delay under a second key.
            Ok(millis) if millis.to_string() == text && millis <= DELAY_MS_MAX => {
                Delay::Millis(millis)
            }
            _ => {
                // A name that begins like a number is a number written wrongly: `-5`, `1.5`, `1e3`.
                let like_number = text.parse::<f64>().is_ok();
                if is_number || like_number || text.is_empty() {
                    self.no_delay(at, text.into());
                }
                Delay::Named(text.into())
            }
        }
    }

    fn no_delay(&mut self, at: &At, found: String) {
        let wanted = "a delay in whole milliseconds below 2^53, or a name";
        self.flaw(at, Flaw::NotAllowed { found, wanted });
    }

    pub(super) fn invokes(&mut self, at: &At, tree: &Tree) -> Vec<DraftInvoke> {
        let each = self.each(at, tree);
        each.into_iter()
            .map(|(at, one)| self.invoke(&at, one))
            .collect()
    }

    fn invoke(&mut self, at: &At, tree: &Tree) -> DraftInvoke {
        let mut invoke = DraftInvoke {
            at: at.pointer(),
            ..DraftInvoke::default()
        };
        for (name, inner) in self.members(at, tree) {
            let inside = at.key(name);
            match &**name {
                "id" => invoke.id = self.name(&inside, inner),
                "src" => invoke.src = self.name(&inside, inner).unwrap_or_default(),
                "input" => invoke.input = self.template(&inside, inner),
                "onDone" => invoke.on_done = self.transitions(&inside, inner),
                "onError" => invoke.on_error = self.transitions(&inside, inner),
                "systemId" | "description" | "meta" => {}
                other => self.unknown(at, other),
            }
        }
        if tree.member("src").is_none() && matches!(tree, Tree::Object(_)) {
            self.flaw(at, Flaw::MissingKey { key: "src" });
        }
        invoke
    }
}
