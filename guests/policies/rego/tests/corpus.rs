//! The corpus of `crates/testkit/fixtures/rego`: policies, questions, and the answers that Rego's documents ask for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use wardian_guest_policy_rego::{Answer, Evaluator, Loaded, load, load_interpreted};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../crates/testkit/fixtures/rego")
}

fn fixtures() -> Vec<(String, Value)> {
    let mut paths: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (
            name,
            serde_json::from_slice(&fs::read(path).unwrap()).unwrap(),
        )
    };
    paths.into_iter().map(read).collect()
}

fn document(fixture: &Value) -> Vec<u8> {
    let mut document =
        json!({ "entrypoint": fixture["entrypoint"], "modules": fixture["modules"] });
    if let Some(data) = fixture.get("data") {
        document["data"] = data.clone();
    }
    document.to_string().into_bytes()
}

/// Every case whose answer is another, in words.
fn wrong(name: &str, fixture: &Value, loaded: &mut Loaded) -> Vec<String> {
    let cases = fixture["cases"].as_array().unwrap();
    let answer =
        |case: &Value, loaded: &mut Loaded| loaded.decide(case["input"].to_string().as_bytes());
    let told = |(number, case): (usize, &Value)| {
        let json = answer(case, loaded).to_json();
        // Asked again, it is the same: nothing of a question is left.
        assert_eq!(json, answer(case, loaded).to_json(), "{name} {number}");
        let given: Value = serde_json::from_str(&json).unwrap();
        // Two values of the entry point at once: the machine knows that there is none to give, and not why.
        let same = given == case["expected"]
            || loaded.evaluator() == Evaluator::Machine
                && case["expected"]["reason"] == "evaluation_error"
                && given["reason"] == "undefined";
        (!same).then(|| format!("{name} {number}: {given}, wanted {}", case["expected"]))
    };
    cases.iter().enumerate().filter_map(told).collect()
}

#[test]
fn every_case_has_its_answer() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures() {
        let mut loaded = load(&document(&fixture), || ())
            .unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        eprintln!("{name}: {:?}", loaded.evaluator());
        all.extend(wrong(&name, &fixture, &mut loaded));
    }
    assert!(all.is_empty(), "{} wrong:\n{}", all.len(), all.join("\n"));
}

#[test]
fn the_interpreter_answers_the_same() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures() {
        let mut loaded = load_interpreted(&document(&fixture)).unwrap();
        all.extend(wrong(&name, &fixture, &mut loaded));
    }
    assert!(all.is_empty(), "{} wrong:\n{}", all.len(), all.join("\n"));
}

#[test]
fn the_corpus_is_as_large_as_it_was() {
    let fixtures = fixtures();
    let cases: usize = fixtures
        .iter()
        .map(|(_, fixture)| fixture["cases"].as_array().unwrap().len())
        .sum();
    assert!(
        fixtures.len() >= 60 && cases >= 300,
        "{} policies, {cases} cases",
        fixtures.len()
    );
}

#[test]
fn a_hundred_rules_allow() {
    let read =
        |name: &str| fs::read_to_string(folder().join("bench-100-rules").join(name)).unwrap();
    let document = json!({
        "entrypoint": "data.wardian.policy.decision",
        "modules": [{ "name": "policy.rego", "source": read("policy.rego") }],
        "data": serde_json::from_str::<Value>(&read("data.json")).unwrap(),
    });
    let document = document.to_string().into_bytes();
    // What is measured is the machine.
    assert_eq!(
        load(&document, || ()).unwrap().evaluator(),
        Evaluator::Machine
    );
    for mut loaded in [
        load(&document, || ()).unwrap(),
        load_interpreted(&document).unwrap(),
    ] {
        assert_eq!(
            loaded.decide(read("input.json").as_bytes()),
            Answer::Allow,
            "{loaded:?}"
        );
    }
}
