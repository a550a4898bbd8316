//! The lock file on disk: many writers, killed ones, links, modes and owners.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use wardian_policy::artifact::{
    Artifact, ArtifactError, LOCK_BYTES_MAX, LOCK_FILE, Lock, LockFile, Proof,
};

use crate::{artifact, digest, moment, name, padded, wasm};

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        Place { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn lock(&self) -> LockFile {
        LockFile::at(&self.path(LOCK_FILE)).unwrap()
    }

    fn pin(&self, policy: &str, version: &str) -> Result<(), ArtifactError> {
        self.lock().change(|lock| {
            let artifact = artifact(version);
            lock.pin(&name(policy), &artifact, Proof::Unsigned, moment(0))?;
            Ok(())
        })
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path(LOCK_FILE)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn code<T>(result: Result<T, ArtifactError>) -> &'static str {
    result.err().unwrap().code()
}

#[test]
fn a_lock_file_that_is_not_there_is_an_error_until_something_is_pinned() {
    let place = Place::new();
    assert_eq!(code(place.lock().read()), "artifact.file_missing");
    place.pin("a", "1").unwrap();
    let lock = place.lock().read().unwrap();
    assert_eq!(lock.active(&name("a")).unwrap().version.as_str(), "1");
    assert_eq!(place.text(), lock.to_json().unwrap());
    assert_eq!(
        place.names(),
        [".wardian-policy.lock.held", "wardian-policy.lock"]
    );
    let error = LockFile::at(&place.path("nowhere/x.lock")).unwrap_err();
    assert_eq!(error.code(), "artifact.file_missing");
    for nothing in ["/", "..", ""] {
        let error = LockFile::at(Path::new(nothing)).unwrap_err();
        assert_eq!(error.code(), "artifact.file_no_name", "{nothing}");
    }
    for bad in ["", "{}", "{\"wardian_policy_lock\": 1}"] {
        fs::write(place.path(LOCK_FILE), bad).unwrap();
        assert_eq!(code(place.lock().read()), "artifact.lock_json");
        assert_eq!(code(place.pin("a", "1")), "artifact.lock_json");
        assert_eq!(place.text(), bad);
    }
}

#[test]
fn a_change_that_fails_or_is_none_writes_nothing() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let (text, inode) = (
        place.text(),
        fs::metadata(place.path(LOCK_FILE)).unwrap().ino(),
    );
    let failed = place.lock().change(|lock| {
        lock.unpin(&name("a"))?;
        Err::<(), ArtifactError>(
            "".parse::<wardian_policy::artifact::Digest>()
                .unwrap_err()
                .into(),
        )
    });
    assert_eq!(code(failed), "artifact.digest_empty");
    place.pin("a", "1").unwrap();
    assert_eq!(place.text(), text);
    assert_eq!(fs::metadata(place.path(LOCK_FILE)).unwrap().ino(), inode);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    const WRITERS: usize = 8;
    const PINS: usize = 10;
    let place = Place::new();
    place.pin("shared", "0").unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let place = &place;
            scope.spawn(move || {
                for n in 0..PINS {
                    place.pin(&format!("own{writer}"), &n.to_string()).unwrap();
                    place.pin("shared", &format!("{writer}.{n}")).unwrap();
                }
            });
        }
        // A reader takes no turn and never sees half of it.
        scope.spawn(|| {
            for _ in 0..200 {
                place.lock().read().unwrap();
            }
        });
    });
    let lock = place.lock().read().unwrap();
    assert_eq!(lock.list().count(), WRITERS + 1);
    for (policy, pinned) in lock.list() {
        match policy.as_str() {
            "shared" => assert_eq!(pinned.history().len(), WRITERS * PINS),
            _ => assert_eq!(pinned.history().len(), PINS - 1),
        }
    }
}

#[test]
fn a_writer_that_does_not_end_is_told_of_and_waited_for_no_longer() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let busy = place.lock().change(|_| {
        let impatient = place.lock().waiting(Duration::from_millis(20));
        let error = code(impatient.change(|_| Ok(())));
        // Reading goes on.
        assert!(place.lock().read().is_ok());
        Ok(error)
    });
    assert_eq!(busy.unwrap(), "artifact.file_busy");
    // Its end, even by an error, lets the next one in.
    place.pin("a", "2").unwrap();
}

#[test]
fn whoever_writes_without_taking_a_turn_is_noticed() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let mut theirs = place.lock().read().unwrap();
    theirs
        .pin(&name("b"), &artifact("7"), Proof::Unsigned, moment(0))
        .unwrap();
    let theirs = theirs.to_json().unwrap();
    let changed = place.lock().change(|lock| {
        fs::write(place.path(LOCK_FILE), &theirs).unwrap();
        lock.pin(&name("a"), &artifact("2"), Proof::Unsigned, moment(0))
    });
    assert_eq!(code(changed), "artifact.file_changed");
    assert_eq!(place.text(), theirs);
    // Also where there was none before, or is none now.
    fs::remove_file(place.path(LOCK_FILE)).unwrap();
    let changed = place.lock().change(|lock| {
        fs::write(place.path(LOCK_FILE), &theirs).unwrap();
        lock.pin(&name("a"), &artifact("2"), Proof::Unsigned, moment(0))
    });
    assert_eq!(code(changed), "artifact.file_changed");
    let changed = place.lock().change(|lock| {
        fs::remove_file(place.path(LOCK_FILE)).unwrap();
        lock.pin(&name("a"), &artifact("2"), Proof::Unsigned, moment(0))
    });
    assert_eq!(code(changed), "artifact.file_changed");
}

/// Who cleans up a checkout takes the right to write away from who has it.
#[test]
fn a_writer_whose_turn_was_removed_writes_nothing() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let before = place.text();
    let held = place.path(&format!(".{LOCK_FILE}.held"));
    let changed = place.lock().change(|lock| {
        fs::remove_file(&held).unwrap();
        lock.pin(&name("a"), &artifact("2"), Proof::Unsigned, moment(0))
    });
    assert_eq!(code(changed), "artifact.file_changed");
    let changed = place.lock().change(|lock| {
        fs::remove_file(&held).unwrap();
        fs::write(&held, "").unwrap();
        lock.pin(&name("a"), &artifact("2"), Proof::Unsigned, moment(0))
    });
    assert_eq!(code(changed), "artifact.file_changed");
    assert_eq!(place.text(), before);
    place.pin("a", "2").unwrap();
}

#[test]
fn what_a_killed_writer_left_is_not_read_and_goes_away() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let before = place.lock().read().unwrap();
    let temp = place.path(".wardian-policy.lock.tmp");
    fs::write(&temp, &place.text()[..100]).unwrap();
    assert_eq!(place.lock().read().unwrap(), before);
    place.pin("a", "2").unwrap();
    assert!(!temp.exists());
    // Nor is a link in its place followed.
    let elsewhere = place.path("elsewhere");
    fs::write(&elsewhere, "precious").unwrap();
    symlink(&elsewhere, &temp).unwrap();
    place.pin("a", "3").unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    assert_eq!(place.lock().read().unwrap().list().count(), 1);
    // Where the file cannot be written at all, the old one stays.
    fs::create_dir(&temp).unwrap();
    let text = place.text();
    assert_eq!(code(place.pin("a", "4")), "artifact.file_exists");
    assert_eq!(place.text(), text);
}

#[test]
fn only_a_regular_file_is_read() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let path = place.path(LOCK_FILE);
    let moved = place.path("moved");
    fs::rename(&path, &moved).unwrap();
    symlink(&moved, &path).unwrap();
    assert_eq!(code(place.lock().read()), "artifact.file_link");
    assert_eq!(code(place.pin("a", "2")), "artifact.file_link");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(code(place.lock().read()), "artifact.file_not_regular");
    fs::remove_dir(&path).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, mode, 0).unwrap();
    assert_eq!(code(place.lock().read()), "artifact.file_not_regular");
    fs::remove_file(&path).unwrap();

    // The folder may be reached through a link.
    fs::rename(&moved, &path).unwrap();
    let other = Place::new();
    symlink(place.dir.path(), other.path("project")).unwrap();
    let through = LockFile::at(&other.path("project").join(LOCK_FILE)).unwrap();
    assert!(through.read().is_ok());
}

#[test]
fn a_file_that_others_could_change_is_refused() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let path = place.path(LOCK_FILE);
    for (mode, is_good) in [
        (0o600, true),
        (0o644, true),
        (0o664, true),
        (0o646, false),
        (0o666, false),
    ] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(place.lock().read().is_ok(), is_good, "{mode:o}");
    }
    assert_eq!(code(place.lock().read()), "artifact.file_mode");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();

    for (mode, is_good) in [(0o755, true), (0o775, true), (0o777, false), (0o1777, true)] {
        fs::set_permissions(place.dir.path(), Permissions::from_mode(mode)).unwrap();
        assert_eq!(LockFile::at(&path).is_ok(), is_good, "{mode:o}");
    }
    // Only root may give files away; elsewhere there is nobody to give them to.
    if rustix::process::geteuid().is_root() {
        chown(&path, Some(4242), None).unwrap();
        assert_eq!(code(place.lock().read()), "artifact.file_owner");
        // Whom the folder belongs to may have what is in it.
        chown(place.dir.path(), Some(4242), None).unwrap();
        assert!(place.lock().read().is_ok());
    }
}

#[test]
fn a_lock_file_on_disk_has_a_largest_size() {
    let place = Place::new();
    place.pin("a", "1").unwrap();
    let text = place.text();
    for (bytes, is_good) in [(LOCK_BYTES_MAX, true), (LOCK_BYTES_MAX + 1, false)] {
        fs::write(place.path(LOCK_FILE), padded(&text, bytes)).unwrap();
        assert_eq!(place.lock().read().is_ok(), is_good);
    }
    assert_eq!(code(place.lock().read()), "artifact.file_too_large");
}

#[test]
fn a_named_artifact_is_read_and_no_other() {
    let place = Place::new();
    let path = place.path("POLICY.wasm");
    assert_eq!(code(Artifact::read(&path)), "artifact.file_missing");
    fs::write(&path, wasm("1")).unwrap();
    let one = artifact("1");
    assert_eq!(Artifact::read(&path).unwrap(), one);
    assert_eq!(Artifact::read_pinned(&path, one.digest()).unwrap(), one);
    let other = Artifact::read_pinned(&path, &digest("other"));
    assert_eq!(code(other), "artifact.other_digest");
    fs::write(&path, "").unwrap();
    assert_eq!(code(Artifact::read(&path)), "artifact.not_wasm");
    let empty = Artifact::read_pinned(&path, &digest(""));
    assert_eq!(code(empty), "artifact.not_wasm");
    assert_eq!(one.clone().into_bytes(), one.bytes());
    assert!(Lock::default().list().next().is_none());
}
