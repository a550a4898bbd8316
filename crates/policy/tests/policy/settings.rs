//! A policy that is configured is the right one, or the host does not start, or denies.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use wardian_policy::artifact::{
    Artifact, Digest, KeyPair, Moment, Policies, Proof, Signature, Trust,
};
use wardian_policy::{Decision, Input, PolicySettings, Reason, make, opa};
use wardian_sandbox::{Sandbox, SandboxConfig};

use crate::guests::{home, with_meta};

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

fn settings(value: Value) -> PolicySettings {
    serde_json::from_value(value).unwrap()
}

/// The code of the error that the host refuses to start with; none if it starts.
fn refusal(sandbox: &Sandbox, value: Value) -> Option<&'static str> {
    let opened = settings(value).open_blocking(sandbox, None);
    opened.err().map(|error| error.code())
}

fn artifact(sandbox: &Sandbox, path: &Path) -> Artifact {
    let core = make::from_document(sandbox, br#"{"env": ["HOME"]}"#).unwrap();
    let wasm = with_meta(&core, false, &[]);
    fs::write(path, &wasm).unwrap();
    Artifact::from_bytes(wasm).unwrap()
}

#[test]
fn what_is_missing_broken_or_another_stops_the_host() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.wasm");
    let made = artifact(&sandbox, &file);
    let digest = made.digest().to_string();
    assert_eq!(
        refusal(
            &sandbox,
            json!({"checker": "wasm", "file": file, "digest": digest})
        ),
        None
    );
    let other = Digest::of(b"other").to_string();
    for (value, code) in [
        (
            json!({"checker": "wasm", "file": file, "digest": other}),
            "artifact.other_digest",
        ),
        (
            json!({"checker": "wasm", "file": folder.path().join("none")}),
            "artifact.file_missing",
        ),
        (json!({"checker": "wasm"}), "policy.settings"),
        (json!({"checker": "local", "file": file}), "policy.document"),
        (
            json!({"checker": "local", "file": folder.path().join("none")}),
            "policy.read",
        ),
        (
            json!({"checker": "wasm", "file": file, "deadline_ms": 0, "static": [""]}),
            "policy.settings",
        ),
        (
            json!({"checker": "wasm", "file": file, "fixtures": folder.path()}),
            "policy.fixture",
        ),
    ] {
        assert_eq!(refusal(&sandbox, value.clone()), Some(code), "{value}");
    }
    fs::write(&file, b"\0asm\x01\0\0\0").unwrap();
    assert_eq!(
        refusal(&sandbox, json!({"checker": "wasm", "file": file})),
        Some("policy.link")
    );
}

#[test]
fn settings_have_limits_on_both_sides() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    fs::write(&file, "{}").unwrap();
    for (name, good, bad) in [
        ("deadline_ms", json!([1, 1_000]), json!([0, 1_001])),
        (
            "cache",
            json!([{"entries_max": 0}, {"entries_max": 1_000_000}]),
            json!([{"entries_max": 1_000_001}]),
        ),
    ] {
        let with = |value: &Value| json!({"checker": "local", "file": file, name: value});
        for value in good.as_array().unwrap() {
            assert_eq!(refusal(&sandbox, with(value)), None, "{name} {value}");
        }
        for value in bad.as_array().unwrap() {
            let refused = refusal(&sandbox, with(value));
            assert_eq!(refused, Some("policy.settings"), "{name} {value}");
        }
    }
}

#[test]
fn no_digest_is_not_any_digest() {
    let zero = format!("sha256:{}", "0".repeat(64));
    for digest in [
        json!(null),
        json!(""),
        json!(zero),
        json!("sha256:"),
        json!(0),
    ] {
        let value = json!({"checker": "wasm", "file": "p.wasm", "digest": digest});
        assert!(
            serde_json::from_value::<PolicySettings>(value).is_err(),
            "{digest}"
        );
    }
    let unknown = json!({"checker": "wasm", "file": "p.wasm", "digets": "sha256:1"});
    assert!(serde_json::from_value::<PolicySettings>(unknown).is_err());
}

#[test]
fn an_operator_may_run_on_and_deny() {
    let sandbox = sandbox();
    let value = json!({
        "checker": "wasm", "file": "/nowhere/policy.wasm", "when_missing": "deny", "static": ["cache.read"],
    });
    let point = settings(value).open_blocking(&sandbox, None).unwrap();
    assert_eq!(
        point.check_blocking(&home()),
        Decision::Deny(Reason::POLICY_UNAVAILABLE)
    );
    // What the operator declares safe is so without a policy.
    assert!(
        point
            .check_blocking(&Input::new("cache.read", "namespace", "a"))
            .is_allow()
    );
    let contradictory = json!({"checker": "wasm", "when_missing": "deny"});
    assert_eq!(refusal(&sandbox, contradictory), Some("policy.settings"));
}

#[test]
fn a_document_is_the_one_of_its_digest() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    fs::write(&file, r#"{"env": ["HOME"]}"#).unwrap();
    let of = |bytes: &[u8]| {
        let digest = Digest::of(bytes).to_string();
        json!({"checker": "local", "file": file, "digest": digest})
    };
    assert_eq!(refusal(&sandbox, of(br#"{"env": ["HOME"]}"#)), None);
    let other = refusal(&sandbox, of(b"{}"));
    assert_eq!(other, Some("artifact.other_digest"));
}

#[test]
fn a_document_that_is_no_file_or_everybodys_is_refused() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let value = json!({"checker": "local", "file": file});
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    // Nobody writes to the pipe, and nobody waits for that.
    assert_eq!(refusal(&sandbox, value.clone()), Some("policy.read"));
    fs::remove_file(&file).unwrap();
    fs::write(&file, "{}").unwrap();
    for (mode, code) in [(0o646, Some("policy.read")), (0o664, None)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(refusal(&sandbox, value.clone()), code, "{mode:o}");
    }
}

#[test]
fn an_artifact_of_opas_is_opened_too() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.wasm");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/opa/fixtures/allow.wasm");
    let module = opa::prepare(&sandbox, &fs::read(module).unwrap(), None, None).unwrap();
    fs::write(&file, &module).unwrap();
    let value = json!({"checker": "opa", "file": file, "deadline_ms": 1_000});
    let point = settings(value).open_blocking(&sandbox, None).unwrap();
    let denied = point.check_blocking(&home());
    assert_eq!(denied.reason().map(Reason::code), Some("denied"));
    // One that OPA did not compile answers otherwise.
    artifact(&sandbox, &file);
    let refused = refusal(&sandbox, json!({"checker": "opa", "file": file}));
    assert_eq!(refused, Some("policy.unfit"));
}

#[test]
fn signatures_are_asked_for_where_signers_are_named() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.wasm");
    let made = artifact(&sandbox, &file);
    let (ours, others) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let value = json!({"checker": "wasm", "file": file, "trust": [ours.public()]});
    assert!(refusal(&sandbox, value.clone()).is_some(), "no signature");
    let path = Signature::path_of(&file);
    fs::write(&path, others.sign(&made).to_json()).unwrap();
    assert!(refusal(&sandbox, value.clone()).is_some(), "another signer");
    fs::write(&path, ours.sign(&made).to_json()).unwrap();
    assert_eq!(refusal(&sandbox, value), None);
}

#[test]
fn a_pinned_policy_is_the_pinned_one() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let (lock, store) = (folder.path().join("lock"), folder.path().join("store"));
    let made = artifact(&sandbox, &folder.path().join("policy.wasm"));
    let keys = KeyPair::generate().unwrap();
    let (signature, trust) = (keys.sign(&made), Trust::new([keys.public()]).unwrap());
    let proof = Proof::Signed {
        signature: &signature,
        trust: &trust,
    };
    let policies = Policies::open_or_make(&lock, &store).unwrap();
    let name = "orders".parse().unwrap();
    policies.pin(&name, &made, proof, Moment::now()).unwrap();
    let pinned = |name: &str| {
        json!({"checker": "wasm", "trust": [keys.public()],
            "pinned": {"name": name, "lock": lock, "store": store}})
    };
    let point = settings(pinned("orders"))
        .open_blocking(&sandbox, None)
        .unwrap();
    assert!(point.check_blocking(&home()).is_allow());
    assert_eq!(*point.policy().digest, made.digest().to_string());
    assert!(refusal(&sandbox, pinned("others")).is_some());
    // Somebody exchanges the bytes.
    let stored = fs::read_dir(&store)
        .unwrap()
        .map(|file| file.unwrap().path());
    for file in stored.filter(|path| path.is_file()) {
        let mut bytes = fs::read(&file).unwrap();
        let Some(last) = bytes.last_mut() else {
            continue;
        };
        *last ^= 1;
        fs::remove_file(&file).unwrap();
        fs::write(&file, bytes).unwrap();
    }
    assert!(refusal(&sandbox, pinned("orders")).is_some());
}
