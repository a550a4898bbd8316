//! Exactly what the contract says where the tables leave room: whole lists, both sides of each limit in each section, and
//! how places and texts of others are written.
#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

use serde_json::{Value, json};
use wardian_rules::{Action, Input, Kind, PROBLEMS_MAX, Policy, Reason};

fn said_of_policy(document: &Value) -> String {
    let read = Policy::from_json(document.to_string().as_bytes());
    read.map_or_else(|problems| problems.to_string(), |_| "fine".into())
}

fn said_of_input(text: &str) -> String {
    let read = Input::from_json(text.as_bytes());
    read.map_or_else(|problems| problems.to_string(), |_| "fine".into())
}

#[test]
fn the_lists_of_all_are_whole_and_in_their_order() {
    assert_eq!(
        Action::ALL.map(Action::name),
        [
            "env.read",
            "cache.read",
            "cache.write",
            "db.read",
            "db.write",
            "http.outbound",
        ]
    );
    assert_eq!(
        Kind::ALL.map(|kind| (kind.name(), kind.section())),
        [
            ("env_var", "env"),
            ("namespace", "cache"),
            ("sql_query", "sql"),
            ("host", "hosts"),
        ]
    );
    assert_eq!(
        Reason::ALL.map(Reason::code),
        [
            "unknown_action",
            "missing_resource",
            "wrong_resource_kind",
            "not_in_allowlist",
        ]
    );
}

#[test]
fn an_entry_has_a_shortest_and_a_longest_in_every_section() {
    for section in Kind::ALL.map(Kind::section) {
        // Bytes are counted, not characters: two each.
        for (bytes, said) in [
            (0, format!("/{section}/0: an empty text")),
            (2, "fine".into()),
            (4096, "fine".into()),
            (4098, format!("/{section}/0: 4098 bytes, allowed 4096")),
        ] {
            let document = json!({ section: ["é".repeat(bytes / 2)] });
            assert_eq!(said_of_policy(&document), said);
        }
    }
    let query = json!({"sql": [{"query": "q".repeat(4097), "read_only": true}]});
    assert_eq!(said_of_policy(&query), "/sql/0: 4097 bytes, allowed 4096");
}

#[test]
fn only_queries_may_be_objects_and_only_of_this_form() {
    for section in ["env", "cache", "hosts"] {
        let document = json!({ section: [{"query": "a"}] });
        let said = format!("/{section}/0: an object where a text belongs");
        assert_eq!(said_of_policy(&document), said);
    }
    for (query, said) in [
        (json!({"query": "q", "read_only": false}), "fine"),
        (
            json!({"query": "q", "write": true}),
            "/sql/0: unknown member `write`",
        ),
        (
            json!({"query": "q", "read_only": null}),
            "/sql/0/read_only: null where a boolean belongs",
        ),
        (
            json!({"query": 1}),
            "/sql/0/query: a number where a text belongs",
        ),
    ] {
        assert_eq!(said_of_policy(&json!({ "sql": [query] })), said);
    }
}

#[test]
fn hosts_by_their_own_name_are_not_in_the_form_of_files() {
    assert_eq!(
        said_of_policy(&json!({"hosts": {"allow_hosts": ["a"]}})),
        "2 problems\n/hosts: unknown member `allow_hosts`\n/hosts: member `allow` is missing"
    );
}

#[test]
fn a_made_question_is_the_one_that_is_read() {
    let text = br#"{"action": "db.read", "resource": {"kind": "sql_query", "id": "q"}}"#;
    let made = Input::new("db.read", "sql_query", "q");
    assert_eq!(Input::from_json(text).as_ref(), Ok(&made));
}

#[test]
fn null_is_not_nothing_where_nothing_must_be() {
    assert_eq!(
        said_of_input(r#"{"action": "a", "actor": {"kind": "anonymous", "id": null}}"#),
        "/actor: unknown member `id`"
    );
    for (name, wanted) in [
        ("actor", "an object"),
        ("env", "an object"),
        ("timestamp_ns", "a whole number from 0 to 2⁶⁴ − 1"),
    ] {
        assert_eq!(
            said_of_input(&json!({"action": "a", name: null}).to_string()),
            format!("/{name}: null where {wanted} belongs")
        );
    }
    for name in ["id", "attributes"] {
        let resource = json!({"kind": "host", name: null});
        let text = json!({"action": "a", "resource": resource}).to_string();
        assert_eq!(said_of_input(&text), "fine");
    }
}

#[test]
fn an_environment_has_no_other_members() {
    assert_eq!(
        said_of_input(r#"{"action": "a", "env": {"region": "eu"}}"#),
        "/env: unknown member `region`"
    );
}

#[test]
fn attributes_stay_as_they_are() {
    let attributes = json!({
        "Rows": [1, -2, 0.1, 1e300, u64::MAX], "rows": {"Yes": true, "no": false, "": null},
        "é \u{1b}": "É \"\\", "list": [[], {}, ""]
    });
    let resource = json!({"kind": "host", "attributes": attributes});
    let text = json!({"action": "a", "resource": resource}).to_string();
    let input = Input::from_json(text.as_bytes()).unwrap();
    let read = input.resource.unwrap().attributes.unwrap();
    assert_eq!(Value::Object(read), attributes);
}

#[test]
fn a_question_is_127_deep_at_most() {
    // Question, resource and attributes are the first three.
    let of_depth = |depth: usize| {
        let (open, close) = ("[".repeat(depth - 3), "]".repeat(depth - 3));
        said_of_input(&format!(
            r#"{{"action": "a", "resource": {{"kind": "host", "attributes": {{"x": {open}{close}}}}}}}"#
        ))
    };
    assert_eq!(of_depth(127), "fine");
    let said = of_depth(128);
    assert!(said.contains("recursion limit exceeded"), "{said}");
}

#[test]
fn the_first_hundred_problems_are_told() {
    assert_eq!(PROBLEMS_MAX, 100);
    for (wrong, told) in [(2, 2), (99, 99), (100, 100), (101, 100)] {
        let said = said_of_policy(&json!({ "env": vec![1; wrong] }));
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some(&*format!("{told} problems")));
        for number in 0..told {
            let line = format!("/env/{number}: a number where a text belongs");
            assert_eq!(lines.next(), Some(&*line));
        }
        assert_eq!(lines.next(), None);
    }
}

/// JSON pointers as RFC 6901 has them: `~` first, then `/`.
#[test]
fn places_are_pointers() {
    for (key, pointer) in [
        ("ab", "ab"),
        ("a/b", "a~1b"),
        ("a~b", "a~0b"),
        ("~1", "~01"),
        ("/~/", "~1~0~1"),
        ("", ""),
        ("é", "é"),
    ] {
        let twice = format!(r#"{{"{key}": [0, {{"k": 1, "k": 1}}]}}"#);
        let text =
            format!(r#"{{"action": "a", "resource": {{"kind": "host", "attributes": {twice}}}}}"#);
        let problems = Input::from_json(text.as_bytes()).unwrap_err();
        let pointers: Vec<&str> = problems.0.iter().map(|one| &*one.pointer).collect();
        assert_eq!(pointers, [format!("/resource/attributes/{pointer}/1")]);
    }
}

#[test]
fn texts_of_others_are_shown_up_to_200_characters() {
    let shown = |text: &str| said_of_policy(&json!({ "default": text }));
    for chars in [1, 199, 200] {
        let text = "é".repeat(chars);
        assert_eq!(
            shown(&text),
            format!("/default: `{text}` is not allow or deny")
        );
    }
    for chars in [201, 202, 1000] {
        let cut = "é".repeat(200);
        assert_eq!(
            shown(&"é".repeat(chars)),
            format!("/default: `{cut}…` is not allow or deny")
        );
    }
}

/// Wherever a text of somebody else's gets into a message, it ends no quotes and moves no terminal.
#[test]
fn every_place_of_a_text_shows_it_harmlessly() {
    let (text, shown) = ("q`\"'\u{1b}", r"q'''\u{1b}");
    let json = json!(text).to_string();
    let attributes = format!(r#"{{{json}: {{{json}: 1, {json}: 1}}}}"#);
    assert_eq!(
        said_of_input(&format!(
            r#"{{"action": "a", "resource": {{"kind": "host", "attributes": {attributes}}}}}"#
        )),
        format!("/resource/attributes/{shown}: member `{shown}` is there twice")
    );
    assert_eq!(
        said_of_policy(&json!({"sql": [text, {"query": text, "read_only": true}]})),
        format!("/sql: query `{shown}` is read-only in one entry and not in another")
    );
    assert_eq!(
        said_of_policy(&json!({ text: 1 })),
        format!("the whole: unknown member `{shown}`")
    );
    assert_eq!(
        said_of_policy(&json!({ "default": text })),
        format!("/default: `{shown}` is not allow or deny")
    );
    assert_eq!(
        said_of_input(&json!({"action": "a", "actor": {"kind": text}}).to_string()),
        format!("/actor/kind: `{shown}` is not anonymous, user, service or compiler_tool")
    );
}
