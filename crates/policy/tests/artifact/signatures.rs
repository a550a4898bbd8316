//! Signatures: the format, every part tampered with, and whose word counts.

use std::path::Path;

use wardian_policy::artifact::{
    Artifact, SIGNATURE_BYTES_MAX, Signature, SignatureError, Trust, write_section,
};

use crate::{PUBLIC, artifact, keys, other_keys, signed, trust, wasm};

/// Made by OpenSSL from the text that the module's documentation gives.
const GOLDEN: &str = r#"{
  "wardian_signature": 1,
  "signer": "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  "digest": "sha256:be5b8d1e976bef7df3675d0042ed9bc807c28fb6b780e02b57299b04c59c4b87",
  "version": "1.2.3",
  "signature": "Tpbx4LpN/UG5rw5h8ovN88dO7PKLbI9bBOisd8wwVQRnpMT8tAZDZRsFP1HXXOX+VvWi9jstGotgX3XmzIc5CQ=="
}
"#;

fn read(text: &str) -> Result<Signature, SignatureError> {
    Signature::from_json(text.as_bytes())
}

fn code(text: &str) -> &'static str {
    match read(text) {
        Ok(read) => match read.verify(&artifact("1.2.3"), &trust(&keys())) {
            Ok(_) => "verified",
            Err(error) => error.code(),
        },
        Err(error) => error.code(),
    }
}

#[test]
fn another_program_signs_the_same() {
    let (artifact, signature) = signed("1.2.3");
    assert_eq!(signature.to_json(), GOLDEN);
    assert_eq!(read(GOLDEN).unwrap(), signature);
    let verified = signature.verify(&artifact, &trust(&keys())).unwrap();
    assert_eq!(verified.signer, Some(keys().public()));
    assert_eq!(verified.digest, *artifact.digest());
    assert_eq!(verified.version.as_str(), "1.2.3");
    assert_eq!(code(GOLDEN), "verified");
    assert_eq!(signature.signer().to_string(), PUBLIC);
    assert_eq!(signature.digest(), artifact.digest());
    assert_eq!(signature.version(), artifact.version());
}

#[test]
fn every_member_tampered_with_is_refused_in_its_own_way() {
    let other = other_keys().public().to_string();
    let (other_digest, other_signature) = {
        let signature = keys().sign(&artifact("2"));
        let text = signature.to_json();
        let bytes = text.lines().nth(5).unwrap().trim()[14..102].to_owned();
        (signature.digest().to_string(), bytes)
    };
    let golden_digest = artifact("1.2.3").digest().to_string();
    let golden_signature = &GOLDEN.lines().nth(5).unwrap().trim()[14..102];
    let zero = "A".repeat(86) + "==";
    for (from, to, expected) in [
        ("\": 1,", "\": 2,", "artifact.signature_format"),
        ("\": 1,", "\": 0,", "artifact.signature_format"),
        ("\": 1,", "\": 1.0,", "artifact.signature_json"),
        ("\": 1,", "\": \"1\",", "artifact.signature_json"),
        (PUBLIC, &other, "artifact.signer_unknown"),
        (PUBLIC, "", "artifact.key_not_public"),
        (PUBLIC, crate::SECRET, "artifact.key_secret_as_public"),
        (PUBLIC, "ed25519:", "artifact.key_encoding"),
        (
            &golden_digest,
            &other_digest,
            "artifact.signature_other_digest",
        ),
        (&golden_digest, crate::ZERO, "artifact.digest_zero"),
        (&golden_digest, "", "artifact.digest_empty"),
        ("1.2.3", "1.2.4", "artifact.signature_other_version"),
        ("1.2.3", "", "artifact.version_empty"),
        ("1.2.3", "1.2.3\\n", "artifact.version_character"),
        (
            golden_signature,
            &other_signature,
            "artifact.signature_forged",
        ),
        (golden_signature, &zero, "artifact.signature_forged"),
        (golden_signature, "", "artifact.signature_encoding"),
        ("CQ==\"", "CQ=\"", "artifact.signature_encoding"),
        ("CQ==\"", "CR==\"", "artifact.signature_encoding"),
        ("CQ==\"", "CQkJ\"", "artifact.signature_encoding"),
        (
            "  \"version\"",
            "  \"signer\": \"\", \"version\"",
            "artifact.signature_json",
        ),
        (
            "  \"version\"",
            "  \"note\": \"\", \"version\"",
            "artifact.signature_json",
        ),
        ("  \"version\"", "  \"Version\"", "artifact.signature_json"),
        ("\"1.2.3\"", "null", "artifact.signature_json"),
        ("\"1.2.3\"", "1", "artifact.signature_json"),
        ("}\n", "", "artifact.signature_json"),
        ("}\n", "}\n{}", "artifact.signature_json"),
        ("{\n", "\u{feff}{\n", "artifact.signature_json"),
    ] {
        assert!(GOLDEN.contains(from));
        let tampered = GOLDEN.replacen(from, to, 1);
        assert_eq!(code(&tampered), expected, "{from} {to}");
    }
    for line in 1..=5 {
        let mut lines: Vec<&str> = GOLDEN.lines().collect();
        lines.remove(line);
        let text = lines.join("\n").replace("\"1.2.3\",\n}", "\"1.2.3\"\n}");
        assert_eq!(code(&text), "artifact.signature_json", "{text}");
    }
    let list = format!(r#"[1, "{PUBLIC}", "{golden_digest}", "1.2.3", "{golden_signature}"]"#);
    assert_eq!(code(&list), "artifact.signature_json");
}

#[test]
fn every_bit_of_a_signature_file_counts_or_means_nothing() {
    let genuine = read(GOLDEN).unwrap();
    for at in 0..GOLDEN.len() {
        for bit in 0..8 {
            let mut tampered = GOLDEN.as_bytes().to_vec();
            tampered[at] ^= 1 << bit;
            let Ok(read) = Signature::from_json(&tampered) else {
                continue;
            };
            match read.verify(&artifact("1.2.3"), &trust(&keys())) {
                // Only white space can be other white space.
                Ok(_) => {
                    assert_eq!(read, genuine);
                    assert!(GOLDEN.as_bytes()[at].is_ascii_whitespace(), "{at} {bit}");
                }
                Err(_) => assert_ne!(read, genuine),
            }
        }
    }
}

#[test]
fn every_bit_of_an_artifact_counts() {
    let module = wat::parse_str(r#"(module (memory 1) (func (export "f")) (data "abc"))"#).unwrap();
    let bytes = write_section(&module, artifact("1.2.3").meta()).unwrap();
    let artifact = Artifact::from_bytes(bytes.clone()).unwrap();
    let signature = keys().sign(&artifact);
    signature.verify(&artifact, &trust(&keys())).unwrap();
    let mut opened = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut tampered = bytes.clone();
            tampered[at] ^= 1 << bit;
            let Ok(tampered) = Artifact::from_bytes(tampered) else {
                continue;
            };
            opened += 1;
            let error = signature.verify(&tampered, &trust(&keys())).unwrap_err();
            assert_eq!(error.code(), "artifact.signature_other_digest");
        }
    }
    assert!(opened > 100, "{opened}");
    for cut in [
        &bytes[..bytes.len() - 1],
        &[&bytes[..], &[0, 1, 0]].concat(),
    ] {
        if let Ok(cut) = Artifact::from_bytes(cut.to_vec()) {
            assert!(signature.verify(&cut, &trust(&keys())).is_err());
        }
    }
}

#[test]
fn nobody_is_trusted_who_is_not_named() {
    let (artifact, signature) = signed("1");
    for nobody in [Trust::default(), trust(&other_keys())] {
        let error = signature.verify(&artifact, &nobody).unwrap_err();
        assert!(matches!(error, SignatureError::UnknownSigner(key) if key == keys().public()));
    }
    let both = Trust::new([other_keys().public(), keys().public()]).unwrap();
    assert!(signature.verify(&artifact, &both).is_ok());
    // Whoever signs under another's name is no forger that is believed.
    let text = other_keys().sign(&artifact).to_json();
    let claimed = text.replace(&other_keys().public().to_string(), PUBLIC);
    let error = read(&claimed).unwrap().verify(&artifact, &both);
    assert_eq!(error.unwrap_err().code(), "artifact.signature_forged");
}

#[test]
fn an_artifact_without_a_version_is_signed_with_its_digest() {
    let bare = Artifact::from_bytes(crate::EMPTY_MODULE.to_vec()).unwrap();
    assert_eq!(bare.version().as_str(), "0.0.0+93a44bbb96c7");
    assert_eq!(bare.meta().version, None);
    let signature = keys().sign(&bare);
    let read = read(&signature.to_json()).unwrap();
    assert!(read.verify(&bare, &trust(&keys())).is_ok());
}

#[test]
fn a_signature_file_has_a_largest_size() {
    for (bytes, expected) in [
        (SIGNATURE_BYTES_MAX - 1, "verified"),
        (SIGNATURE_BYTES_MAX, "verified"),
        (SIGNATURE_BYTES_MAX + 1, "artifact.signature_too_large"),
    ] {
        assert_eq!(code(&format!("{GOLDEN: <bytes$}")), expected);
    }
}

#[test]
fn a_signature_stands_beside_its_artifact() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("POLICY.wasm");
    std::fs::write(&path, wasm("1.2.3")).unwrap();
    let beside = Signature::path_of(&path);
    assert_eq!(beside, place.path().join("POLICY.wasm.sig"));
    let error = Signature::read(&beside).unwrap_err();
    assert_eq!(error.code(), "artifact.file_missing");
    std::fs::write(&beside, GOLDEN).unwrap();
    let signature = Signature::read(&beside).unwrap();
    let artifact = Artifact::read(&path).unwrap();
    assert!(signature.verify(&artifact, &trust(&keys())).is_ok());
    std::fs::write(&beside, [b' '; SIGNATURE_BYTES_MAX + 1]).unwrap();
    let error = Signature::read(&beside).unwrap_err();
    assert_eq!(error.code(), "artifact.file_too_large");
    assert_eq!(Signature::path_of(Path::new("p")), Path::new("p.sig"));
}
