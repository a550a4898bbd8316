//! The lock file's content: its text, its problems, its limits, and what may be pinned.

use wardian_policy::artifact::{
    Artifact, Demand, HISTORY_MAX, KeyPair, LOCK_BYTES_MAX, Lock, POLICIES_MAX, Proof,
    SignerChange, Trust, VersionChange,
};

use crate::{artifact, digest, keys, moment, name, other_keys, padded, signed, trust};

const GOLDEN: &str = r#"{
  "wardian_policy_lock": 1,
  "policies": {
    "checkout": {
      "active": {
        "digest": "sha256:be5b8d1e976bef7df3675d0042ed9bc807c28fb6b780e02b57299b04c59c4b87",
        "version": "1.2.3",
        "signer": "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "pinned_at": "2026-11-27T08:02:00Z"
      },
      "history": [
        {
          "digest": "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
          "version": "0.0.0+93a44bbb96c7",
          "signer": null,
          "pinned_at": "2026-11-27T08:01:00Z"
        }
      ]
    },
    "egress": {
      "active": {
        "digest": "sha256:be5b8d1e976bef7df3675d0042ed9bc807c28fb6b780e02b57299b04c59c4b87",
        "version": "1.2.3",
        "signer": null,
        "pinned_at": "2026-11-27T08:00:00Z"
      },
      "history": []
    }
  }
}
"#;

fn golden() -> Lock {
    let mut lock = Lock::default();
    let bare = Artifact::from_bytes(crate::EMPTY_MODULE.to_vec()).unwrap();
    let (artifact, signature) = signed("1.2.3");
    let trust = &trust(&keys());
    let mut pin = |policy: &str, artifact: &Artifact, proof: Proof<'_>, minute: u8| {
        lock.pin(&name(policy), artifact, proof, moment(minute))
            .unwrap()
    };
    pin("egress", &artifact, Proof::Unsigned, 0);
    pin("checkout", &bare, Proof::Unsigned, 1);
    let signature = &signature;
    pin("checkout", &artifact, Proof::Signed { signature, trust }, 2);
    lock
}

fn problems(text: &str) -> String {
    Lock::from_json(text.as_bytes()).unwrap_err().to_string()
}

fn code(text: &str) -> &'static str {
    Lock::from_json(text.as_bytes()).unwrap_err().code()
}

#[test]
fn the_text_is_always_the_same() {
    assert_eq!(golden().to_json().unwrap(), GOLDEN);
    assert_eq!(Lock::from_json(GOLDEN.as_bytes()).unwrap(), golden());
    let nothing = "{\n  \"wardian_policy_lock\": 1,\n  \"policies\": {}\n}\n";
    assert_eq!(Lock::default().to_json().unwrap(), nothing);
    let listed: Vec<String> = golden().list().map(|(name, _)| name.to_string()).collect();
    assert_eq!(listed, ["checkout", "egress"]);
}

#[test]
fn every_problem_is_told_with_its_place() {
    let text = GOLDEN
        .replacen("sha256:be5b8d", "sha256:BE5B8D", 1)
        .replacen("\"1.2.3\"", "\"\"", 1)
        .replacen("ed25519:11", "ed25519;11", 1)
        .replacen("08:02:00Z", "08:02:00", 1)
        .replacen(
            "sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
            crate::ZERO,
            1,
        )
        .replacen("\"egress\"", "\"../\\u001b~\"", 1);
    assert_eq!(
        problems(&text),
        r#"the lock file has 6 problems
/policies/checkout/active/digest: the digest has digits in upper case, wanted lower case
/policies/checkout/active/version: the version is empty
/policies/checkout/active/signer: the public key does not begin with `ed25519:`
/policies/checkout/active/pinned_at: `2026-11-27T08:02:00` is no moment such as 2026-11-27T08:18:54Z
/policies/checkout/history/0/digest: the digest is all zero
/policies/..~1\u{1b}~0: the policy's name has '.', allowed are `a-z`, `0-9` and, not at first, `_-`"#
    );
    assert_eq!(code(&text), "artifact.lock_problems");
    let one = GOLDEN.replacen("08:01:00Z", "08:61:00Z", 1);
    assert_eq!(
        problems(&one),
        "the lock file has a problem at /policies/checkout/history/0/pinned_at: \
         `2026-11-27T08:61:00Z` is no moment such as 2026-11-27T08:18:54Z"
    );
    assert_eq!(code(&one), "artifact.moment");
}

#[test]
fn a_policy_that_is_there_twice_is_refused() {
    let twice = GOLDEN.replacen("\"egress\"", "\"checkout\"", 1);
    assert_eq!(code(&twice), "artifact.policy_twice");
    // Also where one of them is written with escapes.
    let hidden = GOLDEN.replacen("\"egress\"", "\"\\u0063heckout\"", 1);
    assert_eq!(code(&hidden), "artifact.policy_twice");
}

#[test]
fn what_is_not_written_as_it_should_be_is_no_lock_file() {
    for bad in ["", "null", "{}", "[]", "[1, {}]", "{\"policies\": {}}", "{"] {
        assert_eq!(code(bad), "artifact.lock_json", "{bad}");
    }
    for (from, to, expected) in [
        ("lock\": 1", "lock\": 2, \"new\": 1", "artifact.lock_format"),
        ("lock\": 1", "lock\": 0", "artifact.lock_format"),
        ("lock\": 1", "lock\": -1", "artifact.lock_json"),
        ("lock\": 1", "lock\": 1, \"new\": 1", "artifact.lock_json"),
        ("\"history\": []", "\"history\": null", "artifact.lock_json"),
        ("\"history\": []", "\"history\": {}", "artifact.lock_json"),
        (
            "\"history\": []",
            "\"history\": [], \"history\": []",
            "artifact.lock_json",
        ),
        (
            "\"signer\": null,",
            "\"signer\": null, \"signer\": null,",
            "artifact.lock_json",
        ),
        (
            "\"signer\": null,",
            "\"signer\": \"\",",
            "artifact.key_not_public",
        ),
        (
            "\"signer\": null,",
            "\"signer\": false,",
            "artifact.lock_json",
        ),
        (
            "\"signer\": null,",
            "\"Signer\": null,",
            "artifact.lock_json",
        ),
    ] {
        assert!(GOLDEN.contains(from));
        assert_eq!(code(&GOLDEN.replacen(from, to, 1)), expected, "{to}");
    }
    // A line that is lost is missed; above all the signer's, without which nothing would be verified.
    for (at, line) in GOLDEN.lines().enumerate() {
        if line.trim().len() > 2 {
            let mut lines: Vec<&str> = GOLDEN.lines().collect();
            lines.remove(at);
            assert!(
                Lock::from_json(lines.join("\n").as_bytes()).is_err(),
                "{line}"
            );
        }
    }
    let (open, close) = ("\"active\": {", "}");
    let begin = GOLDEN.find(open).unwrap() + open.len() - 1;
    let end = begin + GOLDEN[begin..].find(close).unwrap() + 1;
    let list = format!(r#"["{}", "1", null, "2026-11-27T08:00:00Z"]"#, digest("a"));
    let text = format!("{}{list}{}", &GOLDEN[..begin], &GOLDEN[end..]);
    assert_eq!(code(&text), "artifact.lock_json");
}

#[test]
fn a_signed_policy_does_not_become_unsigned_by_accident() {
    let mut lock = golden();
    let (policy, new) = (name("checkout"), artifact("1.3.0"));
    let before = lock.clone();
    for same_or_new in [&new, &artifact("1.2.3")] {
        let error = lock
            .pin(&policy, same_or_new, Proof::Unsigned, moment(9))
            .unwrap_err();
        assert_eq!(error.code(), "artifact.signer_dropped");
        assert!(error.hint().is_some());
        assert_eq!(lock, before);
    }
    let change = lock
        .pin(&policy, &new, Proof::DropSigner, moment(9))
        .unwrap();
    assert_eq!(change.signer(), SignerChange::Dropped);
    assert_eq!(lock.active(&policy).unwrap().signer, None);
    assert!(lock.pin(&policy, &new, Proof::Unsigned, moment(9)).is_ok());
}

#[test]
fn the_signer_that_is_pinned_is_looked_up_when_it_is_pinned() {
    let mut lock = Lock::default();
    let policy = name("a");
    let (first, second) = (signed("1").0, signed("2").0);
    let pin = |lock: &mut Lock, artifact: &Artifact, keys: &KeyPair| {
        let signature = &keys.sign(artifact);
        let pinned = lock.pin(
            &policy,
            artifact,
            Proof::SameSigner { signature },
            moment(0),
        );
        pinned.map_err(|error| error.code())
    };
    let unknown = Err("artifact.signer_unknown");
    assert_eq!(pin(&mut lock, &first, &keys()), unknown, "nobody is pinned");
    let proof = Proof::Signed {
        signature: &keys().sign(&first),
        trust: &trust(&keys()),
    };
    lock.pin(&policy, &first, proof, moment(0)).unwrap();
    assert!(pin(&mut lock, &second, &keys()).is_ok());
    assert_eq!(pin(&mut lock, &first, &other_keys()), unknown);
    // The key is exchanged: what the old one signed does not come back.
    let proof = Proof::Signed {
        signature: &other_keys().sign(&first),
        trust: &trust(&other_keys()),
    };
    lock.pin(&policy, &first, proof, moment(0)).unwrap();
    assert_eq!(pin(&mut lock, &second, &keys()), unknown);
    assert!(pin(&mut lock, &second, &other_keys()).is_ok());
}

#[test]
fn a_pin_tells_what_it_changed() {
    let mut lock = Lock::default();
    let policy = name("a");
    let (mine, others) = (trust(&keys()), trust(&other_keys()));
    let mut pin = |version: &str, signer: Option<bool>, minute: u8| {
        let artifact = artifact(version);
        let change = match signer {
            None => lock.pin(&policy, &artifact, Proof::DropSigner, moment(minute)),
            Some(is_mine) => {
                let keys = if is_mine { keys() } else { other_keys() };
                let trust = if is_mine { &mine } else { &others };
                let signature = &keys.sign(&artifact);
                let proof = Proof::Signed { signature, trust };
                lock.pin(&policy, &artifact, proof, moment(minute))
            }
        }
        .unwrap();
        let history = lock.list().next().unwrap().1.history().len();
        (
            change.version(),
            change.signer(),
            change.is_change(),
            history,
        )
    };
    use SignerChange as S;
    use VersionChange as V;
    assert_eq!(pin("1.0", None, 0), (V::First, S::Same, true, 0));
    // The very same again: not even the moment changes.
    assert_eq!(pin("1.0", None, 1), (V::Same, S::Same, false, 0));
    assert_eq!(pin("1.0", Some(true), 2), (V::Same, S::Added, true, 1));
    assert_eq!(pin("1.1", Some(true), 3), (V::Upgrade, S::Same, true, 2));
    assert_eq!(
        pin("1.0.9", Some(false), 4),
        (V::Downgrade, S::Replaced, true, 3)
    );
    assert_eq!(pin("1.0.9+b", None, 5), (V::Sideways, S::Dropped, true, 4));
}

#[test]
fn a_bad_signature_pins_nothing() {
    let mut lock = golden();
    let before = lock.clone();
    let (artifact, signature) = (artifact("2"), keys().sign(&artifact("3")));
    let nobody = Trust::default();
    for (signature, trust, code) in [
        (
            &signature,
            &trust(&keys()),
            "artifact.signature_other_digest",
        ),
        (&keys().sign(&artifact), &nobody, "artifact.signer_unknown"),
    ] {
        let proof = Proof::Signed { signature, trust };
        let error = lock.pin(&name("checkout"), &artifact, proof, moment(9));
        assert_eq!(error.unwrap_err().code(), code);
        assert_eq!(lock, before);
    }
}

#[test]
fn what_is_pinned_is_verified() {
    let lock = golden();
    let (artifact, signature) = signed("1.2.3");
    let mine = trust(&keys());
    let verify = |policy: &str, signature, demand| {
        let verified = lock.verify(&name(policy), &artifact, signature, demand);
        verified
            .map(|verified| verified.signer)
            .map_err(|error| error.code())
    };
    let (signed, by_mine) = (Some(&signature), Demand::SignedBy(&mine));
    let me = Some(keys().public());
    assert_eq!(verify("checkout", signed, Demand::AsPinned), Ok(me));
    assert_eq!(verify("checkout", signed, by_mine), Ok(me));
    assert_eq!(verify("egress", None, Demand::AsPinned), Ok(None));
    // A signature that nobody asked for is not looked at.
    assert_eq!(verify("egress", signed, Demand::AsPinned), Ok(None));
}

#[test]
fn what_is_not_pinned_is_not_verified() {
    let lock = golden();
    let (artifact, signature) = signed("1.2.3");
    let (mine, others) = (trust(&keys()), trust(&other_keys()));
    let other_artifact = crate::artifact("1.2.4");
    let others_signature = other_keys().sign(&artifact);
    let verify = |policy: &str, artifact: &Artifact, signature, demand| {
        let verified = lock.verify(&name(policy), artifact, signature, demand);
        verified
            .map(|verified| verified.signer)
            .map_err(|error| error.code())
    };
    let (signed, by_mine) = (Some(&signature), Demand::SignedBy(&mine));
    let nobody = &Trust::default();
    for (policy, artifact, signature, demand, code) in [
        ("nothing", &artifact, signed, by_mine, "artifact.not_pinned"),
        (
            "checkout",
            &other_artifact,
            signed,
            by_mine,
            "artifact.other_digest",
        ),
        (
            "egress",
            &other_artifact,
            None,
            Demand::AsPinned,
            "artifact.other_digest",
        ),
        (
            "checkout",
            &artifact,
            None,
            Demand::AsPinned,
            "artifact.unsigned",
        ),
        ("checkout", &artifact, None, by_mine, "artifact.unsigned"),
        ("egress", &artifact, signed, by_mine, "artifact.unsigned"),
        (
            "checkout",
            &artifact,
            signed,
            Demand::SignedBy(&others),
            "artifact.signer_unknown",
        ),
        (
            "checkout",
            &artifact,
            signed,
            Demand::SignedBy(nobody),
            "artifact.signer_unknown",
        ),
        (
            "checkout",
            &artifact,
            Some(&others_signature),
            Demand::AsPinned,
            "artifact.signer_other",
        ),
    ] {
        assert_eq!(
            verify(policy, artifact, signature, demand),
            Err(code),
            "{policy}"
        );
    }
}

#[test]
fn the_version_that_a_lock_file_tells_is_the_artifacts_own() {
    let (artifact, signature) = signed("1.2.3");
    let told = GOLDEN.replace("1.2.3", "9.9.9");
    let lock = Lock::from_json(told.as_bytes()).unwrap();
    let signed = Some(&signature);
    let error = lock.verify(&name("checkout"), &artifact, signed, Demand::AsPinned);
    assert_eq!(error.unwrap_err().code(), "artifact.other_version");
}

#[test]
fn history_is_kept_to_its_limit() {
    let mut lock = Lock::default();
    let policy = name("a");
    for n in 0..=HISTORY_MAX + 5 {
        let artifact = artifact(&n.to_string());
        lock.pin(&policy, &artifact, Proof::Unsigned, moment(0))
            .unwrap();
        let (_, pinned) = lock.list().next().unwrap();
        assert_eq!(pinned.history().len(), n.min(HISTORY_MAX));
    }
    let (_, pinned) = lock.list().next().unwrap();
    assert_eq!(pinned.history()[0].version.as_str(), "104");
    assert_eq!(pinned.history()[HISTORY_MAX - 1].version.as_str(), "5");
    let text = lock.to_json().unwrap();
    assert_eq!(Lock::from_json(text.as_bytes()).unwrap(), lock);

    let pin = format!(
        r#"{{"digest": "{}", "version": "1", "signer": null, "pinned_at": "2026-11-27T08:00:00Z"}}"#,
        digest("a")
    );
    let with = |count: usize| {
        let history = vec![&*pin; count].join(",");
        let text = format!(
            r#"{{"wardian_policy_lock": 1, "policies": {{"a": {{"active": {pin}, "history": [{history}]}}}}}}"#
        );
        Lock::from_json(text.as_bytes())
    };
    assert!(with(HISTORY_MAX - 1).is_ok() && with(HISTORY_MAX).is_ok());
    let error = with(HISTORY_MAX + 1).unwrap_err();
    assert_eq!(error.code(), "artifact.history_too_long");
}

#[test]
fn so_many_policies_and_no_more() {
    let mut lock = Lock::default();
    let one = artifact("1");
    for n in 0..POLICIES_MAX {
        let policy = name(&format!("p{n}"));
        lock.pin(&policy, &one, Proof::Unsigned, moment(0)).unwrap();
    }
    let text = lock.to_json().unwrap();
    assert_eq!(Lock::from_json(text.as_bytes()).unwrap(), lock);
    let error = lock.pin(&name("more"), &one, Proof::Unsigned, moment(0));
    assert_eq!(error.unwrap_err().code(), "artifact.too_many_policies");
    // Those that are there may go on.
    let two = artifact("2");
    assert!(
        lock.pin(&name("p0"), &two, Proof::Unsigned, moment(0))
            .is_ok()
    );

    let more = text.replacen(
        "\"p0\"",
        "\"more\": {\"active\": {}, \"history\": []}, \"p0\"",
        1,
    );
    let active = &text[text.find("{\n        \"digest").unwrap()..];
    let active = &active[..=active.find('}').unwrap()];
    let more = more.replacen("\"active\": {}", &format!("\"active\": {active}"), 1);
    assert_eq!(code(&more), "artifact.too_many_policies");
    lock.unpin(&name("p1")).unwrap();
    assert!(
        lock.pin(&name("more"), &one, Proof::Unsigned, moment(0))
            .is_ok()
    );
    let error = lock.unpin(&name("p1")).unwrap_err();
    assert_eq!(error.code(), "artifact.not_pinned");
}

#[test]
fn the_text_has_a_largest_size() {
    for (bytes, is_good) in [
        (LOCK_BYTES_MAX - 1, true),
        (LOCK_BYTES_MAX, true),
        (LOCK_BYTES_MAX + 1, false),
    ] {
        let read = Lock::from_json(padded(GOLDEN, bytes).as_bytes());
        assert_eq!(read.is_ok(), is_good);
        if let Err(error) = read {
            assert_eq!(error.code(), "artifact.lock_too_large");
        }
    }
    // Histories that are too much together cannot be written.
    let mut lock = Lock::default();
    let versions = [artifact(&"a".repeat(64)), artifact(&"b".repeat(64))];
    for n in 0..50 {
        for artifact in versions.iter().cycle().take(HISTORY_MAX + 1) {
            let policy = name(&format!("p{n}"));
            lock.pin(&policy, artifact, Proof::Unsigned, moment(0))
                .unwrap();
        }
    }
    let error = lock.to_json().unwrap_err();
    assert_eq!(error.code(), "artifact.lock_too_large");
}
