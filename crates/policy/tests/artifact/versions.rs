//! Versions, names and moments: what is allowed, and what is newer.

use std::cmp::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wardian_policy::artifact::{
    Moment, NAME_BYTES_MAX, NameError, PolicyName, VERSION_BYTES_MAX, Version, VersionError,
};

fn precedence(one: &str, other: &str) -> Ordering {
    let (one, other): (Version, Version) = (one.parse().unwrap(), other.parse().unwrap());
    let ordering = one.precedence(&other);
    assert_eq!(other.precedence(&one), ordering.reverse());
    ordering
}

#[test]
fn versions_are_compared_as_semver_says() {
    // Semantic Versioning 2.0.0, section 11, and what is no semver.
    let ascending = [
        "0.0.0+ba7816bf8f01",
        "0.9",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "v1.0.1",
        "1.9.0",
        "1.10.0",
        "2026.11.27",
        "99999999999999999999999999.1",
        "100000000000000000000000000.0",
        "main",
        "release_7",
    ];
    for (at, one) in ascending.iter().enumerate() {
        for (other_at, other) in ascending.iter().enumerate() {
            assert_eq!(precedence(one, other), at.cmp(&other_at), "{one} {other}");
        }
    }
    for (one, other) in [
        ("1.0.0+a", "1.0.0+b"),
        ("1.0", "1.0.0"),
        ("1", "v1.0"),
        ("1.01", "1.1"),
        ("1.0-rc.1", "1-rc.1"),
    ] {
        assert_eq!(precedence(one, other), Ordering::Equal, "{one} {other}");
    }
    // What nobody would write still has an order.
    for odd in ["-", "+", ".", "..", "v", "--", "1.-.+"] {
        assert_eq!(precedence(odd, odd), Ordering::Equal);
        precedence(odd, "1.0");
    }
}

#[test]
fn a_version_has_its_letters_and_its_length() {
    let of = |bytes: usize| "1".repeat(bytes).parse::<Version>();
    assert_eq!(of(0), Err(VersionError::Empty));
    assert!(of(1).is_ok() && of(VERSION_BYTES_MAX - 1).is_ok() && of(VERSION_BYTES_MAX).is_ok());
    assert_eq!(of(65), Err(VersionError::TooLong { bytes: 65 }));
    let codes = [0, 65].map(|bytes| of(bytes).unwrap_err().code());
    assert_eq!(
        codes,
        ["artifact.version_empty", "artifact.version_too_long"]
    );
    for bad in ['\n', ' ', '/', '\\', '"', 'é', '\0', '~', ':'] {
        let text = format!("1{bad}0");
        assert_eq!(text.parse::<Version>(), Err(VersionError::Character(bad)));
    }
    assert!("aZ09._+-".parse::<Version>().is_ok());
}

#[test]
fn a_name_is_never_a_path() {
    let of = |bytes: usize| "a".repeat(bytes).parse::<PolicyName>();
    assert_eq!(of(0), Err(NameError::Empty));
    assert!(of(1).is_ok() && of(NAME_BYTES_MAX - 1).is_ok() && of(NAME_BYTES_MAX).is_ok());
    assert_eq!(of(65), Err(NameError::TooLong { bytes: 65 }));
    let codes = [0, 65].map(|bytes| of(bytes).unwrap_err().code());
    assert_eq!(codes, ["artifact.name_empty", "artifact.name_too_long"]);
    for bad in [
        "..", ".", "a/b", "/a", "A", "-a", "_a", "a b", "a\n", "é", "a.lock",
    ] {
        let error = bad.parse::<PolicyName>().unwrap_err();
        assert_eq!(error.code(), "artifact.name_character", "{bad}");
    }
    for good in ["0", "a-b_c", "9-", "checkout"] {
        assert_eq!(good.parse::<PolicyName>().unwrap().as_str(), good);
    }
}

#[test]
fn a_moment_has_one_text() {
    let at = |seconds: u64| Moment::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
    assert_eq!(at(0), "1970-01-01T00:00:00Z");
    assert_eq!(at(1_795_767_534), "2026-11-27T08:18:54Z");
    assert_eq!(at(253_402_300_799), "9999-12-31T23:59:59Z");
    // What no text could be written for.
    assert_eq!(at(253_402_300_800), "9999-12-31T23:59:59Z");
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(Moment::from(before).to_string(), "1970-01-01T00:00:00Z");
    for text in ["1970-01-01T00:00:00Z", "2028-02-29T23:59:59Z"] {
        assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
    }
    for bad in [
        "",
        "now",
        "2026-11-27",
        "2026-11-27 08:18:54Z",
        "2026-11-27T08:18:54",
        "2026-11-27T08:18:54.5Z",
        "2026-11-27T08:18:54.000Z",
        "2026-11-27T08:18:54+00:00",
        "2026-02-30T08:18:54Z",
        "2026-11-27T08:18:60Z",
        "2026-11-27T24:18:00Z",
        "10000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-11-27t08:18:54z",
    ] {
        let error = bad.parse::<Moment>().unwrap_err();
        assert_eq!(error.code(), "artifact.moment", "{bad}");
    }
}
