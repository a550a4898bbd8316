//! What is removed, what stays, and many processes at once.

use super::super::directory::TEMP_PREFIX;
use super::super::sweep::{CLOCK_SKEW_MAX, TEMP_AGE_MIN, UNUSED_MAX};
use super::*;

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

const ROLE: &str = "WARDIAN_TEST_SMALL_DISK";

/// The process that may only write small files is this test binary, started again by a shell that limits it.
#[test]
fn a_write_that_does_not_fit_is_an_error_and_leaves_nothing_behind() {
    if std::env::var_os(ROLE).is_some() {
        let home = Home::new();
        let cache = home.open();
        store(&cache, 1, 5000);
        for len in [100_000, 1_000_000] {
            let refused = cache.store(&key(1), StoreMeta::default(), &artifact(9, len));
            assert!(matches!(refused, Err(DiskError::Io { .. })), "{refused:?}");
            let refused = cache.store(&key(2), StoreMeta::default(), &artifact(2, len));
            assert!(matches!(refused, Err(DiskError::Io { .. })), "{refused:?}");
        }
        assert_eq!(
            fs::read_dir(home.dir()).unwrap().count(),
            3,
            "entry, key, lock"
        );
        assert!(
            holds(&cache.lookup(&key(1)).unwrap(), 1, 5000),
            "the earlier entry is untouched"
        );
        return;
    }
    let test =
        "disk::tests::upkeep::a_write_that_does_not_fit_is_an_error_and_leaves_nothing_behind";
    let output = std::process::Command::new("/bin/sh")
        .args([
            "-c",
            r#"trap '' XFSZ; ulimit -f 64; exec "$0" --exact "$1""#,
        ])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(ROLE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn a_lock_that_is_never_given_back_is_an_error_in_the_end() {
    let home = Home::new();
    let counters = home.open().counters();
    counters.add("resize", &Delta::default()).unwrap();
    let held = fs::File::open(home.dir().join("counters.lock")).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert!(matches!(
        counters.add("resize", &Delta::default()),
        Err(DiskError::Io { .. })
    ));
    assert!(counters.read("resize").is_some(), "reading needs no lock");
    drop(held);
    counters.add("resize", &Delta::default()).unwrap();
}

#[test]
fn the_number_of_entries_has_two_sides() {
    let home = Home::new();
    let cache = home.open();
    for n in 1..=3 {
        store(&cache, n, 100);
    }
    for (entries_max, left) in [(4, 3), (3, 3), (2, 2)] {
        cache.evict(
            cache.scan().entries,
            BIG,
            entries_max,
            &mut Swept::default(),
        );
        assert_eq!(home.entries().len(), left);
    }
}

#[test]
fn a_time_in_the_future_is_no_way_to_live_for_ever() {
    let home = Home::new();
    let cache = home.open();
    for (n, ahead) in [(1, CLOCK_SKEW_MAX / 2), (2, CLOCK_SKEW_MAX * 2)] {
        store(&cache, n, 100);
        let path = home
            .dir()
            .join(EntryName::new("48.0.8-1", &key(n)).to_string());
        fs::File::open(path)
            .unwrap()
            .set_modified(SystemTime::now() + ahead)
            .unwrap();
    }
    cache.sweep();
    let left: Vec<u8> = cache.list().iter().map(|info| info.key.digest[0]).collect();
    assert_eq!(left, [1]);
}
