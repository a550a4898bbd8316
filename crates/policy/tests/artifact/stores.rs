//! The store, and lock file and store together: what is loaded is what is pinned, or nothing is.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::PathBuf;

use wardian_policy::artifact::{
    ARTIFACT_BYTES_MAX, Artifact, ArtifactError, Demand, Digest, LOCK_FILE, Policies, Proof,
    SIGNATURE_BYTES_MAX, Signature, Store, StoreError, To, VersionChange,
};

use crate::{artifact, digest, keys, moment, name, other_keys, signed, trust};

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        Place { dir }
    }

    fn lock(&self) -> PathBuf {
        self.dir.path().join(LOCK_FILE)
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("deep/policies")
    }

    fn policies(&self) -> Policies {
        Policies::open_or_make(&self.lock(), &self.store()).unwrap()
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.store().join(digest.hex())
    }

    fn signature_file(&self, digest: &Digest) -> PathBuf {
        let id = keys().public().id();
        self.store().join(format!("{}.{id}.sig", digest.hex()))
    }
}

fn pin(policies: &Policies, version: &str) -> Artifact {
    let (artifact, signature) = signed(version);
    let (signature, trust) = (&signature, &trust(&keys()));
    let proof = Proof::Signed { signature, trust };
    policies
        .pin(&name("a"), &artifact, proof, moment(0))
        .unwrap();
    artifact
}

fn load(policies: &Policies) -> Result<String, &'static str> {
    let loaded = policies.load(&name("a"), Demand::AsPinned);
    loaded
        .map(|artifact| artifact.version().to_string())
        .map_err(|error| error.code())
}

#[test]
fn bytes_come_back_as_they_were() {
    let place = Place::new();
    let store = Store::open_or_make(&place.store()).unwrap();
    let one = store.put(b"one").unwrap();
    assert_eq!(one, digest("one"));
    assert_eq!(store.get(&one).unwrap(), b"one");
    assert_eq!(fs::read(place.file(&one)).unwrap(), b"one");
    // What is there is not written again.
    let inode = fs::metadata(place.file(&one)).unwrap().ino();
    assert_eq!(store.put(b"one").unwrap(), one);
    assert_eq!(fs::metadata(place.file(&one)).unwrap().ino(), inode);
    assert!(matches!(store.put(b""), Err(StoreError::Empty)));
    let error = store.put(b"").unwrap_err();
    assert_eq!(error.code(), "artifact.empty");
    let error = store.get(&digest("two")).unwrap_err();
    assert_eq!(error.code(), "artifact.file_missing");
    let error = Store::open(&place.dir.path().join("none")).unwrap_err();
    assert_eq!(error.code(), "artifact.file_missing");
}

#[test]
fn no_byte_of_a_kept_artifact_can_be_changed() {
    let place = Place::new();
    let store = Store::open_or_make(&place.store()).unwrap();
    let bytes = crate::wasm("1.2.3");
    let digest = store.put(&bytes).unwrap();
    for at in 0..bytes.len() {
        let mut tampered = bytes.clone();
        tampered[at] ^= 1;
        fs::write(place.file(&digest), &tampered).unwrap();
        for error in [store.get(&digest).map(drop), store.put(&bytes).map(drop)] {
            let error = error.unwrap_err();
            assert_eq!(error.code(), "artifact.corrupt");
        }
        // It is left for the operator to see.
        assert_eq!(fs::read(place.file(&digest)).unwrap(), tampered);
    }
    for tampered in [&b""[..], &bytes[1..]] {
        fs::write(place.file(&digest), tampered).unwrap();
        assert_eq!(store.get(&digest).unwrap_err().code(), "artifact.corrupt");
    }
    fs::remove_file(place.file(&digest)).unwrap();
    store.put(&bytes).unwrap();
    assert_eq!(store.get(&digest).unwrap(), bytes);
}

#[test]
fn a_kept_artifact_has_a_largest_size() {
    let place = Place::new();
    let store = Store::open_or_make(&place.store()).unwrap();
    let bytes = vec![7; ARTIFACT_BYTES_MAX + 1];
    let most = store.put(&bytes[1..]).unwrap();
    assert_eq!(store.get(&most).unwrap().len(), ARTIFACT_BYTES_MAX);
    let error = store.put(&bytes).unwrap_err();
    assert_eq!(error.code(), "artifact.too_large");
    // One that grew is not even read.
    fs::write(place.file(&most), &bytes).unwrap();
    let error = store.get(&most).unwrap_err();
    assert_eq!(error.code(), "artifact.file_too_large");
}

#[test]
fn a_link_in_a_store_is_not_followed() {
    let place = Place::new();
    let store = Store::open_or_make(&place.store()).unwrap();
    let one = store.put(b"one").unwrap();
    let moved = place.dir.path().join("moved");
    fs::rename(place.file(&one), &moved).unwrap();
    symlink(&moved, place.file(&one)).unwrap();
    assert_eq!(store.get(&one).unwrap_err().code(), "artifact.file_link");
    assert_eq!(store.put(b"one").unwrap_err().code(), "artifact.file_link");
}

#[test]
fn only_genuine_signatures_are_kept() {
    let place = Place::new();
    let store = Store::open_or_make(&place.store()).unwrap();
    let (artifact, signature) = signed("1");
    let (digest, me) = (artifact.digest(), keys().public());
    let error = store.signature(digest, &me).unwrap_err();
    assert_eq!(error.code(), "artifact.unsigned");
    store.put_signature(&signature).unwrap();
    let theirs = other_keys().sign(&artifact);
    store.put_signature(&theirs).unwrap();
    let (mine_text, theirs_text) = (signature.to_json(), theirs.to_json());
    let claimed = theirs_text.replace(&other_keys().public().to_string(), crate::PUBLIC);
    let forged = Signature::from_json(claimed.as_bytes()).unwrap();
    let error = store.put_signature(&forged).unwrap_err();
    assert_eq!(error.code(), "artifact.signature_forged");
    // Both are there, each by its signer.
    assert_eq!(store.signature(digest, &me).unwrap().to_json(), mine_text);
    let kept = store.signature(digest, &other_keys().public()).unwrap();
    assert_eq!(kept.to_json(), theirs_text);
}

#[test]
fn what_is_loaded_is_what_is_pinned() {
    let place = Place::new();
    let policies = place.policies();
    assert_eq!(load(&policies), Err("artifact.file_missing"));
    let open = Policies::open(&place.lock(), &place.store());
    assert_eq!(open.unwrap_err().code(), "artifact.file_missing");
    let artifact = pin(&policies, "1");
    let policies = Policies::open(&place.lock(), &place.store()).unwrap();
    let (mine, others) = (trust(&keys()), trust(&other_keys()));
    for demand in [Demand::AsPinned, Demand::SignedBy(&mine)] {
        let loaded = policies.load(&name("a"), demand).unwrap();
        assert_eq!(loaded.bytes(), artifact.bytes());
        assert_eq!(loaded.digest(), artifact.digest());
        assert_eq!(loaded.signer(), Some(&keys().public()));
    }
    let error = policies.load(&name("a"), Demand::SignedBy(&others));
    assert_eq!(error.unwrap_err().code(), "artifact.signer_unknown");
    let error = policies.load(&name("b"), Demand::AsPinned).unwrap_err();
    assert_eq!(error.code(), "artifact.not_pinned");
    assert_eq!(policies.list().unwrap().list().count(), 1);
    assert_eq!(policies.lock_file().path(), place.lock());
    assert!(policies.store().get(artifact.digest()).is_ok());

    let bytes = artifact.bytes().to_vec();
    let signature = keys().sign(&artifact);
    let verify =
        |bytes: Vec<u8>| policies.verify(&name("a"), bytes, Some(&signature), Demand::AsPinned);
    assert_eq!(verify(bytes).unwrap().signer, Some(keys().public()));
    let error = verify(crate::wasm("2")).unwrap_err();
    assert_eq!(error.code(), "artifact.other_digest");
    assert_eq!(verify(vec![]).unwrap_err().code(), "artifact.not_wasm");
}

/// What is said of a file that is gone or another, which is then put back.
fn broken(policies: &Policies, path: &PathBuf, content: Option<&[u8]>) -> &'static str {
    let good = fs::read(path).unwrap();
    match content {
        Some(content) => fs::write(path, content).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
    let loaded = load(policies);
    fs::write(path, good).unwrap();
    assert_eq!(load(policies), Ok("2".into()));
    loaded.unwrap_err()
}

#[test]
fn there_is_nothing_to_fall_back_to() {
    let place = Place::new();
    let policies = place.policies();
    pin(&policies, "1");
    let two = pin(&policies, "2");
    let (file, signature) = (place.file(two.digest()), place.signature_file(two.digest()));
    let broken = |path: &PathBuf, content: Option<&[u8]>| broken(&policies, path, content);
    assert_eq!(broken(&file, None), "artifact.file_missing");
    assert_eq!(broken(&file, Some(b"")), "artifact.corrupt");
    let one = artifact("1");
    assert_eq!(broken(&file, Some(one.bytes())), "artifact.corrupt");
    assert_eq!(broken(&signature, None), "artifact.unsigned");
    assert_eq!(broken(&signature, Some(b"")), "artifact.signature_json");
    let large = [b' '; SIGNATURE_BYTES_MAX + 1];
    assert_eq!(broken(&signature, Some(&large)), "artifact.file_too_large");
    let of_one = keys().sign(&one).to_json();
    assert_eq!(
        broken(&signature, Some(of_one.as_bytes())),
        "artifact.signature_other_digest"
    );
    let theirs = other_keys().sign(&two).to_json();
    assert_eq!(
        broken(&signature, Some(theirs.as_bytes())),
        "artifact.signer_other"
    );
    let claimed = theirs.replace(&other_keys().public().to_string(), crate::PUBLIC);
    assert_eq!(
        broken(&signature, Some(claimed.as_bytes())),
        "artifact.signature_forged"
    );
}

#[test]
fn a_lock_file_that_is_another_is_no_other_policy() {
    let place = Place::new();
    let policies = place.policies();
    pin(&policies, "1");
    let two = pin(&policies, "2");
    let broken = |path: &PathBuf, content: Option<&[u8]>| broken(&policies, path, content);
    let lock = place.lock();
    assert_eq!(broken(&lock, None), "artifact.file_missing");
    assert_eq!(broken(&lock, Some(b"")), "artifact.lock_json");
    let text = fs::read_to_string(&lock).unwrap();
    for (from, to, code) in [
        (
            two.digest().to_string(),
            String::new(),
            "artifact.digest_empty",
        ),
        (
            two.digest().to_string(),
            crate::ZERO.into(),
            "artifact.digest_zero",
        ),
        (
            two.digest().to_string(),
            digest("nothing").to_string(),
            "artifact.file_missing",
        ),
        (
            "\"version\": \"2\"".into(),
            "\"version\": \"3\"".into(),
            "artifact.other_version",
        ),
        (
            crate::PUBLIC.into(),
            other_keys().public().to_string(),
            "artifact.unsigned",
        ),
    ] {
        let text = text.replacen(&from, &to, 1);
        assert_eq!(broken(&lock, Some(text.as_bytes())), code, "{to}");
    }
}

#[test]
fn rolling_back_has_the_bytes_or_does_not_happen() {
    let place = Place::new();
    let policies = place.policies();
    let policy = name("a");
    let one = pin(&policies, "1");
    let two = pin(&policies, "2");
    let three = pin(&policies, "3");
    let back = |to: To| {
        policies
            .rollback(&policy, &to, Demand::AsPinned)
            .map_err(|error: ArtifactError| error.code())
    };
    let candidate = policies.candidate(&policy, &To::Steps(1), Demand::AsPinned);
    assert_eq!(candidate.unwrap().digest(), two.digest());
    assert_eq!(load(&policies), Ok("3".into()));

    let kept = fs::read(place.file(two.digest())).unwrap();
    let text = fs::read(place.lock()).unwrap();
    fs::remove_file(place.file(two.digest())).unwrap();
    assert_eq!(back(To::Steps(1)).unwrap_err(), "artifact.file_missing");
    fs::write(place.file(two.digest()), b"other").unwrap();
    let by_digest = To::Digest(*two.digest());
    assert_eq!(back(by_digest).unwrap_err(), "artifact.corrupt");
    assert_eq!(fs::read(place.lock()).unwrap(), text);
    assert_eq!(load(&policies), Ok("3".into()));

    fs::write(place.file(two.digest()), kept).unwrap();
    let (change, artifact) = back(by_digest).unwrap();
    assert_eq!(change.version(), VersionChange::Downgrade);
    assert_eq!(artifact.bytes(), two.bytes());
    assert_eq!(load(&policies), Ok("2".into()));
    let (_, artifact) = back(To::Steps(1)).unwrap();
    assert_eq!(artifact.bytes(), one.bytes());
    assert_eq!(
        back(To::Steps(1)).unwrap_err(),
        "artifact.history_too_short"
    );
    // A key that was taken back since ends it too.
    pin(&policies, "2");
    let others = trust(&other_keys());
    let error = policies.rollback(&policy, &To::Steps(1), Demand::SignedBy(&others));
    assert_eq!(error.unwrap_err().code(), "artifact.signer_unknown");
    // What was rolled back is still there to be pinned anew.
    assert!(policies.store().get(three.digest()).is_ok());
}

#[test]
fn a_pin_that_cannot_be_kept_is_none() {
    let place = Place::new();
    let policies = place.policies();
    pin(&policies, "1");
    let two = artifact("2");
    fs::write(place.file(two.digest()), b"squatting").unwrap();
    let proof = Proof::DropSigner;
    let error = policies
        .pin(&name("a"), &two, proof, moment(0))
        .unwrap_err();
    assert_eq!(error.code(), "artifact.corrupt");
    assert!(error.hint().is_some());
    assert_eq!(load(&policies), Ok("1".into()));
}

#[test]
fn policies_are_pinned_by_many_at_once() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let place = &place;
            scope.spawn(move || {
                let policies = place.policies();
                for n in 0..5 {
                    let artifact = artifact(&format!("{writer}.{n}"));
                    let policy = name(&format!("p{writer}"));
                    policies
                        .pin(&policy, &artifact, Proof::Unsigned, moment(0))
                        .unwrap();
                    let loaded = policies.load(&policy, Demand::AsPinned).unwrap();
                    assert_eq!(loaded.digest(), artifact.digest());
                    assert_eq!(loaded.signer(), None);
                }
            });
        }
    });
    let lock = place.policies().list().unwrap();
    assert_eq!(lock.list().count(), 6);
    assert!(lock.list().all(|(_, policy)| policy.history().len() == 4));
}
