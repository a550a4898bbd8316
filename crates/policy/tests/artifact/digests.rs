//! Digests: one text for one digest, and nothing that looks like a forgotten setting.

use serde::Deserialize;
use wardian_policy::artifact::{Digest, DigestError, Lock, Signature};

use crate::{ZERO, digest, keys};

const GOOD: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn refused(text: &str) -> DigestError {
    text.parse::<Digest>().unwrap_err()
}

#[test]
fn a_digest_is_what_the_standard_says() {
    // FIPS 180-4, the example of one block.
    assert_eq!(Digest::of(b"abc").to_string(), GOOD);
    assert_eq!(format!("{:?}", Digest::of(b"abc")), GOOD);
    let read: Digest = GOOD.parse().unwrap();
    assert_eq!(read, Digest::of(b"abc"));
    assert_eq!(read.hex(), &GOOD[7..]);
    assert_eq!(Digest::from_bytes(*read.as_bytes()), Ok(read));
    assert_eq!(serde_json::to_string(&read).unwrap(), format!("\"{GOOD}\""));
}

#[test]
fn a_digest_without_its_algorithm_is_none() {
    for text in [&GOOD[7..], " "] {
        let error = refused(text);
        assert_eq!(error, DigestError::NoAlgorithm, "{text}");
        assert_eq!(error.code(), "artifact.digest_no_algorithm");
    }
}

#[test]
fn every_other_way_of_being_wrong_is_told_apart() {
    let hex = &GOOD[7..];
    for (text, error, code) in [
        ("", DigestError::Empty, "artifact.digest_empty"),
        ("sha256:", DigestError::Empty, "artifact.digest_empty"),
        (ZERO, DigestError::Zero, "artifact.digest_zero"),
        (
            &format!("sha512:{hex}"),
            DigestError::Algorithm("sha512".into()),
            "artifact.digest_algorithm",
        ),
        (
            &format!("SHA256:{hex}"),
            DigestError::Algorithm("SHA256".into()),
            "artifact.digest_algorithm",
        ),
        (
            &format!(":{hex}"),
            DigestError::Algorithm(String::new()),
            "artifact.digest_algorithm",
        ),
        (
            &GOOD[..70],
            DigestError::Length { digits: 63 },
            "artifact.digest_length",
        ),
        (
            &format!("{GOOD}0"),
            DigestError::Length { digits: 65 },
            "artifact.digest_length",
        ),
        (
            &format!("sha256:{}", hex.to_uppercase()),
            DigestError::UpperCase,
            "artifact.digest_upper_case",
        ),
        (
            &GOOD.replace('f', "g"),
            DigestError::NotHex,
            "artifact.digest_not_hex",
        ),
        (
            &format!("{GOOD}\n"),
            DigestError::NotHex,
            "artifact.digest_not_hex",
        ),
        (
            &format!("sha256: {hex}"),
            DigestError::NotHex,
            "artifact.digest_not_hex",
        ),
        (
            &format!("sha256:{}", "é".repeat(32)),
            DigestError::NotHex,
            "artifact.digest_not_hex",
        ),
    ] {
        assert_eq!(refused(text), error, "{text}");
        assert_eq!(error.code(), code, "{text}");
    }
}

#[test]
fn an_algorithm_of_any_length_is_cut_in_the_message() {
    let message = refused(&format!("{}\u{1b}[2J:00", "x".repeat(100_000))).to_string();
    assert!(message.len() < 300, "{message}");
    let message = refused("\u{1b}[2J`:00").to_string();
    assert_eq!(message, "digest algorithm `\\u{1b}[2J'`, known is `sha256`");
}

#[test]
fn only_all_of_zero_is_zero() {
    assert_eq!(Digest::from_bytes([0; 32]), Err(DigestError::Zero));
    for at in 0..32 {
        let mut bytes = [0; 32];
        bytes[at] = 1;
        let digest = Digest::from_bytes(bytes).unwrap();
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }
}

#[test]
fn no_door_lets_an_empty_or_zero_digest_in() {
    #[derive(Debug, Deserialize)]
    struct Settings {
        #[serde(rename = "digest")]
        _digest: Option<Digest>,
    }
    let signature = keys().sign(&crate::artifact("1")).to_json();
    let lock = format!(
        r#"{{"wardian_policy_lock": 1, "policies": {{"a": {{"active": {{"digest": "{}", "version": "1",
        "signer": null, "pinned_at": "2026-11-27T08:00:00Z"}}, "history": []}}}}}}"#,
        digest("a")
    );
    assert!(Lock::from_json(lock.as_bytes()).is_ok());
    for (bad, code) in [
        ("", "artifact.digest_empty"),
        ("sha256:", "artifact.digest_empty"),
        (ZERO, "artifact.digest_zero"),
    ] {
        let settings = format!(r#"{{"digest": "{bad}"}}"#);
        assert!(serde_json::from_str::<Settings>(&settings).is_err());

        let signature = signature.replace(&crate::artifact("1").digest().to_string(), bad);
        let error = Signature::from_json(signature.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code);

        let lock = lock.replace(&digest("a").to_string(), bad);
        let error = Lock::from_json(lock.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code);
    }
}
