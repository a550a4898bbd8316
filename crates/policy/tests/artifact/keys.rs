//! Keys: their texts, their files, and that a secret one is not shown.

use std::os::unix::fs::{PermissionsExt, symlink};

use wardian_policy::artifact::{
    KEY_FILE_BYTES_MAX, KeyError, KeyPair, PublicKey, TRUSTED_KEYS_MAX, Trust,
};

use crate::{PUBLIC, SECRET, keys};

#[test]
fn texts_are_as_the_standard_says() {
    let keys = keys();
    assert_eq!(keys.public().to_string(), PUBLIC);
    assert_eq!(keys.to_secret_text().as_str(), format!("{SECRET}\n"));
    let public: PublicKey = PUBLIC.parse().unwrap();
    assert_eq!(public, keys.public());
    assert_eq!(public.id(), "21fe31dfa154a261");
    assert_eq!(
        serde_json::from_str::<PublicKey>(&format!("\"{PUBLIC}\"")).unwrap(),
        public
    );
}

#[test]
fn two_keys_are_never_the_same() {
    let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    assert_ne!(one.public(), other.public());
    let again = KeyPair::from_secret_text(&one.to_secret_text()).unwrap();
    assert_eq!(again.public(), one.public());
}

#[test]
fn a_text_that_is_no_key_is_refused() {
    let secret = SECRET.strip_prefix("ed25519-secret:").unwrap();
    let public = PUBLIC.strip_prefix("ed25519:").unwrap();
    let zero = "A".repeat(43) + "=";
    for (text, code) in [
        ("", "artifact.key_not_public"),
        (public, "artifact.key_not_public"),
        (" ed25519:", "artifact.key_not_public"),
        (SECRET, "artifact.key_secret_as_public"),
        ("ed25519:", "artifact.key_encoding"),
        (&format!("{PUBLIC}\n"), "artifact.key_encoding"),
        // Without its padding, with a stray bit, in the other alphabet.
        (PUBLIC.strip_suffix('=').unwrap(), "artifact.key_encoding"),
        (&PUBLIC.replace("Ro=", "Rp="), "artifact.key_encoding"),
        (&PUBLIC.replace('/', "_"), "artifact.key_encoding"),
        (&format!("ed25519:AAAA{public}"), "artifact.key_encoding"),
        (
            &format!("ed25519:{}", "A".repeat(4000)),
            "artifact.key_encoding",
        ),
        // Of small order, and no point of the curve.
        (&format!("ed25519:{zero}"), "artifact.key_weak"),
        (
            "ed25519:AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "artifact.key_weak",
        ),
    ] {
        let error = text.parse::<PublicKey>().unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        assert!(!error.to_string().contains(secret));
    }
    assert!(matches!(
        PublicKey::from_bytes(&[0; 32]),
        Err(KeyError::Weak)
    ));
    for (text, code) in [
        ("", "artifact.key_not_secret"),
        (secret, "artifact.key_not_secret"),
        (PUBLIC, "artifact.key_not_secret"),
        ("ed25519-secret:", "artifact.key_encoding"),
        (&format!("{SECRET}\n\n"), "artifact.key_encoding"),
        (&format!("{SECRET}\r\n"), "artifact.key_encoding"),
        (&SECRET[..58], "artifact.key_encoding"),
    ] {
        let error = KeyPair::from_secret_text(text).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        assert!(!format!("{error} {error:?}").contains("nWGxne"));
    }
}

#[test]
fn a_secret_key_is_not_shown() {
    let shown = format!("{:?}", keys());
    assert_eq!(shown, format!("KeyPair({PUBLIC}, ..)"));
}

#[test]
fn a_key_file_is_for_us_alone() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("release.key");
    let missing = KeyPair::read(&path).unwrap_err();
    assert_eq!(missing.code(), "artifact.file_missing");

    keys().write_new(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        format!("{SECRET}\n")
    );
    assert_eq!(KeyPair::read(&path).unwrap().public(), keys().public());

    let again = KeyPair::generate().unwrap().write_new(&path).unwrap_err();
    assert_eq!(again.code(), "artifact.file_exists");
    assert_eq!(KeyPair::read(&path).unwrap().public(), keys().public());

    let link = place.path().join("link.key");
    symlink(&path, &link).unwrap();
    let error = KeyPair::read(&link).unwrap_err();
    assert_eq!(error.code(), "artifact.file_link");
    let error = keys().write_new(&link).unwrap_err();
    assert_eq!(error.code(), "artifact.file_exists");

    for mode in [0o640, 0o604, 0o620, 0o601, 0o666] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let error = KeyPair::read(&path).unwrap_err();
        assert_eq!(error.code(), "artifact.file_mode", "{mode:o}");
        assert!(!error.to_string().contains("nWGxne"));
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o400)).unwrap();
    assert!(KeyPair::read(&path).is_ok());
}

#[test]
fn a_key_file_has_a_largest_size() {
    let place = tempfile::tempdir().unwrap();
    for (bytes, code) in [
        (KEY_FILE_BYTES_MAX, "artifact.key_encoding"),
        (KEY_FILE_BYTES_MAX + 1, "artifact.file_too_large"),
    ] {
        let path = place.path().join(bytes.to_string());
        std::fs::write(&path, format!("{SECRET:=<bytes$}")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(KeyPair::read(&path).unwrap_err().code(), code);
    }
    let path = place.path().join("bytes");
    std::fs::write(&path, [0xff; 40]).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let error = KeyPair::read(&path).unwrap_err();
    assert_eq!(error.code(), "artifact.key_not_secret");
}

#[test]
fn so_many_keys_are_trusted_and_no_more() {
    let keys = |count: usize| -> Vec<PublicKey> {
        let make = |_| KeyPair::generate().unwrap().public();
        (0..count).map(make).collect()
    };
    assert!(Trust::new(keys(TRUSTED_KEYS_MAX - 1)).is_ok());
    let most = Trust::new(keys(TRUSTED_KEYS_MAX)).unwrap();
    assert_eq!(most.keys().count(), TRUSTED_KEYS_MAX);
    // The same key twice is one.
    assert!(Trust::new(most.keys().chain(most.keys()).copied()).is_ok());
    let error = Trust::new(keys(TRUSTED_KEYS_MAX + 1)).unwrap_err();
    assert_eq!(error.code(), "artifact.key_too_many");
}
