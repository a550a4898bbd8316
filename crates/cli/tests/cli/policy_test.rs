//! `wardian policy test` and `bench`: fixtures asked of everybody, and the time that it takes.

use crate::place::Place;
use crate::policy::{ALLOW, DOCUMENT, HOME, TOKEN, place, policy, versioned};
use crate::snapshot;

const DENY: &str = r#"{"kind": "deny", "reason": "not_in_allowlist"}"#;

fn fixture(place: &Place, name: &str, input: &str, expected: &str) {
    let _ = std::fs::create_dir(place.path("fixtures"));
    let text = format!(r#"{{"input": {input}, "policy": {DOCUMENT}, "expected": {expected}}}"#);
    place.write(&format!("fixtures/{name}.json"), text);
}

#[test]
fn fixtures_are_asked_of_both() {
    let place = place();
    fixture(&place, "home", HOME, ALLOW);
    fixture(&place, "token", TOKEN, DENY);
    fixture(
        &place,
        "garbage",
        "[]",
        r#"{"kind": "deny", "reason": "malformed_input"}"#,
    );
    snapshot!(policy(&place, "test fixtures").whole(), @r"
    exit: 0
    --- out
    fixture  expected               local                  wasm
    garbage  deny malformed_input   deny malformed_input   deny malformed_input   ok
    home     allow                  allow                  allow                  ok
    token    deny not_in_allowlist  deny not_in_allowlist  deny not_in_allowlist  ok
    3 fixtures, all ok
    --- err
    ");
    fixture(&place, "wrong", TOKEN, ALLOW);
    snapshot!(policy(&place, "test fixtures --checker local").whole(), @r"
    exit: 1
    --- out
    fixture  expected               local
    garbage  deny malformed_input   deny malformed_input   ok
    home     allow                  allow                  ok
    token    deny not_in_allowlist  deny not_in_allowlist  ok
    wrong    allow                  deny not_in_allowlist  FAIL
    4 fixtures, 1 failed
    --- err
    ");
    let ran = policy(&place, "test fixtures --json");
    assert_eq!(ran.exit, Some(1));
    let json = ran.json();
    assert_eq!((&json["ok"], &json["failed"]), (&false.into(), &1.into()));
    snapshot!(json["fixtures"][3].to_string(), @r#"{"expected":{"kind":"allow"},"name":"wrong","ok":false,"said":{"local":{"kind":"deny","reason":"not_in_allowlist"},"wasm":{"kind":"deny","reason":"not_in_allowlist"}}}"#);
}

#[test]
fn an_artifact_is_asked_in_the_place_of_the_fixtures_own() {
    let place = place();
    fixture(&place, "home", HOME, ALLOW);
    fixture(&place, "token", TOKEN, DENY);
    place.write("yes.wasm", versioned(ALLOW, "1"));
    snapshot!(policy(&place, "test fixtures --policy yes.wasm").whole(), @r"
    exit: 1
    --- out
    fixture  expected               wasm
    home     allow                  allow  ok
    token    deny not_in_allowlist  allow  FAIL
    2 fixtures, 1 failed
    --- err
    ");
    place.write("none.json", "{}");
    let ran = policy(&place, "test fixtures --policy none.json --checker local");
    assert_eq!(ran.exit, Some(1), "{}", ran.text());
    let ran = policy(&place, "test fixtures --policy shop.json --checker wasm");
    assert_eq!(ran.exit, Some(0), "{}", ran.text());
    let ran = policy(&place, "test fixtures --policy yes.wasm --checker both");
    assert_eq!(ran.exit, Some(2), "{}", ran.err);
}

#[test]
fn what_cannot_be_told_is_three() {
    let place = place();
    assert_eq!(policy(&place, "test nowhere").exit, Some(3));
    std::fs::create_dir(place.path("empty")).expect("a new folder");
    assert_eq!(policy(&place, "test empty").exit, Some(3));
    fixture(&place, "home", HOME, ALLOW);
    assert_eq!(
        policy(&place, "test fixtures --policy no.wasm").exit,
        Some(3)
    );
    let text = format!(r#"{{"input": {HOME}, "expected": {ALLOW}}}"#);
    place.write("fixtures/bare.json", text);
    snapshot!(policy(&place, "test fixtures").whole(), @r"
    exit: 3
    --- out
    --- err
    error: no verdict
      fixture `bare` has no policy
    hint: name one by `--policy`, or write it into the fixture as `policy`
    ");
    let text = format!(r#"{{"input": {HOME}, "expected": {ALLOW}, "policy": {{"env": 3}}}}"#);
    place.write("fixtures/bare.json", text);
    snapshot!(policy(&place, "test fixtures --checker local").whole(), @r"
    exit: 3
    --- out
    --- err
    error: no verdict
      fixture `bare`
      not a policy document
      /env: a number where a list or an object belongs
    ");
    place.write("fixtures/bare.json", "{");
    let ran = policy(&place, "test fixtures --json");
    assert_eq!(
        (ran.exit, &ran.json()["error"]["code"]),
        (Some(3), &"policy.fixture".into())
    );
}

#[test]
fn time_and_fuel_of_a_check_are_measured() {
    let place = place();
    place.write("yes.wasm", versioned(ALLOW, "1"));
    let line = "bench --policy yes.wasm --input home.json --calls 50";
    let text = policy(&place, line).well().text();
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(
        matches!(&words[..], [ALLOW, "checks", "50", "median", _, "µs", "p90", _, "µs", "p99", _, "µs", "fuel", fuel]
            if fuel.parse::<u64>().is_ok()),
        "{text}"
    );
    let json = policy(
        &place,
        "bench --policy shop.json --input token.json --calls 1 --json",
    );
    let json = json.well().json();
    assert_eq!(
        (&json["calls"], &json["fuel"]),
        (&1.into(), &serde_json::Value::Null)
    );
    assert_eq!(json["decision"]["reason"], "not_in_allowlist");
    assert_eq!(json["median_us"], json["p99_us"]);
    place.write("garbage.json", "{");
    let line = "bench --policy shop.json --input garbage.json";
    assert_eq!(policy(&place, line).exit, Some(2));
    let line = "bench --policy shop.json --input home.json --calls 0";
    assert_eq!(policy(&place, line).exit, Some(2));
}
