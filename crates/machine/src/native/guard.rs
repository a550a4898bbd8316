//! Guards of the native form: a name, a name with params, or a composition.

use super::{At, Reader};
use crate::expr::{Compare, Guard, split};
use crate::problem::Flaw;
use crate::tree::Tree;

impl Reader {
    /// None where it cannot be read; the problem is noted.
    pub(super) fn guard(&mut self, at: &At, tree: &Tree) -> Option<Guard> {
        if let Tree::Text(_) = tree {
            return self.name(at, tree).map(Guard::named);
        }
        self.members(at, tree);
        let Tree::Object(_) = tree else {
            return None;
        };
        let Some(kind) = tree.member("type") else {
            self.flaw(at, Flaw::MissingKey { key: "type" });
            return None;
        };
        let kind = self.name(&at.key("type"), kind)?;
        // As XState writes them when a machine is exported.
        let plain = kind.strip_prefix("xstate.").unwrap_or(&kind);
        match plain {
            "and" | "or" if has(tree, "guards") => self.many(at, tree, plain == "and"),
            "not" if has(tree, "guard") || has(tree, "guards") => self.negation(at, tree),
            "stateIn" if has(tree, "state") || has(tree, "stateValue") => self.state_in(at, tree),
            _ => match Compare::by_name(plain) {
                Some(op) if has(tree, "path") => self.comparison(at, tree, op),
                _ => self.named(at, tree, kind),
            },
        }
    }

    fn only(&mut self, at: &At, tree: &Tree, known: &[&str]) {
        if let Tree::Object(members) = tree {
            for (key, _) in members {
                if key != "type" && !known.contains(&key.as_str()) {
                    self.unknown(at, key);
                }
            }
        }
    }

    fn named(&mut self, at: &At, tree: &Tree, name: String) -> Option<Guard> {
        self.only(at, tree, &["params"]);
        let params = tree
            .member("params")
            .map(|params| self.value(&at.key("params"), params));
        let params = params.unwrap_or_default();
        Some(Guard::Named { name, params })
    }

    fn many(&mut self, at: &At, tree: &Tree, all: bool) -> Option<Guard> {
        self.only(at, tree, &["guards"]);
        let at = at.key("guards");
        let list = tree.member("guards")?;
        let Tree::List(elements) = list else {
            self.wrong_type(&at, list, "a list");
            return None;
        };
        let read: Vec<Option<Guard>> = elements
            .iter()
            .enumerate()
            .map(|(index, element)| self.guard(&at.index(index), element))
            .collect();
        let guards = read.into_iter().collect::<Option<Vec<Guard>>>()?;
        Some(match all {
            true => Guard::And(guards),
            false => Guard::Or(guards),
        })
    }

    fn negation(&mut self, at: &At, tree: &Tree) -> Option<Guard> {
        self.only(at, tree, &["guard", "guards"]);
        let (at, inner) = match (tree.member("guard"), tree.member("guards")) {
            (Some(_), Some(_)) => {
                self.unknown(at, "guards");
                return None;
            }
            (Some(one), None) => (at.key("guard"), one),
            (None, Some(Tree::List(list))) if list.len() == 1 => {
                (at.key("guards").index(0), list.first()?)
            }
            (None, Some(other)) => {
                self.wrong_type(&at.key("guards"), other, "a list of one guard");
                return None;
            }
            (None, None) => return None,
        };
        Some(!self.guard(&at, inner)?)
    }

    fn state_in(&mut self, at: &At, tree: &Tree) -> Option<Guard> {
        self.only(at, tree, &["state", "stateValue"]);
        let key = if has(tree, "state") {
            "state"
        } else {
            "stateValue"
        };
        let state = self.name(&at.key(key), tree.member(key)?)?;
        Some(Guard::StateIn(state))
    }

    fn comparison(&mut self, at: &At, tree: &Tree, op: Compare) -> Option<Guard> {
        self.only(at, tree, &["path", "value"]);
        let path = self.text(&at.key("path"), tree.member("path")?);
        let Some(value) = tree.member("value") else {
            self.flaw(at, Flaw::MissingKey { key: "value" });
            return None;
        };
        let at = at.key("value");
        match (op, value) {
            (Compare::In, Tree::List(_)) => {}
            (Compare::In, other) => self.wrong_type(&at, other, "a list"),
            (Compare::Eq | Compare::Ne, _) => {}
            (_, Tree::Number(_) | Tree::Text(_)) => {}
            (_, other) => self.wrong_type(&at, other, "a number or a text"),
        }
        let (path, value) = (split(&path?), self.value(&at, value));
        Some(Guard::Compare { op, path, value })
    }
}

fn has(tree: &Tree, key: &str) -> bool {
    tree.member(key).is_some()
}
