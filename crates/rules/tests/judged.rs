//! Judged by tables that were written from the contract alone: golden fixtures, and generated questions and policies.
#![allow(clippy::unwrap_used)] // A test that cannot go on says where.

use serde_json::Value;
use wardian_rules::Policy;
use wardian_testkit::policy::{case, fixtures, judge};

fn answer(input: &Value, policy: &Value) -> &'static str {
    let document = policy.to_string();
    let policy = Policy::from_json(document.as_bytes()).unwrap();
    policy.answer(input.to_string().as_bytes())
}

#[test]
fn every_fixture_is_answered_as_it_says() {
    let fixtures = fixtures().unwrap();
    assert!(fixtures.len() >= 60, "{}", fixtures.len());
    for fixture in fixtures {
        let answered = answer(&fixture.input, &fixture.policy);
        assert_eq!(answered, fixture.expected.to_string(), "{}", fixture.name);
        let judged = judge(&fixture.input, &fixture.policy);
        assert_eq!(judged, answered, "{}", fixture.name);
    }
}

#[test]
fn generated_cases_are_answered_as_the_tables_say() {
    let mut answers = std::collections::BTreeMap::<&str, u32>::new();
    for seed in 0..20_000 {
        let (input, policy) = case(seed);
        let answered = answer(&input, &policy);
        assert_eq!(
            answered,
            judge(&input, &policy),
            "{seed}: {input}\n{policy}"
        );
        *answers.entry(answered).or_default() += 1;
    }
    // Each answer is met often, or the cases say little.
    assert_eq!(answers.len(), 6);
    assert!(answers.values().all(|count| *count > 500), "{answers:?}");
}
