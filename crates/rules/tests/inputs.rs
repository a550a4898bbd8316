//! Inputs: defaults, what is strict, and what is told.
#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

use proptest::prelude::*;
use wardian_rules::{Actor, Env, INPUT_BYTES_MAX, Input, Policy};

fn read(text: &str) -> Result<Input<'_>, String> {
    Input::from_json(text.as_bytes()).map_err(|problems| problems.to_string())
}

#[test]
fn what_is_not_said_has_a_default() {
    let least = read(r#"{"action": "env.read"}"#).unwrap();
    assert_eq!(least.actor, Actor::Anonymous);
    assert_eq!(
        least.env,
        Env {
            service: "wardian".into(),
            mode: "prod".into()
        }
    );
    assert_eq!(
        (least.timestamp_ns, &least.resource, &least.args_hash),
        (0, &None, &None)
    );

    let nulls = read(r#"{"action": "env.read", "resource": null, "args_hash": null}"#).unwrap();
    assert_eq!(nulls, least);
    let halves = read(r#"{"action": "a", "env": {"mode": "dev"}}"#).unwrap();
    assert_eq!(
        halves.env,
        Env {
            service: "wardian".into(),
            mode: "dev".into()
        }
    );
}

#[test]
fn everything_is_read() {
    let text = r#"{
        "actor": {"kind": "user", "id": "ann\u00e9"}, "action": "db.write",
        "resource": {"kind": "sql_query", "id": "q", "attributes": {"rows": [1, -2, 0.5, {"a": null}]}},
        "args_hash": "00ff", "env": {"service": "shop", "mode": "staging"}, "timestamp_ns": 18446744073709551615
    }"#;
    insta::assert_debug_snapshot!(read(text).unwrap(), @r#"
    Input {
        actor: User(
            "anné",
        ),
        action: "db.write",
        resource: Some(
            Resource {
                kind: "sql_query",
                id: Some(
                    "q",
                ),
                attributes: Some(
                    {
                        "rows": Array [
                            Number(1),
                            Number(-2),
                            Number(0.5),
                            Object {
                                "a": Null,
                            },
                        ],
                    },
                ),
            },
        ),
        args_hash: Some(
            "00ff",
        ),
        env: Env {
            service: "shop",
            mode: "staging",
        },
        timestamp_ns: 18446744073709551615,
    }
    "#);
    for (kind, actor) in [
        ("service", Actor::Service("x".into())),
        ("compiler_tool", Actor::CompilerTool("x".into())),
    ] {
        let text = format!(r#"{{"action": "a", "actor": {{"kind": "{kind}", "id": "x"}}}}"#);
        assert_eq!(read(&text).unwrap().actor, actor);
    }
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let text = r#"{
        "actor": {"kind": "root", "name": "x"}, "resourse": {}, "resource": {"id": 1, "attributes": [], "x": 0},
        "args_hash": true, "env": {"mode": null, "service": 1}, "timestamp_ns": -1, "args_hash": "a"
    }"#;
    insta::assert_snapshot!(read(text).unwrap_err(), @r#"
    13 problems
    the whole: member `args_hash` is there twice
    the whole: unknown member `resourse`
    /actor: unknown member `name`
    /actor/kind: `root` is not anonymous, user, service or compiler_tool
    the whole: member `action` is missing
    /resource: unknown member `x`
    /resource: member `kind` is missing
    /resource/id: a number where a text belongs
    /resource/attributes: a list where an object belongs
    /args_hash: a boolean where a text belongs
    /env/service: a number where a text belongs
    /env/mode: null where a text belongs
    /timestamp_ns: a number where a whole number from 0 to 2⁶⁴ − 1 belongs
    "#);
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    for (text, said) in [
        (
            r#"["env.read"]"#,
            "the whole: a list where an object belongs",
        ),
        (
            r#"{"action": "a", "action": "b"}"#,
            "the whole: member `action` is there twice",
        ),
        (
            r#"{"action": "a", "resource": {"kind": "host", "attributes": {"x": [{"y": 1, "\u0079": 2}]}}}"#,
            "/resource/attributes/x/0: member `y` is there twice",
        ),
        (r#"{"action": null}"#, "/action: null where a text belongs"),
        (
            r#"{"action": "a", "actor": null}"#,
            "/actor: null where an object belongs",
        ),
        (
            r#"{"action": "a", "actor": {"kind": "user"}}"#,
            "/actor: member `id` is missing",
        ),
        (
            r#"{"action": "a", "actor": {"kind": "user", "id": null}}"#,
            "/actor/id: null where a text belongs",
        ),
        (
            r#"{"action": "a", "actor": {"kind": "anonymous", "id": "x"}}"#,
            "/actor: unknown member `id`",
        ),
        (
            r#"{"action": "a", "timestamp_ns": 1.0}"#,
            "/timestamp_ns: a number where a whole number from 0 to 2⁶⁴ − 1 belongs",
        ),
        (
            r#"{"action": "a", "timestamp_ns": 18446744073709551616}"#,
            "/timestamp_ns: a number where a whole number from 0 to 2⁶⁴ − 1 belongs",
        ),
        (
            r#"{"action": "a", "resource": {"id": "x"}}"#,
            "/resource: member `kind` is missing",
        ),
        (
            r#"{"action": "a"}x"#,
            "the whole: not JSON: trailing characters at line 1 column 16",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), said, "{text}");
    }
}

#[test]
fn it_has_a_longest() {
    let of_bytes = |bytes: usize| {
        let text = r#"{"action": "a"}"#;
        text.to_owned() + &" ".repeat(bytes - text.len())
    };
    assert!(read(&of_bytes(INPUT_BYTES_MAX)).is_ok());
    let said = read(&of_bytes(INPUT_BYTES_MAX + 1)).unwrap_err();
    assert_eq!(said, "the whole: 1048577 bytes, allowed 1048576");
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes: Vec<u8>, text in r#"[\[\]{}":,a-z0-9\\ ]{0,60}"#) {
        for bytes in [&*bytes, text.as_bytes()] {
            if let Err(problems) = Input::from_json(bytes) {
                prop_assert!(!problems.0.is_empty());
            }
            if let Err(problems) = Policy::from_json(bytes) {
                prop_assert!(!problems.0.is_empty());
            }
        }
    }
}
