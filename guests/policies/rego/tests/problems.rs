//! What is wrong with a document is told when it is loaded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

use serde_json::{Value, json};
use wardian_guest_policy_rego::{DOCUMENT_BYTES_MAX, Evaluator, MODULES_MAX, load};

fn loaded(
    entrypoint: &str,
    sources: &[&str],
    data: Option<Value>,
) -> Result<Evaluator, Vec<String>> {
    let module = |(number, source): (usize, &&str)| json!({ "name": format!("{number}.rego"), "source": source });
    let modules: Vec<_> = sources.iter().enumerate().map(module).collect();
    let mut document = json!({ "entrypoint": entrypoint, "modules": modules });
    if let Some(data) = data {
        document["data"] = data;
    }
    let loaded = load(document.to_string().as_bytes(), || ());
    loaded
        .map(|loaded| loaded.evaluator())
        .map_err(|problems| problems.texts().to_vec())
}

fn problems(source: &str) -> Vec<String> {
    loaded("data.a.b", &[source], None).unwrap_err()
}

#[test]
fn every_module_that_cannot_be_parsed_is_told() {
    let told = loaded(
        "data.a.b",
        &["package a\n\nb if {", "package c", "package d\n x := := 1"],
        None,
    )
    .unwrap_err();
    assert_eq!(
        told,
        [
            "0.rego:3:7: expecting expression",
            "2.rego:2:7: expecting expression"
        ]
    );
}

#[test]
fn what_is_not_known_is_a_problem() {
    assert_eq!(
        problems("package a\nb := x"),
        ["0.rego:2:6: Undefined variable: 'x'"]
    );
    assert_eq!(problems("package a\nb := http.send({})").len(), 2);
    assert_eq!(
        problems("package a\nb := time.now_ns()"),
        [
            "0.rego:2:17: Unknown function: 'time.now_ns'",
            "hint: a guest has no clock; use `input.timestamp_ns`",
        ]
    );
    assert_eq!(
        problems("package a\nb := upper(1, 2, 3)"),
        ["`upper` takes 1 arguments, given 3"]
    );
    assert_eq!(
        problems("package a\nb := f(1)\nf(x, y) := x + y"),
        ["`data.a.f` takes 2 arguments, given 1"]
    );
}

#[test]
fn a_rule_that_needs_itself_is_a_problem() {
    assert_eq!(problems("package a\nb := c\nc := d\nd := c").len(), 1);
    assert_eq!(problems("package a\nb := f(1)\nf(x) := f(x - 1)").len(), 1);
}

#[test]
fn the_entry_point_is_a_rule() {
    for entrypoint in [
        "data.a.c",
        "data.a",
        "data",
        "data.a.f",
        "a.b",
        "",
        "data.a.b.c.d[",
    ] {
        let told = loaded(entrypoint, &["package a\nb := true\nf(x) := x"], None);
        assert!(told.is_err(), "{entrypoint}");
    }
    assert_eq!(
        loaded("data.a.b", &["package a\nb := true"], None),
        Ok(Evaluator::Machine)
    );
    assert_eq!(
        loaded(
            "data.a.b",
            &["package a\nb if { c with input as 1 }\nc if input == 1"],
            None
        ),
        Ok(Evaluator::Interpreter)
    );
}

#[test]
fn data_is_an_object_beside_the_rules() {
    let source = "package a\nb := data.x";
    assert!(loaded("data.a.b", &[source], Some(json!({ "x": 1 }))).is_ok());
    assert!(loaded("data.a.b", &[source], Some(json!([]))).is_err());
    assert!(loaded("data.a.b", &[source], Some(json!({ "a": { "b": 1 } }))).is_err());
}

#[test]
fn limits_hold_on_both_sides() {
    let modules = |count: usize| {
        let mut sources = vec!["package a\nb := true".to_owned()];
        sources.extend((1..count).map(|number| format!("package p{number}\n")));
        let sources: Vec<_> = sources.iter().map(String::as_str).collect();
        loaded("data.a.b", &sources, None)
    };
    assert!(modules(MODULES_MAX).is_ok());
    assert!(modules(MODULES_MAX + 1).is_err());
    let document = |bytes: usize| {
        let mut text =
            r#"{"entrypoint":"data.a.b","modules":[{"name":"a","source":"package a\nb := true"}]}"#
                .to_owned();
        text.extend(std::iter::repeat_n(' ', bytes - text.len()));
        load(text.as_bytes(), || ())
    };
    assert!(document(DOCUMENT_BYTES_MAX).is_ok());
    assert!(document(DOCUMENT_BYTES_MAX + 1).is_err());
}

#[test]
fn documents_are_read_strictly() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"entrypoint":"data.a.b","modules":[]}"#,
        r#"{"entrypoint":"data.a.b","modules":[{"name":"a","source":"package a\nb := 1"}],"more":1}"#,
        r#"{"entrypoint":"data.a.b","modules":[{"name":"a","source":"package a\nb := 1"},{"name":"a","source":"package c"}]}"#,
        r#"{"entrypoint":"data.a.b","modules":[{"name":"a","source":"package a\nb := 1"}],"data":{"x":1,"x":2}}"#,
        r#"{"entrypoint":"data.a.b","entrypoint":"data.a.b","modules":[{"name":"a","source":"package a\nb := 1"}]}"#,
    ] {
        assert!(load(text.as_bytes(), || ()).is_err(), "{text}");
    }
}
