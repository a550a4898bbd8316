//! What was lost: counted by action, for one event that says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use crate::denials::text::{Quoted, Timestamp};

/// Losses that no event has told of yet.
#[derive(Clone, Debug)]
pub(super) struct Lost {
    by_action: BTreeMap<Box<str>, u64>,
    actions_max: usize,
    n: u64,
    since: Option<Instant>,
}

impl Lost {
    pub(super) fn new(actions_max: usize) -> Lost {
        Lost {
            by_action: BTreeMap::new(),
            actions_max,
            n: 0,
            since: None,
        }
    }

    pub(super) fn n(&self) -> u64 {
        self.n
    }

    /// When the first of them was lost.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    pub(super) fn add(&mut self, action: &str) {
        // `other` has a place of its own on top.
        let named = self.by_action.len() - usize::from(self.by_action.contains_key("other"));
        let known = self.by_action.contains_key(action) || named < self.actions_max;
        let action = if known { action } else { "other" };
        match self.by_action.get_mut(action) {
            Some(n) => *n += 1,
            None => drop(self.by_action.insert(action.into(), 1)),
        }
        self.n += 1;
        self.since.get_or_insert_with(Instant::now);
    }

    /// Takes away what an event has told of by now.
    pub(super) fn subtract(&mut self, told: &Lost) {
        for (action, n) in &told.by_action {
            if let Some(left) = self.by_action.get_mut(action) {
                *left = left.saturating_sub(*n);
            }
        }
        self.by_action.retain(|_, n| *n > 0);
        self.n = self.n.saturating_sub(told.n);
        self.since = (self.n > 0).then(Instant::now);
    }

    /// The event, on one line, in ASCII.
    pub(super) fn to_json(&self, ts_ns: u64) -> String {
        format!(
            r#"{{"event":"denials_lost","ts":"{}","n":{},"by_action":{}}}"#,
            Timestamp(ts_ns),
            self.n,
            self.by_action_json(),
        )
    }

    fn by_action_json(&self) -> String {
        let mut out = String::from("{");
        for (i, (action, n)) in self.by_action.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            // Writing into a String does not fail.
            let _ = write!(out, "{comma}{}:{n}", Quoted(action));
        }
        out.push('}');
        out
    }

    pub(super) fn trace(&self) {
        let by_action = self.by_action_json();
        tracing::error!(
            event = "denials_lost",
            n = self.n,
            by_action,
            "denials were lost"
        );
    }
}
