//! Guard expressions of a Crucible document.

use serde_json::Value;

use super::Crucible;
use super::part::Part;
use crate::expr::{Compare, Guard};
use crate::problem::Flaw;
use crate::tree::Tree;

const KNOWN: [&str; 8] = [
    "op", "kind", "ref", "in", "path", "literal", "set", "children",
];

/// One side of a comparison.
#[derive(Debug)]
enum Operand {
    Field(Vec<String>),
    Literal(Value),
}

impl Crucible {
    /// None where it cannot be read; the problem is noted.
    pub(super) fn guard(&mut self, part: &Part<'_>) -> Option<Guard> {
        let op = self.op(part)?;
        self.only(part, &op);
        match &*op {
            "leaf" => {
                let leaf = self.needed(part, "ref")?;
                let leaf = self.reference(&leaf)?;
                Some(Guard::Named {
                    name: leaf.name,
                    params: leaf.params,
                })
            }
            "stateIn" => {
                self.needed(part, "in")?;
                let state = self.scalar(part, "in");
                let state = state.and_then(|state| self.target(&part.at.key("in"), &state))?;
                Some(Guard::StateIn(state))
            }
            "and" => self.guards(part, 1..=usize::MAX).map(Guard::And),
            "or" => self.guards(part, 1..=usize::MAX).map(Guard::Or),
            "not" => self.guards(part, 1..=1)?.pop().map(|guard| !guard),
            "in" => self.membership(part),
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" => {
                self.comparison(part, Compare::by_name(&op)?)
            }
            _ => {
                let wanted =
                    "a condition: one of leaf, stateIn, and, or, not, eq, ne, lt, le, gt, ge, in";
                self.flaw(&part.at.key("op"), Flaw::NotAllowed { found: op, wanted });
                None
            }
        }
    }

    /// The operation of a node whose kind is known.
    fn op(&mut self, part: &Part<'_>) -> Option<String> {
        self.others(part, &KNOWN);
        let Tree::Object(_) = part.tree else {
            return None;
        };
        let op = self.needed(part, "op")?;
        let op = self.reader.name(&op.at, op.tree)?;
        let kind = self.text(part, "kind");
        let is_known = |kind: &String| kind == "core" || (kind == "rich" && op == "leaf");
        if let Some(found) = kind.filter(|kind| !is_known(kind)) {
            let wanted = "one of core, and rich of a leaf";
            self.flaw(&part.at.key("kind"), Flaw::NotAllowed { found, wanted });
        }
        Some(op)
    }

    /// What belongs to other operations would be lost.
    fn only(&mut self, part: &Part<'_>, op: &str) {
        let own: &[&str] = match op {
            "leaf" => &["ref"],
            "stateIn" => &["in"],
            "field" => &["path"],
            "literal" => &["literal"],
            "in" => &["set", "children"],
            _ => &["children"],
        };
        for key in ["ref", "in", "path", "literal", "set", "children"] {
            let is_there = part.get(key).is_some_and(|part| part.says_something());
            if is_there && !own.contains(&key) {
                let (key, hint) = (key.to_owned(), Some("it means nothing with this `op`"));
                let at = part.at.key(&key);
                self.flaw(&at, Flaw::UnknownKey { key, hint });
            }
        }
    }

    fn needed<'t>(&mut self, part: &Part<'t>, key: &'static str) -> Option<Part<'t>> {
        let found = part.get(key);
        if found.is_none() {
            self.flaw(&part.at, Flaw::MissingKey { key });
        }
        found
    }

    /// So many nodes inside.
    fn children<'t>(
        &mut self,
        part: &Part<'t>,
        many: std::ops::RangeInclusive<usize>,
    ) -> Option<Vec<Part<'t>>> {
        let children = self.list(part.get("children"));
        if many.contains(&children.len()) {
            return Some(children);
        }
        let wanted = match (many.start(), many.end()) {
            (1, 1) => "the number of guards inside: one",
            (1, _) => "the number of guards inside: at least one",
            _ => "the number of operands inside: two",
        };
        let found = children.len().to_string();
        self.flaw(&part.at.key("children"), Flaw::NotAllowed { found, wanted });
        None
    }

    fn guards(
        &mut self,
        part: &Part<'_>,
        many: std::ops::RangeInclusive<usize>,
    ) -> Option<Vec<Guard>> {
        let children = self.children(part, many)?;
        let read: Vec<Option<Guard>> = children.iter().map(|child| self.guard(child)).collect();
        read.into_iter().collect()
    }

    /// One side is a field, the other a literal.
    fn comparison(&mut self, part: &Part<'_>, op: Compare) -> Option<Guard> {
        let children = self.children(part, 2..=2)?;
        let operands: Vec<Option<Operand>> =
            children.iter().map(|child| self.operand(child)).collect();
        let mut operands = operands.into_iter();
        let (op, path, value) = match (operands.next()??, operands.next()??) {
            (Operand::Field(path), Operand::Literal(value)) => (op, path, value),
            (Operand::Literal(value), Operand::Field(path)) => (turned(op), path, value),
            _ => {
                let (found, wanted) = (
                    op.name().into(),
                    "a comparison of one field with one literal",
                );
                self.flaw(&part.at, Flaw::NotAllowed { found, wanted });
                return None;
            }
        };
        let has_order = matches!(value, Value::Number(_) | Value::String(_));
        if !has_order && !matches!(op, Compare::Eq | Compare::Ne) {
            let (found, wanted) = (
                value.to_string(),
                "a number or a text, which alone have an order",
            );
            self.flaw(&part.at, Flaw::NotAllowed { found, wanted });
        }
        Some(Guard::Compare { op, path, value })
    }

    fn membership(&mut self, part: &Part<'_>) -> Option<Guard> {
        let children = self.children(part, 1..=1);
        let set = self.list(part.get("set"));
        if set.is_empty() {
            self.flaw(&part.at, Flaw::MissingKey { key: "set" });
        }
        let values: Vec<Option<Value>> = set.iter().map(|value| self.literal(value)).collect();
        let child = children?.pop()?;
        match self.operand(&child)? {
            Operand::Field(path) => Some(Guard::Compare {
                op: Compare::In,
                path,
                value: values.into_iter().collect::<Option<Value>>()?,
            }),
            Operand::Literal(_) => {
                let (found, wanted) = ("literal".into(), "a field");
                self.flaw(&child.at.key("op"), Flaw::NotAllowed { found, wanted });
                None
            }
        }
    }

    fn operand(&mut self, part: &Part<'_>) -> Option<Operand> {
        let op = self.op(part)?;
        self.only(part, &op);
        match &*op {
            "field" => {
                let path = self.needed(part, "path")?;
                let path = self.reader.name(&path.at, path.tree)?;
                Some(Operand::Field(path.split('.').map(str::to_owned).collect()))
            }
            "literal" => {
                let literal = self.needed(part, "literal")?;
                self.literal(&literal).map(Operand::Literal)
            }
            _ => {
                let (found, wanted) = (op, "one of field, literal");
                self.flaw(&part.at.key("op"), Flaw::NotAllowed { found, wanted });
                None
            }
        }
    }

    /// A constant of a type that a context in JSON has.
    fn literal(&mut self, part: &Part<'_>) -> Option<Value> {
        self.others(part, &["type", "value"]);
        let Tree::Object(_) = part.tree else {
            return None;
        };
        let kind = self.needed(part, "type")?;
        let kind = (self.reader.name(&kind.at, kind.tree)?, kind.at);
        let value = self.needed(part, "value")?;
        let (is_right, wanted) = match &*kind.0 {
            "string" | "enum" => (matches!(value.tree, Tree::Text(_)), "a text"),
            "int" => (is_whole(value.tree), "a whole number"),
            "float" => (matches!(value.tree, Tree::Number(_)), "a number"),
            "bool" => (matches!(value.tree, Tree::Bool(_)), "a boolean"),
            _ => {
                let (found, wanted) = (kind.0, "one of string, enum, int, float, bool");
                self.flaw(&kind.1, Flaw::NotAllowed { found, wanted });
                return None;
            }
        };
        if !is_right {
            self.reader.wrong_type(&value.at, value.tree, wanted);
            return None;
        }
        Some(value.tree.to_value())
    }
}

fn is_whole(tree: &Tree) -> bool {
    matches!(tree, Tree::Number(number) if !number.is_f64())
}

/// The same with its sides changed.
fn turned(op: Compare) -> Compare {
    match op {
        Compare::Lt => Compare::Gt,
        Compare::Le => Compare::Ge,
        Compare::Gt => Compare::Lt,
        Compare::Ge => Compare::Le,
        same => same,
    }
}
