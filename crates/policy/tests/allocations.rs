//! How often a check allocates on the host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use allocation_counter::measure;
use wardian_policy::artifact::{Artifact, ArtifactMeta, write_section};
use wardian_policy::make::{RegoModule, RegoSource};
use wardian_policy::{
    CacheConfig, Decision, DecisionPoint, Input, LocalChecker, OpaChecker, PointConfig,
    PolicyChecker, Prepared, Reason, WasmChecker, make, opa,
};
use wardian_sandbox::{Binding, Call, Contract, Sandbox, SandboxConfig, Source};

const DOCUMENT: &[u8] =
    br#"{"env": ["HOME"], "hosts": ["api.example.com"], "sql": ["orders.list"]}"#;

fn questions() -> [(Input<'static>, Decision); 3] {
    let denied = Decision::Deny(Reason::NOT_IN_ALLOWLIST);
    [
        (
            Input::new("http.outbound", "host", "API.example.com"),
            Decision::Allow,
        ),
        (Input::new("env.read", "env_var", "PATH"), denied),
        (
            Input::new("db.drop", "sql_query", "orders.list"),
            Decision::Deny(Reason::UNKNOWN_ACTION),
        ),
    ]
}

fn allocations(mut work: impl FnMut()) -> u64 {
    // Once before: what is made for good is not a check's.
    work();
    measure(work).count_total
}

#[test]
fn the_local_checker_allocates_nothing() {
    let checker = LocalChecker::from_json(DOCUMENT).unwrap();
    for (input, expected) in questions() {
        let blocking = || assert_eq!(checker.check_blocking(&input), expected);
        assert_eq!(allocations(blocking), 0, "{input:?}");
        let waiting = || {
            let said = futures_lite::future::block_on(checker.check(&input));
            assert_eq!(said, expected);
        };
        assert_eq!(allocations(waiting), 0, "{input:?}");
    }
}

#[test]
fn an_allow_at_the_point_allocates_nothing_locally_statically_or_from_the_cache() {
    let local = LocalChecker::from_json(DOCUMENT).unwrap();
    let config = PointConfig {
        statics: vec!["cache.read".parse().unwrap()],
        cache: Some(CacheConfig::default()),
        log: None,
    };
    let point = DecisionPoint::new(local, config.clone());
    let allowed = |point: &DecisionPoint, input: &Input<'_>| {
        let blocking = || assert!(point.check_blocking(input).is_allow());
        assert_eq!(allocations(blocking), 0, "{input:?}");
        let waiting = || assert!(futures_lite::future::block_on(point.check(input)).is_allow());
        assert_eq!(allocations(waiting), 0, "{input:?}");
    };
    let fetch = Input::new("http.outbound", "host", "api.example.com");
    allowed(&point, &fetch);
    allowed(&point, &Input::new("cache.read", "namespace", "any"));

    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let meta = ArtifactMeta {
        pure: true,
        ..ArtifactMeta::default()
    };
    let wasm = make::from_document(&sandbox, DOCUMENT).unwrap();
    let artifact = Artifact::from_bytes(write_section(&wasm, &meta).unwrap()).unwrap();
    let checker = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact)).unwrap();
    let point = DecisionPoint::new(checker, config);
    allowed(&point, &fetch);
}

#[test]
fn a_check_in_the_box_adds_the_question_to_what_the_sandbox_allocates() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let wasm = make::from_document(&sandbox, DOCUMENT).unwrap();
    let artifact = Artifact::from_bytes(wasm.clone().into()).unwrap();
    let checker = WasmChecker::load_blocking(&sandbox, &artifact, Prepared::of(&artifact)).unwrap();
    let input = Input::new("http.outbound", "host", "api.example.com");
    let checked = allocations(|| assert!(checker.check_blocking(&input).is_allow()));

    let module = sandbox.load_blocking(Source::new("bare", wasm)).unwrap();
    let mut binding = Binding::new(Contract::policy());
    binding.limits = Some(wardian_policy::default_limits());
    let bare = module.link(&binding).unwrap();
    let text = r#"{"action":"http.outbound"}"#.as_bytes();
    let called = allocations(|| {
        let outcome = bare.call_blocking(Call::bytes("policy_check", text));
        assert!(outcome.result.is_ok());
    });
    // The question as bytes, and the handle by which they are shared.
    assert!(
        checked <= called + 2,
        "a check allocates {checked} times, a call {called} times"
    );
}

/// What each form of artifact allocates in all, as `docs/reference/policies.md` has it.
#[test]
fn the_forms_allocate_as_often_as_is_published() {
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let core = make::from_document(&sandbox, DOCUMENT).unwrap();
    let source = "package shop\ndefault allow := false\nallow if input.action == \"http.outbound\"";
    let rego = RegoSource {
        entrypoint: "data.shop.allow",
        modules: vec![RegoModule {
            name: "shop.rego",
            source,
        }],
        data: None,
    };
    let opa = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/opa/fixtures/allow.wasm");
    let opa = opa::prepare(&sandbox, &std::fs::read(opa).unwrap(), None, None).unwrap();
    let wasm = |wasm: Vec<u8>| -> Box<dyn PolicyChecker> {
        let artifact = Artifact::from_bytes(wasm).unwrap();
        let prepared = Prepared::of(&artifact).with_deadline(Duration::from_secs(10));
        Box::new(WasmChecker::load_blocking(&sandbox, &artifact, prepared).unwrap())
    };
    let opa = Artifact::from_bytes(opa.into()).unwrap();
    let prepared = Prepared::of(&opa).with_deadline(Duration::from_secs(10));
    let opa: Box<dyn PolicyChecker> =
        Box::new(OpaChecker::load_blocking(&sandbox, &opa, prepared).unwrap());
    let input = Input::new("http.outbound", "host", "api.example.com");
    for (name, checker, published) in [
        ("core module", wasm(core.clone().into()), 24),
        (
            "Rego",
            wasm(make::from_rego(&sandbox, &rego).unwrap().into()),
            24,
        ),
        ("component", wasm(make::componentize(&core).unwrap()), 78),
        ("OPA's module", opa, 29),
    ] {
        let blocking = allocations(|| drop(checker.check_blocking(&input)));
        let waiting = allocations(|| drop(futures_lite::future::block_on(checker.check(&input))));
        assert!(blocking <= published, "{name}: {blocking}");
        assert!(waiting <= published + 1, "{name}: {waiting}, waiting");
    }
}
