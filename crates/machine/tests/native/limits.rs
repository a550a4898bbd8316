//! Both sides of every limit of a document, and documents that are small and mean much.

use wardian_machine::{
    DEPTH_MAX, DOCUMENT_BYTES_MAX, Flaw, GUARD_DEPTH_MAX, PROBLEMS_MAX, Problem, STATES_MAX,
    TRANSITIONS_MAX,
};

use crate::{flaw, good, read};

/// Tests that one guard may have.
const TESTS_MAX: usize = 1_000;

#[test]
fn documents_have_at_most_so_many_bytes() {
    let text = r#"{"id": "m"}"#;
    for (length, is_good) in [
        (DOCUMENT_BYTES_MAX - 1, true),
        (DOCUMENT_BYTES_MAX, true),
        (DOCUMENT_BYTES_MAX + 1, false),
    ] {
        let padded = format!("{text}{}", " ".repeat(length - text.len()));
        match read(&padded) {
            Ok(_) => assert!(is_good),
            Err(problems) => {
                assert!(!is_good, "{problems}");
                let message = format!(
                    "the machine: bytes: {length} where at most {DOCUMENT_BYTES_MAX} may be"
                );
                assert_eq!(problems.to_string(), message);
            }
        }
    }
}

/// Good up to the greatest number, and then too many of `what` at a place.
fn limited(max: usize, what: &'static str, pointer: &str, text: impl Fn(usize) -> String) {
    for found in [max - 1, max] {
        good(&text(found));
    }
    let found = max + 1;
    let expected = Problem {
        pointer: pointer.into(),
        flaw: Flaw::TooMany { what, found, max },
    };
    assert_eq!(flaw(&text(found)), expected);
}

#[test]
fn machines_have_at_most_so_many_states() {
    limited(STATES_MAX, "states", "", |states| {
        let inside: Vec<String> = (1..states)
            .map(|state| format!(r#""s{state}": {{}}"#))
            .collect();
        format!(r#"{{"initial": "s1", "states": {{{}}}}}"#, inside.join(","))
    });
}

#[test]
fn machines_have_at_most_so_many_transitions() {
    limited(TRANSITIONS_MAX, "transitions", "", |transitions| {
        format!(
            r#"{{"on": {{"e": [{}]}}}}"#,
            vec!["{}"; transitions].join(",")
        )
    });
}

#[test]
fn events_and_wildcards_have_at_most_so_many_candidates() {
    let text = |events: usize, wild: usize| {
        let events: Vec<String> = (0..events)
            .map(|event| format!(r#""e{event}": {{}}"#))
            .collect();
        format!(
            r#"{{"on": {{"*": [{}], {}}}}}"#,
            vec!["{}"; wild].join(","),
            events.join(",")
        )
    };
    good(&text(1_000, 999));
    good(&text(1_000, 1_000));
    let (what, max) = ("events times wildcard transitions", 1_000_000);
    let found = 1_001_000;
    assert_eq!(
        flaw(&text(1_000, 1_001)).flaw,
        Flaw::TooMany { what, found, max }
    );
}

#[test]
fn states_lie_at_most_so_deep() {
    let pointer = "/states/s".repeat(DEPTH_MAX + 1);
    limited(DEPTH_MAX, "levels of states", &pointer, |levels| {
        (0..levels).fold("{}".to_owned(), |inside, _| {
            format!(r#"{{"initial": "s", "states": {{"s": {inside}}}}}"#)
        })
    });
}

#[test]
fn guards_lie_at_most_so_deep() {
    limited(
        GUARD_DEPTH_MAX,
        "levels of guards",
        "/on/e/guard",
        |levels| {
            let guard = (1..levels).fold(r#""g""#.to_owned(), |inside, _| {
                format!(r#"{{"type": "not", "guard": {inside}}}"#)
            });
            format!(r#"{{"on": {{"e": {{"guard": {guard}}}}}}}"#)
        },
    );
}

#[test]
fn guards_have_at_most_so_many_tests() {
    limited(TESTS_MAX, "tests of a guard", "/on/e/guard", |tests| {
        let guards = vec![r#""g""#; tests].join(",");
        format!(r#"{{"on": {{"e": {{"guard": {{"type": "or", "guards": [{guards}]}}}}}}}}"#)
    });
}

#[test]
fn problems_beyond_a_thousand_are_counted() {
    let text = |problems: usize| {
        let keys: Vec<String> = (0..problems).map(|key| format!(r#""k{key}": 1"#)).collect();
        format!("{{{}}}", keys.join(","))
    };
    for found in [PROBLEMS_MAX - 1, PROBLEMS_MAX] {
        let problems = read(&text(found)).unwrap_err();
        assert_eq!(problems.0.len(), found);
    }
    let problems = read(&text(PROBLEMS_MAX + 2)).unwrap_err();
    assert_eq!(problems.0.len(), PROBLEMS_MAX + 1);
    let last = problems.0.last().unwrap();
    assert_eq!(
        last,
        &Problem {
            pointer: String::new(),
            flaw: Flaw::More(2)
        }
    );
    assert_eq!(last.to_string(), "the machine: and 2 more");
    let message = problems.to_string();
    assert!(
        message.starts_with("1001 problems\n/k0: unknown key `k0`\n"),
        "{message}"
    );
}

/// A document of less than half a megabyte must not take gigabytes, or minutes.
#[test]
fn small_documents_stay_small() {
    let events: Vec<String> = (0..24_000)
        .map(|event| format!(r#""a.{event}":[{{}}]"#))
        .collect();
    let wild = vec!["{}"; 24_000].join(",");
    let text = format!(r#"{{"on": {{"a.*": [{wild}], {}}}}}"#, events.join(","));
    let Problem { flaw, .. } = flaw(&text);
    assert!(
        matches!(
            flaw,
            Flaw::TooMany {
                what: "events times wildcard transitions",
                ..
            }
        ),
        "{flaw}"
    );
    let targets = vec![r#"".a""#; 400_000].join(",");
    good(&format!(
        r#"{{"initial": "a", "states": {{"a": {{}}}}, "on": {{"e": {{"target": [{targets}]}}}}}}"#
    ));
    let states: Vec<String> = (0..9_999)
        .map(|state| format!(r#""s{state}": {{}}"#))
        .collect();
    let (states, targets) = (states.join(","), vec![r#"".s9998""#; 200_000].join(","));
    good(&format!(
        r#"{{"initial": "s0", "states": {{{states}}}, "on": {{"e": {{"target": [{targets}]}}}}}}"#
    ));
}
