//! What may stand where: values of the wrong kind, keys that mean nothing, that are missing or twice, and words not known.

use crate::{good, state, told, told_of};

#[test]
fn values_of_the_wrong_kind_are_told() {
    let cases = [
        (r#""id": 1"#, "/id", "a number where a text belongs"),
        (r#""type": null"#, "/type", "null where a text belongs"),
        (
            r#""history": 1"#,
            "/history",
            "a number where a text or a boolean belongs",
        ),
        (r#""on": []"#, "/on", "a list where an object belongs"),
        (
            r#""on": {"e": true}"#,
            "/on/e",
            "a boolean where an object belongs",
        ),
        (
            r#""on": {"e": [["b"]]}"#,
            "/on/e/0",
            "a list where an object belongs",
        ),
        (
            r#""on": {"e": {"target": {}}}"#,
            "/on/e/target",
            "an object where a text belongs",
        ),
        (
            r#""on": {"e": {"target": ["b", 1]}}"#,
            "/on/e/target/1",
            "a number where a text belongs",
        ),
        (
            r#""on": {"e": {"reenter": 1}}"#,
            "/on/e/reenter",
            "a number where a boolean belongs",
        ),
        (
            r#""on": {"e": {"guard": 1}}"#,
            "/on/e/guard",
            "a number where an object belongs",
        ),
        (
            r#""on": {"e": {"guard": {"type": "and", "guards": {}}}}"#,
            "/on/e/guard/guards",
            "an object where a list belongs",
        ),
        (
            r#""on": {"e": {"guard": {"type": "not", "guards": ["x", "y"]}}}"#,
            "/on/e/guard/guards",
            "a list where a list of one guard belongs",
        ),
        (
            r#""on": {"e": {"guard": {"type": "in", "path": "n", "value": 1}}}"#,
            "/on/e/guard/value",
            "a number where a list belongs",
        ),
        (
            r#""on": {"e": {"guard": {"type": "lt", "path": "n", "value": true}}}"#,
            "/on/e/guard/value",
            "a boolean where a number or a text belongs",
        ),
    ];
    for (members, pointer, flaw) in cases {
        told_of(members, pointer, flaw);
    }
}

#[test]
fn actions_and_others_of_the_wrong_kind_are_told() {
    let cases = [
        (
            r#""entry": 1"#,
            "/entry",
            "a number where an object belongs",
        ),
        (
            r#""entry": {"type": "raise", "event": 1}"#,
            "/entry/event",
            "a number where an event (a text, or an object with a text `type`) belongs",
        ),
        (
            r#""entry": {"type": "raise", "event": "e", "delay": []}"#,
            "/entry/delay",
            "a list where milliseconds or the name of a delay belongs",
        ),
        (
            r#""entry": {"type": "assign", "assignment": []}"#,
            "/entry/assignment",
            "a list where an object belongs",
        ),
        (
            r#""invoke": "work""#,
            "/invoke",
            "a text where an object belongs",
        ),
        (r#""tags": [1]"#, "/tags/0", "a number where a text belongs"),
        (
            r#""description": {}"#,
            "/description",
            "an object where a text belongs",
        ),
        (
            r#""states": []"#,
            "/states",
            "a list where an object belongs",
        ),
    ];
    for (members, pointer, flaw) in cases {
        told_of(members, pointer, flaw);
    }
    told(
        r#"{"version": 1}"#,
        &[("/version", "a number where a text belongs")],
    );
}

#[test]
fn unknown_keys_are_told_with_what_was_meant() {
    told_of(
        r#""onEntry": "x""#,
        "/onEntry",
        "unknown key `onEntry`; write `entry`",
    );
    told_of(
        r#""on": {"e": {"cond": "g"}}"#,
        "/on/e/cond",
        "unknown key `cond`; write `guard`",
    );
    told_of(
        r#""on": {"e": {"guard": {"type": "g", "parms": 1}}}"#,
        "/on/e/guard/parms",
        "unknown key `parms`",
    );
    told_of(
        r#""on": {"e": {"guard": {"type": "not", "guard": "g", "guards": ["g"]}}}"#,
        "/on/e/guard/guards",
        "unknown key `guards`; write `guard`",
    );
    told_of(
        r#""entry": {"type": "log", "expr": "x"}"#,
        "/entry/expr",
        "unknown key `expr`",
    );
    told_of(
        r#""invoke": {"src": "s", "data": 1}"#,
        "/invoke/data",
        "unknown key `data`; write `output`",
    );
    told_of(r#""context": {}"#, "/context", "unknown key `context`");
    for key in ["x-anything", "$schema", "x-"] {
        good(&state(&format!(
            r#""{key}": {{}}, "on": {{"e": {{"{key}": 1}}}}"#
        )));
    }
}

#[test]
fn keys_that_are_there_twice_are_told() {
    told_of(
        r#""entry": "x", "entry": "y""#,
        "/entry",
        "key `entry` is there twice",
    );
    told_of(
        r#""on": {"e": "b", "e": "b"}"#,
        "/on/e",
        "key `e` is there twice",
    );
    told_of(
        r#""on": {"e": {"guard": "g", "guard": "h"}}"#,
        "/on/e/guard",
        "key `guard` is there twice",
    );
    told_of(
        r#""meta": {"x": [{"y": 1, "y": 1}]}"#,
        "/meta/x/0/y",
        "key `y` is there twice",
    );
    told_of(
        r#""x-y": {"z": 1, "z": 1}, "x-y": 1"#,
        "/x-y",
        "key `x-y` is there twice",
    );
    told(
        r#"{"context": {"a/b~": 1, "a/b~": 1}}"#,
        &[("/context/a~1b~0", "key `a/b~` is there twice")],
    );
}

#[test]
fn keys_that_are_not_there_are_told() {
    told_of(
        r#""on": {"e": {"guard": {}}}"#,
        "/on/e/guard",
        "key `type` is missing",
    );
    told_of(
        r#""on": {"e": {"guard": {"type": "eq", "path": "n"}}}"#,
        "/on/e/guard",
        "key `value` is missing",
    );
    told_of(r#""entry": {}"#, "/entry", "key `type` is missing");
    told_of(
        r#""invoke": {"id": "i"}"#,
        "/invoke",
        "key `src` is missing",
    );
    told(
        r#"{"states": {"a": {}}, "initial": {}}"#,
        &[
            ("/initial", "key `target` is missing"),
            ("", "a compound state needs `initial`"),
        ],
    );
}

#[test]
fn what_is_not_among_what_is_allowed_is_told() {
    told_of(
        r#""type": "choice""#,
        "/type",
        "`choice` is not one of atomic, compound, parallel, final, history",
    );
    told_of(
        r#""history": "both""#,
        "/history",
        "`both` is not one of shallow, deep",
    );
    told_of(r#""id": """#, "/id", "`` is not a name");
    told_of(
        r#""on": {"": "b"}"#,
        "/on/",
        "`` is not an event; write `always`",
    );
    told_of(
        r#""on": {"e": {"target": ["b", ""]}}"#,
        "/on/e/target/1",
        "`` is not a name",
    );
    told_of(
        r#""on": {"e": {"guard": ""}}"#,
        "/on/e/guard",
        "`` is not a name",
    );
    let star = "an event; `*` may stand alone or last, after a dot";
    for event in ["*.a", "a.*.b", "*.*", "a.*.*"] {
        told_of(
            &format!(r#""on": {{"{event}": "b"}}"#),
            &format!("/on/{event}"),
            &format!("`{event}` is not {star}"),
        );
    }
    for event in ["*", "a.*", "a*", "a.b", "**"] {
        good(&state(&format!(r#""on": {{"{event}": "b"}}"#)));
    }
    told(
        r#"{"initial": "a", "states": {"a": {}, "": {}}}"#,
        &[("/states/", "`` is not a name")],
    );
    told(
        r#"{"type": "history"}"#,
        &[("/type", "`history` is not a kind of machine")],
    );
    told_of(
        r#""type": "parallel""#,
        "/states",
        "`none` is not at least one state inside",
    );
}

#[test]
fn delays_are_whole_milliseconds_or_names() {
    let wanted = "a delay in whole milliseconds below 2^53, or a name";
    let greatest = (1_u64 << 53) - 1;
    let after = |delay: &str| state(&format!(r#""after": {{"{delay}": "b"}}"#));
    for delay in ["0", "10", "soon", "10ms", &greatest.to_string()] {
        good(&after(delay));
    }
    for delay in [
        "",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "010",
        "00",
        "9007199254740992",
        "99999999999999999999",
    ] {
        let at = format!("/states/a/after/{delay}");
        told(
            &after(delay),
            &[(&at, &format!("`{delay}` is not {wanted}"))],
        );
    }
    let raised =
        |delay: &str| format!(r#""entry": {{"type": "raise", "event": "e", "delay": {delay}}}"#);
    for delay in ["0", "\"soon\"", &greatest.to_string()] {
        good(&state(&raised(delay)));
    }
    for delay in ["-1", "1.5", "9007199254740992"] {
        told_of(
            &raised(delay),
            "/entry/delay",
            &format!("`{delay}` is not {wanted}"),
        );
    }
}
