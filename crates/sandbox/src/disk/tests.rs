//! The cache under hostile hands: every way an entry, the key or the directory can be wrong is a miss or a refusal.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Read;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::counters::{ERROR_TYPES_MAX, FILE_BYTES_MAX, NAMES_MAX};
use super::directory::TEMP_PREFIX;
use super::sweep::{TEMP_AGE_MIN, UNUSED_MAX};
use super::*;

const BIG: u64 = 1 << 30;

struct Home {
    root: tempfile::TempDir,
}

impl Home {
    fn new() -> Home {
        Home {
            root: tempfile::tempdir().unwrap(),
        }
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("cache")
    }

    fn config(&self, bytes_max: u64) -> DiskConfig {
        DiskConfig {
            dir: self.dir(),
            key: DiskKey::Own,
            bytes_max,
        }
    }

    fn open(&self) -> DiskCache {
        DiskCache::open(&self.config(BIG), "48.0.8").unwrap()
    }

    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(self.dir())
            .unwrap()
            .map(|item| item.unwrap().path())
            .filter(|path| path.to_str().unwrap().ends_with(ending))
            .collect();
        found.sort();
        found
    }

    fn entries(&self) -> Vec<PathBuf> {
        self.files(".artifact")
    }
}

fn key(n: u8) -> EntryKey {
    EntryKey {
        digest: [n; 32],
        kind: Kind::Core,
        compat: [7; 32],
    }
}

fn artifact(n: u8, len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i as u8).wrapping_mul(31).wrapping_add(n))
        .collect()
}

fn store(cache: &DiskCache, n: u8, len: usize) {
    cache
        .store(
            &key(n),
            StoreMeta {
                name: "resize",
                record: b"record",
            },
            &artifact(n, len),
        )
        .unwrap();
}

fn holds(entry: &Entry, n: u8, len: usize) -> bool {
    let mut bytes = vec![0; usize::try_from(entry.artifact_bytes).unwrap()];
    entry.file.read_exact_at(&mut bytes, 0).unwrap();
    bytes == artifact(n, len)
}

/// The entry is a miss now, was removed, and can be stored and found again.
fn assert_miss_then_heals(cache: &DiskCache, home: &Home, n: u8, len: usize) {
    assert!(cache.lookup(&key(n)).is_none());
    assert!(home.entries().is_empty(), "a bad entry is removed");
    store(cache, n, len);
    assert!(holds(&cache.lookup(&key(n)).unwrap(), n, len));
}

fn set_used(path: &PathBuf, age: Duration) {
    OpenOptions::new()
        .read(true)
        .open(path)
        .unwrap()
        .set_modified(SystemTime::now() - age)
        .unwrap();
}

#[test]
fn what_was_stored_is_found_with_its_name_and_record() {
    let home = Home::new();
    let cache = home.open();
    for len in [
        0,
        1,
        1023,
        (128 << 10) - 1,
        128 << 10,
        (128 << 10) + 1,
        700_000,
    ] {
        store(&cache, 1, len);
        let entry = cache.lookup(&key(1)).unwrap();
        assert!(holds(&entry, 1, len), "length {len}");
        assert_eq!(
            (entry.name.as_str(), entry.record.as_slice()),
            ("resize", b"record".as_slice())
        );
    }
    assert!(cache.lookup(&key(2)).is_none());
    assert!(home.files("tmp").is_empty());
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.dir()), 0o700);
    assert_eq!(mode(&home.entries()[0]), 0o600);
    assert_eq!(mode(&home.dir().join("key")), 0o600);
}

#[test]
fn the_descriptor_is_at_its_beginning_and_its_path_opens_the_same_file() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    let mut entry = cache.lookup(&key(1)).unwrap();
    let mut whole = Vec::new();
    entry.file.read_to_end(&mut whole).unwrap();
    assert!(whole.starts_with(&artifact(1, 5000)));
    fs::remove_file(&home.entries()[0]).unwrap();
    assert_eq!(fs::read(entry.descriptor_path()).unwrap(), whole);
}

#[test]
fn another_process_finds_it_and_another_key_version_or_setting_does_not() {
    let home = Home::new();
    store(&home.open(), 1, 5000);
    assert!(home.open().lookup(&key(1)).is_some());
    assert!(
        home.open()
            .lookup(&EntryKey {
                compat: [8; 32],
                ..key(1)
            })
            .is_none()
    );
    assert!(
        home.open()
            .lookup(&EntryKey {
                kind: Kind::Component,
                ..key(1)
            })
            .is_none()
    );
    assert_eq!(home.entries().len(), 1, "a miss removes nothing");
    let given = DiskConfig {
        key: DiskKey::Given([1; 32]),
        ..home.config(BIG)
    };
    assert!(
        DiskCache::open(&given, "48.0.8")
            .unwrap()
            .lookup(&key(1))
            .is_none()
    );
}

#[test]
fn a_flipped_byte_anywhere_is_a_miss() {
    let home = Home::new();
    let cache = home.open();
    let len = 300_000;
    store(&cache, 1, len);
    let whole = fs::metadata(&home.entries()[0]).unwrap().len();
    let artifact_bytes = len as u64;
    let mut positions: Vec<u64> = (0..20).map(|i| i * artifact_bytes / 20).collect();
    positions.push(artifact_bytes - 1);
    positions.extend(artifact_bytes..whole);
    for at in positions {
        for bit in [0x01, 0x80] {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .open(&home.entries()[0])
                .unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ bit], at).unwrap();
            assert!(cache.lookup(&key(1)).is_none(), "byte {at}, bit {bit:#x}");
            assert!(home.entries().is_empty());
            store(&cache, 1, len);
        }
    }
}

#[test]
fn a_file_of_any_other_length_is_a_miss() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    let whole = fs::read(&home.entries()[0]).unwrap();
    for len in [
        0,
        1,
        31,
        32,
        135,
        136,
        137,
        4999,
        5000,
        5001,
        whole.len() - 1,
        whole.len() + 1,
    ] {
        let mut changed = whole.clone();
        changed.resize(len, 0);
        fs::write(&home.entries()[0], changed).unwrap();
        assert_miss_then_heals(&cache, &home, 1, 5000);
    }
    let mut prefixed = vec![0];
    prefixed.extend(&whole);
    fs::write(&home.entries()[0], prefixed).unwrap();
    assert_miss_then_heals(&cache, &home, 1, 5000);
}

#[test]
fn swapped_files_are_misses() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    store(&cache, 2, 5000);
    let [a, b] = home.entries().try_into().unwrap();
    fs::rename(&a, home.dir().join("aside")).unwrap();
    fs::rename(&b, &a).unwrap();
    fs::rename(home.dir().join("aside"), &b).unwrap();
    assert!(cache.lookup(&key(1)).is_none());
    assert!(cache.lookup(&key(2)).is_none());
    assert!(home.entries().is_empty());
}

/// The footer names what the entry is for, but the proof is the tag: a footer that was rewritten does not help.
#[test]
fn an_entry_relabelled_for_another_module_is_a_miss() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    store(&cache, 2, 5000);
    let [a, b] = home.entries().try_into().unwrap();
    let mut relabelled = fs::read(&a).unwrap();
    let digest_at = relabelled.len() - 32 - 32 - 32;
    relabelled[digest_at..digest_at + 32].copy_from_slice(&[2; 32]);
    fs::write(&b, relabelled).unwrap();
    assert!(cache.lookup(&key(2)).is_none());
    assert!(cache.lookup(&key(1)).is_some());
}

#[test]
fn links_pipes_and_directories_in_an_entrys_place_are_misses() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    let path = home.entries()[0].clone();
    let outside = home.root.path().join("outside");

    fs::rename(&path, &outside).unwrap();
    symlink(&outside, &path).unwrap();
    assert_miss_then_heals(&cache, &home, 1, 5000);
    assert!(outside.exists(), "the link goes, not what it points to");

    fs::remove_file(&outside).unwrap();
    fs::hard_link(&path, &outside).unwrap();
    assert_miss_then_heals(&cache, &home, 1, 5000);

    symlink("nowhere", home.dir().join("aside")).unwrap();
    fs::rename(home.dir().join("aside"), &path).unwrap();
    assert_miss_then_heals(&cache, &home, 1, 5000);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_miss_then_heals(&cache, &home, 1, 5000);

    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    assert_miss_then_heals(&cache, &home, 1, 5000);
}

#[test]
fn an_entry_that_others_may_write_is_a_miss() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&home.entries()[0], Permissions::from_mode(mode)).unwrap();
        assert_miss_then_heals(&cache, &home, 1, 5000);
    }
    fs::set_permissions(&home.entries()[0], Permissions::from_mode(0o644)).unwrap();
    assert!(cache.lookup(&key(1)).is_some());
}

/// Only root can give a file away; elsewhere the owner check is seen through the directory of another user.
#[test]
fn what_belongs_to_another_user_is_refused() {
    let home = Home::new();
    if rustix::process::geteuid().is_root() {
        let cache = home.open();
        store(&cache, 1, 5000);
        std::os::unix::fs::chown(&home.entries()[0], Some(1), None).unwrap();
        assert_miss_then_heals(&cache, &home, 1, 5000);
        std::os::unix::fs::chown(home.dir(), Some(1), None).unwrap();
        assert!(matches!(
            DiskCache::open(&home.config(BIG), "48.0.8"),
            Err(DiskError::Directory { .. })
        ));
    } else {
        let config = DiskConfig {
            dir: PathBuf::from("/usr"),
            ..home.config(BIG)
        };
        assert!(matches!(
            DiskCache::open(&config, "48.0.8"),
            Err(DiskError::Directory { .. })
        ));
    }
}

#[test]
fn a_directory_that_is_a_link_a_file_or_writable_by_others_is_refused() {
    let home = Home::new();
    let refused = |dir: PathBuf| {
        let config = DiskConfig {
            dir,
            ..home.config(BIG)
        };
        matches!(
            DiskCache::open(&config, "48.0.8"),
            Err(DiskError::Directory { .. })
        )
    };
    home.open();
    let link = home.root.path().join("link");
    symlink(home.dir(), &link).unwrap();
    assert!(refused(link.clone()));
    assert!(
        refused(link.join("")),
        "a trailing slash does not lead around the check"
    );
    let file = home.root.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(refused(file));
    for mode in [0o720, 0o702, 0o777, 0o1777] {
        fs::set_permissions(home.dir(), Permissions::from_mode(mode)).unwrap();
        assert!(refused(home.dir()), "mode {mode:o}");
    }
    for mode in [0o700, 0o755] {
        fs::set_permissions(home.dir(), Permissions::from_mode(mode)).unwrap();
        assert!(!refused(home.dir()), "mode {mode:o}");
    }
}

#[test]
fn a_key_that_others_may_know_is_refused() {
    let home = Home::new();
    home.open();
    let key_file = home.dir().join("key");
    let refused = || {
        matches!(
            DiskCache::open(&home.config(BIG), "48.0.8"),
            Err(DiskError::Key { .. })
        )
    };
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&key_file, Permissions::from_mode(mode)).unwrap();
        assert!(refused(), "mode {mode:o}");
    }
    fs::set_permissions(&key_file, Permissions::from_mode(0o600)).unwrap();
    assert!(!refused());
    fs::hard_link(&key_file, home.root.path().join("second")).unwrap();
    assert!(refused());
    fs::remove_file(&key_file).unwrap();
    symlink(home.root.path().join("second"), &key_file).unwrap();
    assert!(refused());
}

#[test]
fn a_new_key_makes_old_entries_misses_and_a_broken_key_is_replaced() {
    let home = Home::new();
    store(&home.open(), 1, 5000);
    for len in [0, 31, 33] {
        fs::write(home.dir().join("key"), vec![0; len]).unwrap();
        let cache = home.open();
        assert_eq!(fs::metadata(home.dir().join("key")).unwrap().len(), 32);
        assert_miss_then_heals(&cache, &home, 1, 5000);
    }
}

#[test]
fn many_that_start_at_once_agree_on_one_key() {
    for _ in 0..20 {
        let home = Home::new();
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| home.open().key)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0] && *key != [0; 32]));
    }
}

/// Writers of the same and of different entries, readers, a sweeper and a clearer: a reader gets the right bytes or
/// a miss, never anything else, and nothing half-written stays behind.
#[test]
fn concurrent_writers_readers_and_sweepers_never_see_half_an_entry() {
    let home = Home::new();
    home.open();
    std::thread::scope(|scope| {
        for n in 0..4u8 {
            let home = &home;
            scope.spawn(move || {
                let cache = home.open();
                for _ in 0..40 {
                    store(&cache, n % 2, 200_000);
                    if let Some(entry) = cache.lookup(&key((n + 1) % 2)) {
                        assert!(holds(&entry, (n + 1) % 2, 200_000));
                    }
                    if n == 3 {
                        cache.sweep();
                        cache.clear();
                    }
                }
            });
        }
    });
    let temps = fs::read_dir(home.dir()).unwrap().filter(|item| {
        item.as_ref()
            .unwrap()
            .file_name()
            .to_str()
            .unwrap()
            .starts_with(TEMP_PREFIX)
    });
    assert_eq!(temps.count(), 0);
}

#[test]
fn bytes_max_holds_on_both_sides() {
    let home = Home::new();
    let size = {
        store(&home.open(), 1, 5000);
        fs::metadata(&home.entries()[0]).unwrap().len()
    };
    home.open().clear();
    let exact = DiskCache::open(&home.config(2 * size), "48.0.8").unwrap();
    store(&exact, 1, 5000);
    store(&exact, 2, 5000);
    assert_eq!(home.entries().len(), 2, "exactly bytes_max is kept");
    store(&exact, 2, 5000);
    assert_eq!(
        home.entries().len(),
        2,
        "replacing an entry evicts no other"
    );
    let less = DiskCache::open(&home.config(2 * size - 1), "48.0.8").unwrap();
    assert_eq!(
        home.entries().len(),
        1,
        "one byte less is one entry less, already when opening"
    );
    store(&less, 3, 5000);
    assert_eq!(home.entries().len(), 1);
    assert!(less.lookup(&key(3)).is_some());

    let one = DiskCache::open(&home.config(size), "48.0.8").unwrap();
    store(&one, 4, 5000);
    let none = DiskCache::open(&home.config(size - 1), "48.0.8").unwrap();
    let refused = none.store(
        &key(5),
        StoreMeta {
            name: "resize",
            record: b"record",
        },
        &artifact(5, 5000),
    );
    assert!(
        matches!(refused, Err(DiskError::TooLarge { bytes, max }) if bytes == size && max == size - 1)
    );
}

#[test]
fn the_least_recently_used_goes_first() {
    let home = Home::new();
    let cache = home.open();
    for n in 1..=3 {
        store(&cache, n, 5000);
    }
    for path in home.entries() {
        set_used(&path, Duration::from_secs(3600));
    }
    assert!(cache.lookup(&key(1)).is_some(), "a lookup counts as a use");
    let size = fs::metadata(&home.entries()[0]).unwrap().len();
    let two = DiskCache::open(&home.config(2 * size), "48.0.8").unwrap();
    store(&two, 4, 5000);
    let left: Vec<u8> = two.list().iter().map(|info| info.key.digest[0]).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&1) && left.contains(&4), "left: {left:?}");
}

#[test]
fn the_sweep_removes_other_versions_the_long_unused_and_the_half_written() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    store(&cache, 2, 5000);
    store(
        &DiskCache {
            version: "47.0.0-1".to_owned(),
            ..home.open()
        },
        3,
        5000,
    );
    let mine = |n: u8| {
        home.dir()
            .join(EntryName::new("48.0.8-1", &key(n)).to_string())
    };
    set_used(&mine(1), UNUSED_MAX + Duration::from_secs(60));
    set_used(&mine(2), UNUSED_MAX - Duration::from_secs(60));
    for (name, age) in [
        ("old", TEMP_AGE_MIN * 2),
        ("locked", TEMP_AGE_MIN * 2),
        ("new", Duration::ZERO),
    ] {
        let path = home.dir().join(format!("{TEMP_PREFIX}{name}"));
        fs::write(&path, "half").unwrap();
        set_used(&path, age);
    }
    fs::write(home.dir().join("someone's notes.txt"), "not ours").unwrap();
    let locked = fs::File::open(home.dir().join(format!("{TEMP_PREFIX}locked"))).unwrap();
    rustix::fs::flock(&locked, rustix::fs::FlockOperation::LockExclusive).unwrap();

    assert_eq!(
        home.open().sweep(),
        Swept::default(),
        "opening has swept already"
    );
    let mut left: Vec<String> = fs::read_dir(home.dir())
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let expected = vec![
        ".tmp-locked".to_owned(),
        ".tmp-new".to_owned(),
        mine(2).file_name().unwrap().to_str().unwrap().to_owned(),
        "key".to_owned(),
        "key.lock".to_owned(),
        "someone's notes.txt".to_owned(),
    ];
    assert_eq!(left, expected);
}

#[test]
fn list_and_clear_tell_what_is_there() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    cache
        .store(
            &key(2),
            StoreMeta {
                name: "alpha",
                record: &[],
            },
            b"x",
        )
        .unwrap();
    let listed = cache.list();
    assert_eq!(
        listed
            .iter()
            .map(|info| info.name.as_str())
            .collect::<Vec<_>>(),
        ["alpha", "resize"]
    );
    assert_eq!(listed[1].key, key(1));
    assert!(listed[1].created.elapsed().unwrap() < Duration::from_secs(60));
    let bytes = listed.iter().map(|info| info.bytes).sum();
    assert_eq!(cache.clear(), Swept { entries: 2, bytes });
    assert!(cache.list().is_empty());
    store(&cache, 1, 5000);
    assert!(cache.lookup(&key(1)).is_some(), "the key survived");
}

#[test]
fn long_names_are_cut_at_a_character_and_long_records_left_out() {
    let home = Home::new();
    let cache = home.open();
    for (bytes, left) in [
        (NAME_BYTES_MAX - 1, NAME_BYTES_MAX - 1),
        (NAME_BYTES_MAX, NAME_BYTES_MAX),
        (NAME_BYTES_MAX + 1, NAME_BYTES_MAX),
    ] {
        cache
            .store(
                &key(1),
                StoreMeta {
                    name: &"n".repeat(bytes),
                    record: &[],
                },
                b"x",
            )
            .unwrap();
        assert_eq!(cache.lookup(&key(1)).unwrap().name.len(), left);
    }
    cache
        .store(
            &key(1),
            StoreMeta {
                name: &"é".repeat(100),
                record: &[],
            },
            b"x",
        )
        .unwrap();
    assert_eq!(cache.lookup(&key(1)).unwrap().name, "é".repeat(64));
    for (bytes, left) in [
        (RECORD_BYTES_MAX, RECORD_BYTES_MAX),
        (RECORD_BYTES_MAX + 1, 0),
    ] {
        cache
            .store(
                &key(1),
                StoreMeta {
                    name: "n",
                    record: &vec![5; bytes],
                },
                b"x",
            )
            .unwrap();
        assert_eq!(cache.lookup(&key(1)).unwrap().record.len(), left);
    }
}

#[test]
fn odd_engine_versions_make_plain_file_names() {
    for version in ["", "../..", "a/b", "48.0.8\0", &"9".repeat(33)] {
        let home = Home::new();
        let cache = DiskCache::open(&home.config(BIG), version).unwrap();
        store(&cache, 1, 100);
        assert!(cache.lookup(&key(1)).is_some(), "{version:?}");
        assert_eq!(home.entries().len(), 1);
        assert!(
            home.entries()[0]
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .parse::<EntryName>()
                .is_ok()
        );
    }
}

#[test]
fn a_directory_that_went_away_or_is_read_only_is_an_error_and_a_miss_not_a_panic() {
    let home = Home::new();
    let cache = home.open();
    store(&cache, 1, 5000);
    fs::remove_dir_all(home.dir()).unwrap();
    assert!(cache.lookup(&key(1)).is_none());
    let refused = cache.store(&key(1), StoreMeta::default(), b"x");
    assert!(matches!(refused, Err(DiskError::Io { .. })));
    assert!(cache.list().is_empty());
    assert!(cache.counters().add("resize", &Delta::default()).is_err());
}

#[test]
fn equal_settings_have_equal_compatibility_and_others_do_not() {
    assert_eq!(compat_of(&("fuel", 1)), compat_of(&("fuel", 1)));
    assert_ne!(compat_of(&("fuel", 1)), compat_of(&("time", 1)));
}

fn delta(calls: u64, error: &str) -> Delta {
    Delta {
        loads: 1,
        calls,
        fuel: 10,
        errors: vec![(error.to_owned(), 1)],
    }
}

#[test]
fn counters_add_up_over_many_writers() {
    let home = Home::new();
    home.open();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let counters = Counters::open(&home.dir()).unwrap();
                for _ in 0..25 {
                    counters.add("resize", &delta(2, "oom")).unwrap();
                }
            });
        }
    });
    let sums = home.open().counters().read("resize").unwrap();
    assert_eq!(
        (sums.loads, sums.calls, sums.fuel, sums.errors["oom"]),
        (100, 200, 1000, 100)
    );
    assert!(sums.last_used().elapsed().unwrap() < Duration::from_secs(60));
    assert_eq!(home.open().counters().read("other"), None);
}

#[test]
fn counters_are_bounded_in_names_types_and_sums() {
    let home = Home::new();
    let counters = home.open().counters();
    let names: Vec<String> = (0..NAMES_MAX).map(|i| format!("module-{i}")).collect();
    let once = delta(1, "oom");
    counters
        .add_all(names.iter().map(|name| (name.as_str(), &once)))
        .unwrap();
    assert_eq!(counters.all().len(), NAMES_MAX);
    counters.add("one more", &once).unwrap();
    assert_eq!(counters.all().len(), NAMES_MAX);
    assert!(counters.read("one more").is_some());

    for i in 0..=ERROR_TYPES_MAX {
        counters
            .add("one more", &delta(u64::MAX, &format!("type {i}")))
            .unwrap();
    }
    let sums = counters.read("one more").unwrap();
    assert_eq!((sums.errors.len(), sums.calls), (ERROR_TYPES_MAX, u64::MAX));

    let long = "n".repeat(NAME_BYTES_MAX + 1);
    counters.add(&long, &once).unwrap();
    assert_eq!(counters.read(&long).unwrap().calls, 1);
    assert!(
        counters
            .all()
            .keys()
            .all(|name| name.len() <= NAME_BYTES_MAX)
    );
}

#[test]
fn counters_of_a_broken_file_start_from_zero() {
    let home = Home::new();
    let counters = home.open().counters();
    let path = home.dir().join("counters.json");
    counters.add("resize", &delta(1, "oom")).unwrap();
    let mut too_large = fs::read(&path).unwrap();
    too_large.resize(usize::try_from(FILE_BYTES_MAX).unwrap(), b' ');
    fs::write(&path, &too_large).unwrap();
    assert_eq!(counters.all().len(), 1, "exactly the largest file is read");
    too_large.push(b' ');
    for broken in [
        too_large.as_slice(),
        b"",
        b"{",
        b"[]",
        b"{\"resize\": 5}",
        &[0xff; 100],
    ] {
        fs::write(&path, broken).unwrap();
        assert!(counters.all().is_empty());
        counters.add("resize", &delta(1, "oom")).unwrap();
        assert_eq!(counters.read("resize").unwrap().calls, 1);
    }
}
