//! A policy of one's own. Outside production everything may be done; in production reading may be done by everybody who
//! says who they are, and all else by administrators in office hours.

wit_bindgen::generate!({
    world: "policy",
    path: "wit",
});

use exports::wardian::policy::checker::{Actor, Decision, Guest, Input};

/// Who may write in production.
const ADMINS: [&str; 2] = ["alice", "bob"];
/// Monday to Friday, 08:00 to 18:00 UTC.
const HOURS: std::ops::Range<u64> = 8..18;

const HOUR_NS: u64 = 3_600_000_000_000;
const DAY_NS: u64 = 24 * HOUR_NS;

struct OfficeHours;

// Elsewhere it is an ordinary library, and `cargo test` runs it.
#[cfg(target_arch = "wasm32")]
export!(OfficeHours);

impl Guest for OfficeHours {
    fn check(input: Input) -> Decision {
        match refusal(&input) {
            None => Decision::Allow,
            Some(reason) => Decision::Deny(reason.to_owned()),
        }
    }
}

/// Why not; none if it may be done. Reasons are short codes: a program reads them, and a user may see them.
fn refusal(input: &Input) -> Option<&'static str> {
    if input.env.mode != "prod" {
        return None;
    }
    if matches!(input.actor, Actor::Anonymous) {
        return Some("sign_in_first");
    }
    if input.action.ends_with(".read") {
        return None;
    }
    match &input.actor {
        Actor::User(id) if ADMINS.contains(&id.as_str()) => {}
        _ => return Some("admins_only"),
    }
    match input.timestamp_ns {
        // Nobody said when.
        0 => Some("time_unknown"),
        now if is_office_hours(now) => None,
        _ => Some("outside_office_hours"),
    }
}

fn is_office_hours(now_ns: u64) -> bool {
    // 1970-01-01 was a Thursday, the day of number 3 when Monday is 0.
    let weekday = (now_ns / DAY_NS + 3) % 7;
    let hour = now_ns % DAY_NS / HOUR_NS;
    weekday < 5 && HOURS.contains(&hour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exports::wardian::policy::checker::Env;

    /// Monday, 1970-01-05, 00:00 UTC.
    const MONDAY: u64 = 4 * DAY_NS;

    fn ask(actor: Actor, action: &str, mode: &str, timestamp_ns: u64) -> Option<&'static str> {
        refusal(&Input {
            actor,
            action: action.to_owned(),
            resource: None,
            args_hash: None,
            env: Env {
                service: "shop".to_owned(),
                mode: mode.to_owned(),
            },
            timestamp_ns,
        })
    }

    fn user(id: &str) -> Actor {
        Actor::User(id.to_owned())
    }

    #[test]
    fn outside_production_everything_may_be_done() {
        assert_eq!(ask(Actor::Anonymous, "db.write", "dev", 0), None);
    }

    #[test]
    fn in_production_readers_say_who_they_are() {
        let anonymous = ask(Actor::Anonymous, "db.read", "prod", 0);
        assert_eq!(anonymous, Some("sign_in_first"));
        assert_eq!(ask(user("carol"), "db.read", "prod", 0), None);
    }

    #[test]
    fn in_production_only_administrators_write() {
        let noon = MONDAY + 12 * HOUR_NS;
        let ask = |actor| ask(actor, "db.write", "prod", noon);
        assert_eq!(ask(user("alice")), None);
        assert_eq!(ask(user("carol")), Some("admins_only"));
        let service = Actor::Service("alice".to_owned());
        assert_eq!(ask(service), Some("admins_only"));
    }

    #[test]
    fn office_hours_begin_and_end() {
        let closed = Some("outside_office_hours");
        let friday = MONDAY + 4 * DAY_NS;
        for (time, expected) in [
            (0, Some("time_unknown")),
            (MONDAY + 8 * HOUR_NS - 1, closed),
            (MONDAY + 8 * HOUR_NS, None),
            (friday + 18 * HOUR_NS - 1, None),
            (friday + 18 * HOUR_NS, closed),
            (friday + DAY_NS + 12 * HOUR_NS, closed),
            (u64::MAX, closed),
        ] {
            let answered = ask(user("bob"), "cache.write", "prod", time);
            assert_eq!(answered, expected, "{time}");
        }
    }
}
