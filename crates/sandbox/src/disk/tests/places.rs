//! Links, foreign owners, wrong modes: in an entry's place, in the key's, in the directory's.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

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
