//! `wardian policy keygen`, `sign`, `pin`, `verify`, `list` and `rollback`: what was signed and pinned, and nothing else.

use std::os::unix::fs::PermissionsExt as _;

use crate::place::{Place, Ran};
use crate::policy::{ALLOW, HOME, TOKEN, place, policy, versioned};
use crate::snapshot;

const LOCK: &str = "wardian-policy.lock";
const NO: &str = r#"{"kind":"deny","reason":"not_in_allowlist"}"#;

/// Two versions and a key; the first is signed.
fn signed() -> (Place, String) {
    let place = place();
    place.write("a.wasm", versioned(ALLOW, "1.0.0"));
    place.write("b.wasm", versioned(NO, "1.1.0"));
    let key = policy(&place, "keygen k.key")
        .well()
        .text()
        .trim()
        .to_owned();
    policy(&place, "sign a.wasm --key k.key").well();
    (place, key)
}

#[track_caller]
fn fails(ran: &Ran, exit: i32, words: &str) {
    assert_eq!(ran.exit, Some(exit), "{}{}", ran.text(), ran.err);
    assert!(ran.err.contains(words), "{}", ran.err);
}

fn the_stored(place: &Place) -> Vec<String> {
    let names = place.names_in(".wardian/policies").into_iter();
    names.filter(|name| name.len() == 64).collect()
}

#[test]
fn keys_and_signatures_are_not_overwritten() {
    let (place, key) = signed();
    assert!(
        key.starts_with("ed25519:") && !key.contains("secret"),
        "{key}"
    );
    let mode = std::fs::metadata(place.path("k.key"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = place.read("k.key");
    snapshot!(policy(&place, "keygen k.key").whole(), @r#"
    exit: 1
    --- out
    --- err
    error: "./k.key" is there already
    hint: choose another name: a key is never overwritten
    "#);
    assert_eq!(place.read("k.key"), before);
    snapshot!(policy(&place, "sign a.wasm --key k.key").whole(), @r"
    exit: 1
    --- out
    --- err
    error: `a.wasm.sig` exists
    hint: use `--force` to overwrite it, or choose another name
    ");
    snapshot!(policy(&place, "sign a.wasm --key k.key --force").whole(), @r"
    exit: 0
    --- out
    `a.wasm` 1.0.0 is signed
    signer   ed25519:[key] ([digest])
    written  `a.wasm.sig`
    --- err
    ");
    std::fs::set_permissions(place.path("k.key"), std::fs::Permissions::from_mode(0o644))
        .expect("our own file");
    fails(
        &policy(&place, "sign b.wasm --key k.key"),
        1,
        "lets others in",
    );
    place.write("text.wasm", "hello");
    fails(
        &policy(&place, "sign text.wasm --key k.key"),
        14,
        "no WebAssembly",
    );
    let names = [
        "a.wasm",
        "a.wasm.sig",
        "b.wasm",
        "home.json",
        "k.key",
        "shop.json",
        "text.wasm",
        "token.json",
    ];
    assert_eq!(place.names(), names);
}

#[test]
fn a_pin_is_made_and_changed() {
    let (place, key) = signed();
    snapshot!(policy(&place, &format!("pin shop a.wasm --trust {key}")).whole(), @r"
    exit: 0
    --- out
    shop: first pin, 1.0.0
    digest  sha256:[digest]
    signer  ed25519:[key] ([digest])
    --- err
    ");
    snapshot!(policy(&place, "pin shop a.wasm").whole(), @r"
    exit: 0
    --- out
    shop: nothing changed, 1.0.0
    digest  sha256:[digest]
    signer  ed25519:[key] ([digest])
    --- err
    ");
    policy(&place, "sign b.wasm --key k.key").well();
    snapshot!(policy(&place, "pin shop b.wasm").whole(), @r"
    exit: 0
    --- out
    shop: upgrade, 1.0.0 to 1.1.0
    digest  sha256:[digest]
    signer  ed25519:[key] ([digest])
    --- err
    ");
    snapshot!(policy(&place, "verify shop").whole(), @r"
    exit: 0
    --- out
    shop: verified, 1.1.0
    digest  sha256:[digest]
    signer  ed25519:[key] ([digest])
    --- err
    ");
    policy(&place, &format!("verify shop b.wasm --trust {key}")).well();
    snapshot!(policy(&place, "list").whole().replace(&short(&place, "b.wasm"), "[short]"), @r"
    exit: 0
    --- out
    name  version  digest        signer            pinned at             earlier
    shop  1.1.0    [short]  [digest]  [moment]        1
    --- err
    ");
    let json = policy(&place, "list --json").well().json();
    assert_eq!(
        (&json[0]["name"], &json[0]["signer"]),
        (&"shop".into(), &key.into())
    );
    assert_eq!(json[0]["history"][0]["version"], "1.0.0");
}

#[test]
fn a_pin_is_taken_back() {
    let (place, key) = signed();
    policy(&place, &format!("pin shop a.wasm --trust {key}")).well();
    policy(&place, "sign b.wasm --key k.key").well();
    policy(&place, "pin shop b.wasm").well();
    let json = policy(&place, "list --json").well().json();
    let pinned = place.read(LOCK);
    snapshot!(policy(&place, "rollback shop").whole(), @r"
    exit: 0
    --- out
    shop: downgrade, 1.1.0 to 1.0.0
    digest  sha256:[digest]
    signer  ed25519:[key] ([digest])
    --- err
    ");
    policy(&place, "verify shop a.wasm").well();
    fails(
        &policy(&place, "verify shop b.wasm"),
        3,
        "pinned is sha256:",
    );
    snapshot!(policy(&place, "rollback shop").whole(), @r"
    exit: 1
    --- out
    --- err
    error: cannot go back 1 pins, there are 0
    hint: list what it was pinned to, or pin the artifact itself
    ");
    policy(&place, "pin shop b.wasm").well();
    let digest = json[0]["history"][0]["digest"].as_str().expect("text");
    policy(&place, &format!("rollback shop --to {digest}")).well();
    policy(&place, "pin shop b.wasm").well();
    assert_eq!(place.read(LOCK).len(), pinned.len());
    assert_eq!(the_stored(&place).len(), 2);
}

/// The digest of a file, as a list shows it.
fn short(place: &Place, name: &str) -> String {
    let artifact = wardian_policy::artifact::Artifact::from_bytes(place.read(name));
    artifact.expect("an artifact").digest().hex()[..12].to_owned()
}

#[test]
fn nothing_unsigned_and_nobody_unknown_is_pinned_unasked() {
    let (place, key) = signed();
    snapshot!(policy(&place, "pin shop b.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: the artifact is not signed
    hint: sign it with `wardian policy sign`, or say `--unsigned`
    ");
    snapshot!(policy(&place, "pin shop a.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: the artifact is signed by ed25519:[key] ([digest]), and nobody is trusted yet
    hint: say `--trust KEY` if that is whom you expect, or `--unsigned`
    ");
    let other = policy(&place, "keygen other.key").well().text();
    snapshot!(policy(&place, &format!("pin shop a.wasm --trust {other}")).whole(), @r"
    exit: 12
    --- out
    --- err
    error: the signature is by ed25519:[key], who is not trusted
    hint: say `--trust KEY` if that key is meant to sign
    ");
    assert!(!place.path(LOCK).exists(), "nothing is pinned so far");
    policy(&place, &format!("pin shop a.wasm --trust {key}")).well();
    let pinned = place.read(LOCK);
    snapshot!(policy(&place, "pin shop b.wasm --unsigned").whole(), @r"
    exit: 12
    --- out
    --- err
    error: the policy is signed by ed25519:[key], the new artifact is not signed
    hint: sign it with `wardian policy sign`, or say `--drop-signer`
    ");
    policy(&place, "sign b.wasm --key other.key").well();
    fails(&policy(&place, "pin shop b.wasm"), 12, "who is not trusted");
    assert_eq!(place.read(LOCK), pinned);
    let replaced = policy(&place, &format!("pin shop b.wasm --trust {other}"))
        .well()
        .text();
    assert!(replaced.contains("another than before"), "{replaced}");
    let dropped = policy(&place, "pin shop a.wasm --drop-signer")
        .well()
        .text();
    assert!(dropped.contains("downgrade, 1.1.0 to 1.0.0"), "{dropped}");
    assert!(dropped.contains("none, where there was one"), "{dropped}");
    fails(
        &policy(&place, &format!("verify shop --trust {key}")),
        3,
        "not signed",
    );
    let secret = String::from_utf8(place.read("k.key")).expect("text");
    let ran = policy(&place, &format!("pin shop a.wasm --trust {secret}"));
    fails(&ran, 2, "a secret key stands where a public one belongs");
    assert!(!ran.err.contains(secret.trim()), "it is not repeated");
    for line in [
        "pin Shop a.wasm --unsigned",
        "pin ../x a.wasm --unsigned",
        "pin shop a.wasm --unsigned --drop-signer",
        "pin shop a.wasm --unsigned --trust ed25519:x",
        "pin shop a.wasm --trust ed25519:x",
        "rollback shop --steps 0",
        "rollback shop --to sha256:00",
        "verify .",
    ] {
        assert_eq!(policy(&place, line).exit, Some(2), "{line}");
    }
}

#[test]
fn what_was_tampered_with_is_not_verified() {
    let (place, key) = signed();
    let unpinned = policy(&place, "verify shop");
    assert_eq!(unpinned.exit, Some(3), "{}", unpinned.err);
    policy(&place, &format!("pin shop a.wasm --trust {key}")).well();
    snapshot!(policy(&place, "verify till").whole(), @r"
    exit: 3
    --- out
    --- err
    error: not verified
      policy `till` is not pinned
    hint: `wardian policy list` shows what is pinned
    ");
    // The artifact beside its signature.
    let (artifact, signature) = (place.read("a.wasm"), place.read("a.wasm.sig"));
    place.write("a.wasm", versioned(NO, "1.0.0"));
    fails(
        &policy(&place, "verify shop a.wasm"),
        3,
        "pinned is sha256:",
    );
    fails(
        &policy(&place, "pin shop a.wasm"),
        12,
        "the signature is of sha256:",
    );
    place.write("a.wasm", &artifact);
    // The signature: another's, one of its characters, none.
    policy(&place, "keygen other.key").well();
    policy(&place, "sign a.wasm --key other.key --force").well();
    fails(
        &policy(&place, "verify shop a.wasm"),
        3,
        "pinned is ed25519:",
    );
    let text = String::from_utf8(signature.clone()).expect("text");
    let at = text.find("\"signature\": \"").expect("it is there") + 14;
    let flipped = if &text[at..=at] == "A" { "B" } else { "A" };
    place.write(
        "a.wasm.sig",
        format!("{}{flipped}{}", &text[..at], &text[at + 1..]),
    );
    fails(&policy(&place, "verify shop a.wasm"), 3, "is not one by");
    std::fs::remove_file(place.path("a.wasm.sig")).expect("it is there");
    fails(&policy(&place, "verify shop a.wasm"), 3, "is not signed");
    place.write("a.wasm.sig", signature);
    policy(&place, "verify shop a.wasm").well();
    // The store.
    policy(&place, "verify shop").well();
    let stored = format!(".wardian/policies/{}", the_stored(&place)[0]);
    place.write(&stored, versioned(NO, "1.0.0"));
    fails(&policy(&place, "verify shop"), 3, "is corrupt");
    std::fs::remove_file(place.path(&stored)).expect("it is there");
    fails(&policy(&place, "verify shop"), 3, "is not there");
}

#[test]
fn a_lock_file_that_is_wrong_pins_nothing() {
    let (place, key) = signed();
    policy(&place, &format!("pin shop a.wasm --trust {key}")).well();
    let good = String::from_utf8(place.read(LOCK)).expect("text");
    let digest = format!("sha256:{}", the_stored(&place)[0]);
    let zero = format!("sha256:{}", "0".repeat(64));
    place.write(LOCK, good.replace(&digest, &zero));
    snapshot!(policy(&place, "verify shop").whole(), @r"
    exit: 3
    --- out
    --- err
    error: not verified
      the lock file has a problem at /policies/shop/active/digest: the digest is all zero
    ");
    fails(&policy(&place, "verify shop a.wasm"), 3, "all zero");
    fails(&policy(&place, "list"), 1, "all zero");
    fails(&policy(&place, "pin shop a.wasm"), 1, "all zero");
    place.write(LOCK, good.replace(&digest, "").replace("1.0.0", "1/0"));
    snapshot!(policy(&place, "list").whole(), @r"
    exit: 1
    --- out
    --- err
    error: the lock file has 2 problems
    /policies/shop/active/digest: the digest is empty
    /policies/shop/active/version: the version has '/', allowed are letters, digits and `._+-`
    ");
    place.write(LOCK, "");
    fails(&policy(&place, "verify shop"), 3, "the lock file");
    std::fs::remove_file(place.path(LOCK)).expect("it is there");
    fails(&policy(&place, "verify shop"), 3, "is not there");
    fails(&policy(&place, "list"), 1, "is not there");
}

#[test]
fn fixtures_are_tried_before_anything_changes() {
    let (place, key) = signed();
    std::fs::create_dir(place.path("tests")).expect("a new folder");
    place.write(
        "tests/home.json",
        format!(r#"{{"input": {HOME}, "expected": {ALLOW}}}"#),
    );
    policy(
        &place,
        &format!("pin shop a.wasm --trust {key} --fixtures tests"),
    )
    .well();
    let pinned = place.read(LOCK);
    policy(&place, "sign b.wasm --key k.key").well();
    snapshot!(policy(&place, "pin shop b.wasm --fixtures tests").whole(), @r#"
    exit: 12
    --- out
    --- err
    error: policy is refused: 1 of 1 fixtures are answered otherwise: home (expected {"kind":"allow"}, got {"kind":"deny","reason":"not_in_allowlist"})
    hint: `wardian policy test DIR --policy POLICY` shows all of them
    "#);
    assert_eq!((place.read(LOCK), the_stored(&place).len()), (pinned, 1));
    policy(&place, "pin shop b.wasm").well();
    let pinned = place.read(LOCK);
    place.write(
        "tests/token.json",
        format!(r#"{{"input": {TOKEN}, "expected": {NO}}}"#),
    );
    fails(
        &policy(&place, "rollback shop --fixtures tests"),
        12,
        "token (expected",
    );
    fails(
        &policy(&place, "rollback shop --fixtures nowhere"),
        1,
        "cannot read",
    );
    fails(
        &policy(&place, "rollback shop --steps 2"),
        1,
        "cannot go back 2 pins",
    );
    assert_eq!(place.read(LOCK), pinned);
    std::fs::remove_file(place.path("tests/token.json")).expect("it is there");
    policy(&place, "rollback shop --fixtures tests").well();
    policy(&place, "verify shop a.wasm").well();
}
