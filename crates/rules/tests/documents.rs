//! Documents: every form that is read, and every way of being wrong, with its place.
#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

use wardian_rules::{DOCUMENT_BYTES_MAX, ENTRIES_MAX, ENTRY_BYTES_MAX, Kind, PROBLEMS_MAX, Policy};

fn read(document: &str) -> Result<Policy, String> {
    Policy::from_json(document.as_bytes()).map_err(|problems| problems.to_string())
}

fn listed(policy: &Policy, kind: Kind) -> Option<Vec<&str>> {
    policy.allowed(kind).map(Iterator::collect)
}

#[test]
fn all_forms_mean_the_same() {
    let plain = r#"{"env": ["B", "A"], "cache": ["c"], "sql": ["q"], "hosts": ["H.example"]}"#;
    let objects = r#"{"env": {"allow": ["A", "B"]}, "cache": {"allow": ["c"]},
        "sql": {"allow": ["q"]}, "hosts": {"allow": ["h.example"]}}"#;
    let file = r#"{"env": {"allow": ["A", "B", "A"]}, "egress": {"allow_hosts": ["h.EXAMPLE", "h.example"]},
        "cache": {"allow_namespaces": ["c"]}, "sql": {"allow_queries": ["q", {"query": "q", "read_only": false}]}}"#;
    let policy = read(plain).unwrap();
    assert_eq!(read(objects).as_ref(), Ok(&policy));
    assert_eq!(read(file).as_ref(), Ok(&policy));
    assert_eq!(listed(&policy, Kind::EnvVar), Some(vec!["A", "B"]));
    assert_eq!(listed(&policy, Kind::Host), Some(vec!["h.example"]));
    assert!(!policy.denies_by_default());

    let nothing = read("{}").unwrap();
    assert_eq!(nothing, Policy::default());
    for kind in Kind::ALL {
        assert_eq!(listed(&nothing, kind), None);
    }
    assert!(read(r#"{"default": "deny"}"#).unwrap().denies_by_default());
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let document = r#"{
        "default": "block", "enw": [], "env": ["", 1, "A", null],
        "cache": {"allow": ["a"], "allow_namespaces": ["b"], "x/y~": 1},
        "sql": [{"query": "q", "read_only": true}, "q", {"read_only": 1}, {"query": ""}, ["q"]],
        "hosts": "all", "egress": {"allow_hosts": {}, "allow": []}, "env": {}
    }"#;
    insta::assert_snapshot!(read(document).unwrap_err(), @r#"
    17 problems
    the whole: member `env` is there twice
    the whole: unknown member `enw`
    /default: `block` is not allow or deny
    /env/0: an empty text
    /env/1: a number where a text belongs
    /env/3: null where a text belongs
    /cache: unknown member `x/y~`
    /cache/allow_namespaces: says the same as `allow`
    /sql/2/read_only: a number where a boolean belongs
    /sql/2: member `query` is missing
    /sql/3: an empty text
    /sql/4: a list where a text belongs
    /sql: query `q` is read-only in one entry and not in another
    /egress: says the same as `hosts`
    /egress: unknown member `allow`
    /egress/allow_hosts: an object where a list belongs
    /hosts: a text where a list or an object belongs
    "#);
}

#[test]
fn what_is_no_document_is_told() {
    for (document, said) in [
        (
            "",
            "the whole: not JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            "{",
            "the whole: not JSON: EOF while parsing an object at line 1 column 1",
        ),
        (
            "{} {}",
            "the whole: not JSON: trailing characters at line 1 column 4",
        ),
        ("null", "the whole: null where an object belongs"),
        ("[]", "the whole: a list where an object belongs"),
        (r#"{"env": {}}"#, "/env: member `allow` is missing"),
        (r#"{"sql": {}}"#, "/sql: member `allow_queries` is missing"),
        (
            r#"{"hosts": null}"#,
            "/hosts: null where a list or an object belongs",
        ),
        (
            r#"{"egress": ["a"]}"#,
            "/egress: a list where an object belongs",
        ),
        (
            r#"{"egress": {"allow": ["a"]}}"#,
            "2 problems\n/egress: unknown member `allow`\n/egress: member `allow_hosts` is missing",
        ),
        (
            r#"{"default": null}"#,
            "/default: null where a text belongs",
        ),
        (
            r#"{"env": [{"query": "A"}]}"#,
            "/env/0: an object where a text belongs",
        ),
        (
            "{\"e\\u001b[2J\\u202e`\": 1}",
            "the whole: unknown member `e\\u{1b}[2J\\u{202e}'`",
        ),
    ] {
        assert_eq!(read(document).unwrap_err(), said, "{document}");
    }
    let broken = Policy::from_json(b"{\"env\": [\"\xff\"]}").unwrap_err();
    assert!(broken.to_string().contains("not JSON"), "{broken}");
}

#[test]
fn limits_hold_on_both_sides() {
    let of_bytes = |bytes: usize| {
        let mut text = String::from(r#"{"env":[]}"#);
        text.push_str(&" ".repeat(bytes - text.len()));
        read(&text)
    };
    assert!(of_bytes(DOCUMENT_BYTES_MAX).is_ok());
    let said = of_bytes(DOCUMENT_BYTES_MAX + 1).unwrap_err();
    assert_eq!(said, "the whole: 4194305 bytes, allowed 4194304");

    let of_entries = |count: usize| {
        read(&format!(
            r#"{{"env":["A"{}]}}"#,
            r#","A""#.repeat(count - 1)
        ))
    };
    assert!(of_entries(ENTRIES_MAX).is_ok());
    assert_eq!(
        of_entries(ENTRIES_MAX + 1).unwrap_err(),
        "/env: 50001 entries, allowed 50000"
    );

    let of_length = |bytes: usize| read(&format!(r#"{{"sql":["{}"]}}"#, "q".repeat(bytes)));
    assert!(of_length(ENTRY_BYTES_MAX).is_ok());
    assert_eq!(
        of_length(ENTRY_BYTES_MAX + 1).unwrap_err(),
        "/sql/0: 4097 bytes, allowed 4096"
    );

    let wrong = |count: usize| format!(r#"{{"env":[1{}]}}"#, ",1".repeat(count - 1));
    for (count, told) in [
        (PROBLEMS_MAX, PROBLEMS_MAX),
        (PROBLEMS_MAX + 1, PROBLEMS_MAX),
    ] {
        let problems = Policy::from_json(wrong(count).as_bytes()).unwrap_err();
        assert_eq!(problems.0.len(), told);
    }

    let deep = |depth: usize| {
        read(&format!(
            r#"{{"env":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        ))
    };
    assert_eq!(deep(2).unwrap_err(), "/env/0: a list where a text belongs");
    let said = deep(100_000).unwrap_err();
    assert!(said.contains("recursion limit exceeded"), "{said}");
}

/// Controls, directions, separators, what has no width, tags, private use: none comes through as it is.
#[test]
fn texts_of_others_are_shown_harmlessly() {
    for hidden in [
        '\0',
        '\n',
        '\u{1b}',
        '\u{9b}',
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200f}',
        '\u{2028}',
        '\u{202e}',
        '\u{2066}',
        '\u{e000}',
        '\u{feff}',
        '\u{fffb}',
        '\u{e0041}',
        '\u{100000}',
    ] {
        let document = serde_json::json!({ "env": [], "default": format!("a{hidden}"), format!("b{hidden}"): [1] });
        let said = read(&document.to_string()).unwrap_err();
        assert_eq!(said.lines().count(), 3, "{said:?}");
        assert!(!said.replace('\n', "").contains(hidden), "{said:?}");
    }
    let long = read(&format!(r#"{{"{}": 1}}"#, "x".repeat(100_000))).unwrap_err();
    assert!(long.chars().count() < 250, "{}", long.len());
}
