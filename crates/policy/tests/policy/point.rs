//! Where a host asks: what is safe anyway, what is remembered, what is denied because something is missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_lite::future::block_on;
use wardian_policy::denials::{DenialLog, DenialLogConfig, Lines};
use wardian_policy::{
    CacheConfig, Checking, Decision, DecisionPoint, Fixture, Input, LocalChecker, PointConfig,
    PolicyChecker, PolicyId, Reason,
};
use wardian_sandbox::{Sandbox, SandboxConfig};

use crate::guests::{home, loaded, says, with_meta};

/// Counts how often it is asked.
#[derive(Debug)]
struct Counting {
    asked: Arc<AtomicU64>,
    says: Decision,
    pure: bool,
    id: PolicyId,
}

impl Counting {
    fn new(asked: &Arc<AtomicU64>, says: Decision, pure: bool) -> Counting {
        Counting {
            asked: asked.clone(),
            says,
            pure,
            id: PolicyId {
                version: "1".into(),
                digest: "sha256:0".into(),
            },
        }
    }
}

impl PolicyChecker for Counting {
    fn check<'a>(&'a self, input: &'a Input<'a>) -> Checking<'a> {
        Checking::waiting(async move { self.check_blocking(input) })
    }

    fn check_blocking(&self, _input: &Input<'_>) -> Decision {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.says.clone()
    }

    fn policy(&self) -> &PolicyId {
        &self.id
    }

    fn is_pure(&self) -> bool {
        self.pure
    }
}

/// How often a checker is asked that is asked the same four times at different moments.
fn asked(says: Decision, pure: bool, cache: Option<CacheConfig>) -> u64 {
    let asked = Arc::new(AtomicU64::new(0));
    let config = PointConfig {
        cache,
        ..PointConfig::default()
    };
    let point = DecisionPoint::new(Counting::new(&asked, says.clone(), pure), config);
    for timestamp_ns in 0..4 {
        let input = Input {
            timestamp_ns,
            ..home()
        };
        assert_eq!(point.check_blocking(&input), says);
    }
    asked.load(Ordering::Relaxed)
}

#[test]
fn answers_of_pure_policies_are_remembered_and_nothing_else_is() {
    let cache = Some(CacheConfig::default());
    assert_eq!(asked(Decision::Allow, true, cache), 1);
    assert_eq!(
        asked(Decision::Deny(Reason::NOT_IN_ALLOWLIST), true, cache),
        1
    );
    assert_eq!(asked(Decision::Allow, false, cache), 4, "not pure");
    assert_eq!(asked(Decision::Allow, true, None), 4, "no cache");
    assert_eq!(
        asked(Decision::Deny(Reason::TIMEOUT), true, cache),
        4,
        "no answer is none to remember"
    );
    let short = CacheConfig {
        ttl_ms: 0,
        ..CacheConfig::default()
    };
    assert_eq!(asked(Decision::Allow, true, Some(short)), 4, "too old");
    let none = CacheConfig {
        entries_max: 0,
        ..CacheConfig::default()
    };
    assert_eq!(asked(Decision::Allow, true, Some(none)), 4, "no room");
}

#[test]
fn the_cache_is_bounded() {
    let asked = Arc::new(AtomicU64::new(0));
    let config = PointConfig {
        cache: Some(CacheConfig {
            entries_max: 8,
            ..CacheConfig::default()
        }),
        ..PointConfig::default()
    };
    let point = DecisionPoint::new(Counting::new(&asked, Decision::Allow, true), config);
    for _ in 0..2 {
        for n in 0..1_000 {
            let input = Input::new("env.read", "env_var", n.to_string());
            assert!(point.check_blocking(&input).is_allow());
        }
    }
    // Of a thousand other questions in between, at most a few can have been kept.
    assert!(asked.load(Ordering::Relaxed) > 1_900);
}

#[test]
fn another_question_is_another_entry() {
    let asked = Arc::new(AtomicU64::new(0));
    let config = PointConfig {
        cache: Some(CacheConfig::default()),
        ..PointConfig::default()
    };
    let point = DecisionPoint::new(Counting::new(&asked, Decision::Allow, true), config);
    let questions = [
        r#"{"action":"a"}"#,
        r#"{"action":"b"}"#,
        r#"{"action":"a","args_hash":"1"}"#,
        r#"{"action":"a","actor":{"kind":"user","id":"1"}}"#,
        r#"{"action":"a","actor":{"kind":"service","id":"1"}}"#,
        r#"{"action":"a","env":{"mode":"dev"}}"#,
        r#"{"action":"a","env":{"service":"dev"}}"#,
        r#"{"action":"a","resource":{"kind":"k"}}"#,
        r#"{"action":"a","resource":{"kind":"k","id":"1"}}"#,
        r#"{"action":"a","resource":{"kind":"k","id":"1","attributes":{"x":1}}}"#,
        r#"{"action":"a","resource":{"kind":"k","id":"1","attributes":{"x":2}}}"#,
    ];
    for _ in 0..2 {
        for text in questions {
            let said = block_on(point.check_json(text.as_bytes()));
            assert!(said.is_allow());
        }
    }
    assert_eq!(asked.load(Ordering::Relaxed), questions.len() as u64);
}

#[test]
fn what_is_declared_safe_is_not_asked() {
    let asked = Arc::new(AtomicU64::new(0));
    let config = PointConfig {
        statics: vec![
            "cache.read".parse().unwrap(),
            "env.read env_var HOME".parse().unwrap(),
        ],
        ..PointConfig::default()
    };
    let denies = Counting::new(&asked, Decision::Deny(Reason::NOT_IN_ALLOWLIST), false);
    let point = DecisionPoint::new(denies, config);
    for (input, safe) in [
        (Input::new("cache.read", "namespace", "a"), true),
        (Input::new("cache.write", "namespace", "a"), false),
        (Input::new("cache.read ", "namespace", "a"), false),
        (home(), true),
        (Input::new("env.read", "env_var", "PATH"), false),
        (Input::new("env.read", "ENV_VAR", "HOME"), false),
    ] {
        assert_eq!(point.check_blocking(&input).is_allow(), safe, "{input:?}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 4);
    for text in ["", " ", "a ", " a", "a b", "a b ", "a  c"] {
        assert!(
            text.parse::<wardian_policy::StaticRule>().is_err(),
            "{text:?}"
        );
    }
}

#[test]
fn what_an_artifact_declares_safe_goes_with_the_artifact() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let denies = says(r#"{"kind":"deny","reason":"no"}"#);
    let artifact = with_meta(&denies, false, &["env.read"]);
    let point = DecisionPoint::new(loaded(&sandbox, artifact), PointConfig::default());
    assert!(point.check_blocking(&home()).is_allow());
    let rules: Vec<String> = point.statics().iter().map(ToString::to_string).collect();
    assert_eq!(rules, ["env.read"]);
    point.replace(loaded(&sandbox, denies));
    assert!(!point.check_blocking(&home()).is_allow());
    assert!(point.statics().is_empty());
}

#[test]
fn a_pure_artifact_is_not_told_the_time() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    // Allows if the question ends as one asked at the beginning of time does.
    let asks_time = crate::guests::checks_by(
        "local.get 0 local.get 1 i32.add i32.const 3 i32.sub i32.load8_u
         i32.const 58 i32.eq (if (result i64) (then i64.const 16) (else i64.const 0))",
    );
    let late = Input {
        timestamp_ns: 1_700_000_000_000_000_000,
        ..home()
    };
    let checker = loaded(&sandbox, with_meta(&asks_time, true, &[]));
    assert!(checker.check_blocking(&late).is_allow());
    let checker = loaded(&sandbox, with_meta(&asks_time, false, &[]));
    assert!(!checker.check_blocking(&late).is_allow());
    assert!(checker.check_blocking(&home()).is_allow(), "asked at 0");
}

#[test]
fn without_a_policy_everything_is_denied() {
    let point = DecisionPoint::unavailable(PointConfig::default());
    let denied = Decision::Deny(Reason::POLICY_UNAVAILABLE);
    assert_eq!(point.check_blocking(&home()), denied);
    assert_eq!(block_on(point.check(&home())), denied);
    point.replace(LocalChecker::from_json(b"{}").unwrap());
    assert!(point.check_blocking(&home()).is_allow());
}

#[test]
fn a_policy_that_fails_its_fixtures_does_not_become_active() {
    let point = DecisionPoint::new(
        LocalChecker::from_json(br#"{"env": []}"#).unwrap(),
        PointConfig::default(),
    );
    let before = point.policy();
    let fixture = |expected: &str| {
        let text = format!(
            r#"{{"input": {{"action": "env.read", "resource": {{"kind": "env_var", "id": "HOME"}}}}, "expected": {expected}}}"#
        );
        Fixture::from_json("home", text.as_bytes()).unwrap()
    };
    let open = || Arc::new(LocalChecker::from_json(b"{}").unwrap());
    let denies = [fixture(r#"{"kind":"deny","reason":"not_in_allowlist"}"#)];
    let refused = point.replace_tried_blocking(open(), &denies).unwrap_err();
    let later = block_on(point.replace_tried(open(), &denies));
    assert_eq!(later, Err(refused.clone()));
    assert_eq!(
        refused.to_string(),
        r#"policy is refused: 1 of 1 fixtures are answered otherwise: home (expected {"kind":"deny","reason":"not_in_allowlist"}, got {"kind":"allow"})"#
    );
    let untried = point.replace_tried_blocking(open(), &[]).unwrap_err();
    assert_eq!(
        untried.to_string(),
        "policy is refused: there are no fixtures to try it by"
    );
    assert_eq!(point.policy(), before);
    assert!(!point.check_blocking(&home()).is_allow());
    let allows = [fixture(r#"{"kind":"allow"}"#)];
    block_on(point.replace_tried(open(), &allows)).unwrap();
    assert!(point.check_blocking(&home()).is_allow());
    point.replace_tried_blocking(open(), &allows).unwrap();
    for expected in [
        r#"{"kind": "maybe"}"#,
        r#"{"kind": "allow", "reason": "malformed_result"}"#,
        r#""malformed_result""#,
        "null",
    ] {
        let text = format!(r#"{{"input": {{}}, "expected": {expected}}}"#);
        let read = Fixture::from_json("x", text.as_bytes());
        assert!(read.is_err(), "{expected}");
    }
    let malformed = fixture(r#"{"kind":"deny","reason":"malformed_result"}"#).expected;
    assert_eq!(malformed, Decision::Deny(Reason::MALFORMED_RESULT));
    assert!(
        Fixture::from_json(
            "x",
            br#"{"input": {}, "expected": {"kind": "allow"}, "more": 1}"#
        )
        .is_err()
    );
}

/// Fixtures are for what a host answers: a list of safe actions does not get past them.
#[test]
fn what_an_artifact_declares_safe_is_held_against_its_fixtures() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let denies = says(r#"{"kind":"deny","reason":"no"}"#);
    let text = br#"{"input": {"action": "env.read", "resource": {"kind": "env_var", "id": "HOME"}},
        "expected": {"kind": "deny", "reason": "no"}}"#;
    let fixtures = [Fixture::from_json("home", text).unwrap()];
    let point = DecisionPoint::unavailable(PointConfig::default());
    let safe = Arc::new(loaded(&sandbox, with_meta(&denies, false, &["env.read"])));
    point
        .replace_tried_blocking(safe.clone(), &fixtures)
        .unwrap_err();
    block_on(point.replace_tried(safe, &fixtures)).unwrap_err();
    let other = Arc::new(loaded(&sandbox, with_meta(&denies, false, &["db.read"])));
    point.replace_tried_blocking(other, &fixtures).unwrap();
    assert!(!point.check_blocking(&home()).is_allow());
}

#[test]
fn each_denial_is_in_the_log_and_no_allow_unless_it_is_sampled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("denials.jsonl");
    let log = DenialLog::new(DenialLogConfig::default(), Lines::append(&path).unwrap());
    let log = Arc::new(log.unwrap());
    let config = PointConfig {
        log: Some(log.clone()),
        statics: vec!["cache.read".parse().unwrap()],
        ..PointConfig::default()
    };
    let checker = LocalChecker::versioned(br#"{"env": ["HOME"]}"#, "7").unwrap();
    let digest = checker.policy().digest.clone();
    let point = DecisionPoint::new(checker, config);
    assert!(point.check_blocking(&home()).is_allow());
    let statically = Input::new("cache.read", "namespace", "a");
    assert!(point.check_blocking(&statically).is_allow());
    let other = Input::new("env.read", "env_var", "PATH");
    assert!(!point.check_blocking(&other).is_allow());
    let none = block_on(point.check_json(b"?"));
    assert_eq!(none, Decision::Deny(Reason::MALFORMED_INPUT));
    log.close(Duration::from_secs(10));
    let written = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 2, "{written}");
    let rest = format!(
        r#""service":"wardian","action":"env.read","resource":{{"kind":"env_var","id":"PATH"}},"reason":"not_in_allowlist","policy":{{"version":"7","digest":"{digest}"}}}}"#
    );
    assert!(lines[0].ends_with(&rest), "{written}");
    assert!(lines[1].contains(r#""action":"","resource":null,"reason":"malformed_input""#));
}
