//! `wardian policy inspect`: what an artifact says of itself, and whether its signature matches.

use wardian_policy::artifact::ArtifactMeta;

use crate::place::Place;
use crate::policy::{ALLOW, place, policy, saying};
use crate::snapshot;

/// An artifact that says much of itself.
fn artifact() -> (Place, ArtifactMeta) {
    let place = place();
    let meta = ArtifactMeta {
        version: Some("1.2.0".parse().expect("a version")),
        pure: true,
        static_actions: vec!["cache.read".into(), "env.list".into()],
        ..ArtifactMeta::default()
    };
    place.write("a.wasm", saying(ALLOW, &meta));
    (place, meta)
}

#[test]
fn an_artifact_is_shown() {
    let (place, _) = artifact();
    snapshot!(policy(&place, "inspect a.wasm").whole(), @r"
    exit: 0
    --- out
    a.wasm: core module, 188 B
    digest     sha256:[digest]
    version    1.2.0
    source     not said
    pure       yes: its answers may be kept
    static     allow.static: cache.read, env.list
    signature  none
    memory     64.0 KiB and more

    exports
      memory memory 1..
      function alloc (i32) -> i32
      function policy_check (i32, i32) -> i64
    --- err
    ");
    policy(&place, "keygen k.key").well();
    policy(&place, "sign a.wasm --key k.key").well();
    snapshot!(policy(&place, "inspect a.wasm").whole(), @r"
    exit: 0
    --- out
    a.wasm: core module, 188 B
    digest     sha256:[digest]
    version    1.2.0
    source     not said
    pure       yes: its answers may be kept
    static     allow.static: cache.read, env.list
    signature  by ed25519:[key] ([digest])
               matches, not checked against trusted keys
    memory     64.0 KiB and more

    exports
      memory memory 1..
      function alloc (i32) -> i32
      function policy_check (i32, i32) -> i64
    --- err
    ");
}

#[test]
fn a_signature_is_looked_at_and_not_believed() {
    let (place, meta) = artifact();
    let key = policy(&place, "keygen k.key").well().text();
    policy(&place, "sign a.wasm --key k.key").well();
    let shown = policy(&place, &format!("inspect a.wasm --trust {key}"))
        .well()
        .text();
    assert!(shown.contains("matches, its signer is trusted"), "{shown}");
    let other = policy(&place, "keygen other.key").well().text();
    let shown = policy(&place, &format!("inspect a.wasm --json --trust {other}"));
    let signature = &shown.well().json()["signature"];
    assert_eq!(
        (&signature["matches"], &signature["trusted"]),
        (&true.into(), &false.into())
    );
    place.write("a.wasm", saying("else", &meta));
    let shown = policy(&place, "inspect a.wasm").well().text();
    assert!(
        shown.contains("does not match: the signature is of sha256:"),
        "{shown}"
    );
    place.write("a.wasm.sig", "{");
    let shown = policy(&place, "inspect a.wasm").well().text();
    assert!(
        shown.contains("\nsignature  does not match: the signature file"),
        "{shown}"
    );
    place.write("text.wasm", "hello");
    snapshot!(policy(&place, "inspect text.wasm").whole(), @r"
    exit: 14
    --- out
    --- err
    error: the artifact is no WebAssembly: it does not begin as a core module or a component
    ");
    assert_eq!(policy(&place, "inspect missing.wasm").exit, Some(1));
}
