//! What results are taken for.

use wardian_policy::opa::{Answer, read_answer};

#[test]
fn results() {
    let long = "x".repeat(100);
    let longer = "x".repeat(101);
    let kind = |reason: &str| format!(r#"[{{"result":{{"kind":"deny","reason":"{reason}"}}}}]"#);
    let cases = [
        ("[]", "undefined"),
        (r#"[{"result":true}]"#, "allow"),
        (r#" [ { "result" : true } ] "#, "allow"),
        (r#"[{"result":false}]"#, "denied"),
        (r#"[{"result":{"kind":"allow"}}]"#, "allow"),
        (
            r#"[{"result":{"kind":"deny","reason":"a_B-1.:/"}}]"#,
            "a_B-1.:/",
        ),
        (r#"[{"result":{"reason":"x","kind":"deny"}}]"#, "x"),
        (&kind(&long), long.as_str()),
        (r#"[{"result":{"allow":true}}]"#, "allow"),
        (r#"[{"result":{"allow":true,"reason":"role"}}]"#, "allow"),
        (r#"[{"result":{"allow":false}}]"#, "denied"),
        (r#"[{"result":{"allow":false,"reason":"role"}}]"#, "role"),
    ];
    for (text, expected) in cases {
        let answer = read_answer(text.as_bytes());
        assert_eq!(answer.reason().unwrap_or("allow"), expected, "{text}");
    }
    for text in [
        "",
        "true",
        "{}",
        "null",
        "[true]",
        "[[true]]",
        "[{}]",
        "[null]",
        "[1]",
        "[[]]",
        r#"[{"result":true},{"result":true}]"#,
        r#"[{"result":true,"result":true}]"#,
        r#"[{"result":true,"x":1}]"#,
        r#"[{"result":null}]"#,
        r#"[{"result":1}]"#,
        r#"[{"result":"allow"}]"#,
        r#"[{"result":["allow"]}]"#,
        r#"[{"result":{}}]"#,
        r#"[{"result":{"kind":"deny"}}]"#,
        r#"[{"result":{"kind":"deny","reason":null}}]"#,
        r#"[{"result":{"kind":"deny","reason":""}}]"#,
        r#"[{"result":{"kind":"deny","reason":"a b"}}]"#,
        r#"[{"result":{"kind":"deny","reason":"é"}}]"#,
        &kind(&longer),
        r#"[{"result":{"kind":"allow","reason":"x"}}]"#,
        r#"[{"result":{"kind":"allow","kind":"allow"}}]"#,
        r#"[{"result":{"kind":"deny","kind":"allow"}}]"#,
        r#"[{"result":{"kind":"maybe"}}]"#,
        r#"[{"result":{"kind":{"allow":null}}}]"#,
        r#"[{"result":{"kind":"allow","x":1}}]"#,
        r#"[{"result":{"allow":true,"kind":"allow"}}]"#,
        r#"[{"result":{"allow":"yes"}}]"#,
        r#"[{"result":{"allow":true,"allow":true}}]"#,
        r#"[{"result":{"allow":true,"reason":"a b"}}]"#,
        r#"[{"result":{"allow":null}}]"#,
        r#"[{"result":true}] x"#,
        "[{\"result\":true}]\0",
    ] {
        assert_eq!(read_answer(text.as_bytes()), Answer::Malformed, "{text}");
    }
    assert_eq!(Answer::Malformed.reason(), Some("malformed_result"));
}
