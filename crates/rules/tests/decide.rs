//! The decision: what is looked for, in which order, and what a section that is not there means.
#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

use proptest::prelude::*;
use wardian_rules::{Action, Decision, Input, Kind, Policy, Reason, Resource};

fn policy(document: &str) -> Policy {
    Policy::from_json(document.as_bytes()).unwrap()
}

fn decide(document: &str, action: &str, kind: &str, id: &str) -> Decision {
    policy(document).decide(&Input::new(action, kind, id))
}

const ALLOW: Decision = Decision::Allow;
const NOT_LISTED: Decision = Decision::Deny(Reason::NotInAllowlist);

#[test]
fn every_action_has_its_kind_and_its_section() {
    for action in Action::ALL {
        let (name, kind) = (action.name(), action.kind());
        let section = kind.section();
        let listed = format!(r#"{{"{section}": ["a"]}}"#);
        assert_eq!(decide("{}", name, kind.name(), "a"), ALLOW, "{name}");
        assert_eq!(decide(&listed, name, kind.name(), "a"), ALLOW, "{name}");
        assert_eq!(decide(&listed, name, kind.name(), "b"), NOT_LISTED);
        let nothing = format!(r#"{{"{section}": []}}"#);
        assert_eq!(decide(&nothing, name, kind.name(), "a"), NOT_LISTED);
        // The other sections have nothing to do with it.
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            let nothing = format!(r#"{{"{}": []}}"#, other.section());
            assert_eq!(decide(&nothing, name, kind.name(), "a"), ALLOW);
            let wrong = Decision::Deny(Reason::WrongResourceKind);
            assert_eq!(decide("{}", name, other.name(), "a"), wrong, "{name}");
        }
        assert_eq!(Action::by_name(name), Some(action));
    }
}

#[test]
fn what_is_wrong_first_is_told() {
    let denied = r#"{"default": "deny"}"#;
    let ask = |action: &str, resource: Option<(&str, Option<&str>)>| {
        let mut input = Input::new(action.to_owned(), "", "");
        input.resource = resource.map(|(kind, id)| Resource {
            kind: kind.to_owned().into(),
            id: id.map(|id| id.to_owned().into()),
            attributes: None,
        });
        policy(denied).decide(&input)
    };
    for (action, resource, reason) in [
        ("", None, Reason::UnknownAction),
        (
            "env.Read",
            Some(("env_var", Some("A"))),
            Reason::UnknownAction,
        ),
        (
            "env.read ",
            Some(("env_var", Some("A"))),
            Reason::UnknownAction,
        ),
        ("fs.read", None, Reason::UnknownAction),
        ("env.read", None, Reason::MissingResource),
        ("env.read", Some(("env_var", None)), Reason::MissingResource),
        (
            "env.read",
            Some(("env_var", Some(""))),
            Reason::MissingResource,
        ),
        ("env.read", Some(("host", None)), Reason::MissingResource),
        (
            "env.read",
            Some(("host", Some("A"))),
            Reason::WrongResourceKind,
        ),
        ("env.read", Some(("", Some("A"))), Reason::WrongResourceKind),
        (
            "env.read",
            Some(("ENV_VAR", Some("A"))),
            Reason::WrongResourceKind,
        ),
        (
            "env.read",
            Some(("env_var", Some("A"))),
            Reason::NotInAllowlist,
        ),
    ] {
        assert_eq!(ask(action, resource), Decision::Deny(reason), "{action}");
    }
}

#[test]
fn a_section_that_is_not_there_does_as_the_default_says() {
    for (document, decision) in [
        (r#"{}"#, ALLOW),
        (r#"{"default": "allow"}"#, ALLOW),
        (r#"{"default": "deny"}"#, NOT_LISTED),
        (r#"{"default": "deny", "env": ["HOME"]}"#, ALLOW),
        (r#"{"default": "allow", "env": []}"#, NOT_LISTED),
    ] {
        assert_eq!(decide(document, "env.read", "env_var", "HOME"), decision);
    }
}

#[test]
fn hosts_have_no_case_and_all_else_has() {
    let hosts = r#"{"hosts": ["API.Example.com", "bücher.example"]}"#;
    let host = |id: &str| decide(hosts, "http.outbound", "host", id);
    for (id, decision) in [
        ("api.example.com", ALLOW),
        ("API.EXAMPLE.COM", ALLOW),
        ("bücher.example", ALLOW),
        // Beyond ASCII, case counts.
        ("BÜCHER.example", NOT_LISTED),
        ("api.example.com.", NOT_LISTED),
        ("api.example.com:443", NOT_LISTED),
        ("example.com", NOT_LISTED),
        ("evil-api.example.com", NOT_LISTED),
        ("api.example.co", NOT_LISTED),
        (" api.example.com", NOT_LISTED),
        ("api.example.com\0", NOT_LISTED),
    ] {
        assert_eq!(host(id), decision, "{id}");
    }
    let others = r#"{"env": ["Home"], "cache": ["Users"], "sql": ["GetUser"]}"#;
    for (action, kind, right, wrong) in [
        ("env.read", "env_var", "Home", "HOME"),
        ("cache.read", "namespace", "Users", "users"),
        ("cache.write", "namespace", "Users", "Users "),
        ("db.read", "sql_query", "GetUser", "getuser"),
    ] {
        assert_eq!(decide(others, action, kind, right), ALLOW);
        assert_eq!(decide(others, action, kind, wrong), NOT_LISTED);
    }
}

#[test]
fn a_read_only_query_is_not_written_with() {
    let document =
        r#"{"sql": ["both", {"query": "reads", "read_only": true}, {"query": "plain"}]}"#;
    for (query, writes) in [("both", ALLOW), ("reads", NOT_LISTED), ("plain", ALLOW)] {
        assert_eq!(decide(document, "db.read", "sql_query", query), ALLOW);
        assert_eq!(decide(document, "db.write", "sql_query", query), writes);
    }
}

#[test]
fn the_answer_is_exactly_these_bytes() {
    assert_eq!(ALLOW.to_json(), r#"{"kind":"allow"}"#);
    for reason in Reason::ALL {
        let expected = format!(r#"{{"kind":"deny","reason":"{}"}}"#, reason.code());
        assert_eq!(Decision::Deny(reason).to_json(), expected);
    }
}

proptest! {
    /// A list that is searched says what a list that is walked says.
    #[test]
    fn what_is_listed_is_found(listed: Vec<String>, asked: String, host: bool) {
        let listed: Vec<String> = listed.into_iter().filter(|id| !id.is_empty()).collect();
        let (action, kind, section) = match host {
            true => ("http.outbound", "host", "hosts"),
            false => ("cache.write", "namespace", "cache"),
        };
        let document = serde_json::json!({section: listed}).to_string();
        for id in listed.iter().chain([&asked]).filter(|id| !id.is_empty()) {
            let same = |one: &String| match host {
                true => one.eq_ignore_ascii_case(id),
                false => one == id,
            };
            let expected = if listed.iter().any(same) { ALLOW } else { NOT_LISTED };
            prop_assert_eq!(decide(&document, action, kind, id), expected);
        }
    }
}
