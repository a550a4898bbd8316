//! The metrics of a denial log, registered once: counting an event allocates nothing.
//!
//! Actions and reasons are a guest's to choose, so only known ones have a label of their own; the others share `other`.

use metrics::{Counter, counter};
use wardian_rules::Action;

const OTHER: &str = "other";
/// Why an operation was allowed that the policy was not asked about.
pub(super) const STATIC: &str = "allow.static";

/// Handles of all counters.
pub(super) struct Counters {
    /// One for each action, `other` last, and so below.
    allowed: Vec<Counter>,
    statics: Vec<Counter>,
    denied: Vec<Vec<Counter>>,
    lost: Vec<Counter>,
    /// Reasons with a label of their own, in the order of the inner lists of `denied`, which end with `other`.
    reasons: Vec<String>,
    pub(super) spooled: Counter,
    pub(super) sink_errors: Counter,
    pub(super) spool_errors: Counter,
    pub(super) allows_dropped: Counter,
}

impl Counters {
    pub(super) fn new(reasons: &[String]) -> Counters {
        let actions = || Action::ALL.map(Action::name).into_iter().chain([OTHER]);
        let denied = |action: &'static str, reason: &str| counter!("wardian_policy_decisions_total", "decision" => "deny", "action" => action, "reason" => reason.to_owned());
        let by_reason = |action| {
            let reasons = reasons.iter().map(String::as_str).chain([OTHER]);
            reasons.map(|reason| denied(action, reason)).collect()
        };
        Counters {
            allowed: actions()
                .map(|action| counter!("wardian_policy_decisions_total", "decision" => "allow", "action" => action))
                .collect(),
            statics: actions()
                .map(|action| counter!("wardian_policy_decisions_total", "decision" => "allow", "action" => action, "reason" => STATIC))
                .collect(),
            denied: actions().map(by_reason).collect(),
            lost: actions()
                .map(|action| counter!("wardian_policy_denials_lost_total", "action" => action))
                .collect(),
            reasons: reasons.to_vec(),
            spooled: counter!("wardian_policy_denials_spooled_total"),
            sink_errors: counter!("wardian_policy_sink_errors_total"),
            spool_errors: counter!("wardian_policy_spool_errors_total"),
            allows_dropped: counter!("wardian_policy_allows_dropped_total"),
        }
    }

    pub(super) fn allowed(&self, action: &str) {
        count(self.allowed.get(place(action)));
    }

    pub(super) fn allowed_statically(&self, action: &str) {
        count(self.statics.get(place(action)));
    }

    pub(super) fn denied(&self, action: &str, reason: &str) {
        let known = self.reasons.iter().position(|known| known == reason);
        let reason = known.unwrap_or(self.reasons.len());
        count(
            self.denied
                .get(place(action))
                .and_then(|row| row.get(reason)),
        );
    }

    pub(super) fn lost(&self, action: &str) {
        count(self.lost.get(place(action)));
    }
}

fn place(action: &str) -> usize {
    let known = Action::ALL.iter().position(|known| known.name() == action);
    known.unwrap_or(Action::ALL.len())
}

fn count(counter: Option<&Counter>) {
    if let Some(counter) = counter {
        counter.increment(1);
    }
}
