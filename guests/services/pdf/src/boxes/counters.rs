//! Counters and quotes, as they stand while the document is walked through.

use std::collections::HashMap;
use std::rc::Rc;

/// Counters by name; of each, those of the elements around, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    by_name: HashMap<Rc<str>, Vec<Instance>>,
    /// Quotes that are open.
    pub(crate) quotes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Instance {
    value: i32,
    /// How deep the element lies that made it: it holds for what follows at that depth, and below.
    depth: usize,
}

impl Counters {
    pub(crate) fn reset(&mut self, name: &Rc<str>, value: i32, depth: usize) {
        let all = self.by_name.entry(name.clone()).or_default();
        if let Some(last) = all.last_mut()
            && last.depth == depth
        {
            last.value = value;
            return;
        }
        all.push(Instance { value, depth });
    }

    pub(crate) fn increment(&mut self, name: &Rc<str>, by: i32, depth: usize) {
        let all = self.by_name.entry(name.clone()).or_default();
        match all.last_mut() {
            Some(last) => last.value = last.value.saturating_add(by),
            None => all.push(Instance { value: by, depth }),
        }
    }

    pub(crate) fn set(&mut self, name: &Rc<str>, value: i32, depth: usize) {
        let all = self.by_name.entry(name.clone()).or_default();
        match all.last_mut() {
            Some(last) => last.value = value,
            None => all.push(Instance { value, depth }),
        }
    }

    /// An element at this depth ends: what was made below it is gone.
    pub(crate) fn leave(&mut self, depth: usize) {
        for all in self.by_name.values_mut() {
            while all.last().is_some_and(|last| last.depth > depth) {
                all.pop();
            }
        }
    }

    pub(crate) fn value(&self, name: &str) -> i32 {
        self.by_name
            .get(name)
            .and_then(|all| all.last())
            .map_or(0, |last| last.value)
    }

    /// The outermost first.
    pub(crate) fn values(&self, name: &str) -> Vec<i32> {
        let all = self.by_name.get(name).filter(|all| !all.is_empty());
        all.map_or_else(|| vec![0], |all| all.iter().map(|one| one.value).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_hold_for_siblings_and_below() {
        let name: Rc<str> = "c".into();
        let mut counters = Counters::default();
        counters.reset(&name, 0, 1);
        counters.increment(&name, 1, 2);
        counters.reset(&name, 5, 3);
        assert_eq!(counters.values("c"), [1, 5]);
        counters.leave(2);
        assert_eq!(counters.values("c"), [1]);
        counters.increment(&name, 2, 2);
        assert_eq!(counters.value("c"), 3);
        counters.reset(&name, 9, 1);
        assert_eq!(counters.values("c"), [9], "a sibling makes it anew");
        assert_eq!(counters.value("none"), 0);
    }
}
