//! What may lie at a path of the context, as far as comparisons can tell it apart: a few values that stand for all others.
//!
//! Between two constants every value is like every other, so one of each kind of gap is enough, and nothing at all is one
//! of them. That makes the search exact where `ge` is not the negation of `lt`: for what is absent or of another kind.

use std::cmp::Ordering;

use serde_json::Value;

use crate::expr::Compare;

/// Constants that a path may be compared with; one mask of values holds what they tell apart.
const CONSTANTS_MAX: usize = 60;

/// From here on numbers are rounded when they are compared, and equality is no longer transitive.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Values by number; a set of them is a mask.
#[derive(Debug)]
pub(super) struct Values(Vec<Option<Value>>);

impl Values {
    /// Nothing where there are too many constants, or some whose comparisons are not exact.
    pub(super) fn of(tests: &[(Compare, &Value)]) -> Option<Values> {
        let mut constants: Vec<&Value> = Vec::new();
        for (op, value) in tests {
            match (op, value) {
                (Compare::In, Value::Array(list)) => constants.extend(list),
                _ => constants.push(value),
            }
            if constants.len() > CONSTANTS_MAX {
                return None;
            }
        }
        if !constants.iter().all(|constant| is_exact(constant)) {
            return None;
        }
        let mut values = vec![None, Some(unlike(&constants))];
        numbers(&constants, &mut values);
        texts(&constants, &mut values);
        let others = constants.iter().copied();
        let others = others.filter(|constant| !constant.is_number() && !constant.is_string());
        values.extend(others.cloned().map(Some));
        Some(Values(values))
    }

    pub(super) fn all(&self) -> u128 {
        match self.0.len() {
            128.. => u128::MAX,
            count => (1 << count) - 1,
        }
    }

    /// The values that a comparison holds for.
    pub(super) fn holding(&self, op: Compare, constant: &Value) -> u128 {
        let values = self.0.iter().enumerate();
        let holding = values.filter(|(_, value)| op.holds(value.as_ref(), constant));
        holding.fold(0, |mask, (place, _)| mask | (1 << place))
    }
}

fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => number
            .as_f64()
            .is_some_and(|number| number.abs() < EXACT_MAX),
        Value::Array(elements) => elements.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        _ => true,
    }
}

/// Equal to none of them, and without order.
fn unlike(constants: &[&Value]) -> Value {
    let lengths = constants.iter().filter_map(|one| one.as_array());
    let longest = lengths.map(Vec::len).max().unwrap_or_default();
    vec![Value::Null; longest + 1].into()
}

fn numbers(constants: &[&Value], values: &mut Vec<Option<Value>>) {
    let numbers = constants.iter().filter_map(|constant| constant.as_f64());
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(|left, right| left.partial_cmp(right).unwrap_or(Ordering::Equal));
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
        return;
    };
    let mut add = |number: f64| values.push(Some(number.into()));
    add(first - 1.0);
    add(last + 1.0);
    for pair in numbers.windows(2) {
        if let [low, high] = pair {
            add(low + (high - low) / 2.0);
        }
    }
    numbers.iter().copied().for_each(add);
}

fn texts(constants: &[&Value], values: &mut Vec<Option<Value>>) {
    let texts: Vec<&str> = constants.iter().filter_map(|one| one.as_str()).collect();
    if texts.is_empty() {
        return;
    }
    values.push(Some("".into()));
    for text in texts {
        values.push(Some(text.into()));
        // The very next text there is.
        values.push(Some(format!("{text}\0").into()));
    }
}
