//! Modules compiled ahead: who may own them, who may write there, what is wrong with them, and that nothing is ever
//! changed.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

/// A directory as a deployer makes it, with two entries.
fn made(home: &Home) -> AheadConfig {
    let config = AheadConfig {
        dir: home.dir(),
        key: DiskKey::Own,
    };
    let writer = AheadWriter::create(&config, "48.0.8").unwrap();
    store(&writer.cache, 1, 5000);
    store(&writer.cache, 2, 5000);
    config
}

fn open(config: &AheadConfig) -> AheadCache {
    AheadCache::open(config, "48.0.8").unwrap()
}

fn found(cache: &AheadCache, n: u8) -> Option<Entry> {
    cache.lookup(&key(n)).unwrap()
}

fn refused(config: &AheadConfig) -> AheadError {
    let error = AheadCache::open(config, "48.0.8").unwrap_err();
    assert_eq!(config.check(), Err(error.clone()));
    error
}

fn chmod(path: impl AsRef<std::path::Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Everything that could be seen to change: names, bytes, modes, times.
fn state(home: &Home) -> Vec<(PathBuf, Vec<u8>, u32, i64, i64)> {
    let of = |path: PathBuf| {
        let meta = fs::symlink_metadata(&path).unwrap();
        let bytes = fs::read(&path).unwrap_or_default();
        (path, bytes, meta.mode(), meta.mtime(), meta.mtime_nsec())
    };
    home.files("").into_iter().map(of).collect()
}

#[test]
fn what_was_made_can_be_read_by_all_and_is_never_changed() {
    let home = Home::new();
    let config = made(&home);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(home.dir()), 0o755);
    assert_eq!(mode(home.dir().join("key")), 0o644);
    assert!(home.entries().into_iter().all(|path| mode(path) == 0o644));
    for path in home.entries() {
        set_used(&path, 400 * Duration::from_secs(86_400));
    }
    fs::write(home.dir().join(".tmp-abandoned"), "x").unwrap();
    let foreign = home.entries()[0]
        .to_str()
        .unwrap()
        .replace("48.0.8-1", "7.0.0-1");
    fs::write(foreign, "of another version").unwrap();
    let before = state(&home);
    let cache = open(&config);
    for n in [1, 2] {
        assert!(holds(&found(&cache, n).unwrap(), n, 5000));
        assert!(cache.has(&key(n)) && cache.has_module(&[n; 32]));
    }
    assert!(found(&cache, 3).is_none());
    assert!(!cache.has(&key(3)) && !cache.has_module(&[3; 32]));
    assert_eq!(state(&home), before, "no date, no sweep, no repair");
}

#[test]
fn what_a_deployer_made_is_made_again_without_change() {
    let home = Home::new();
    let config = made(&home);
    let key_before = fs::read(home.dir().join("key")).unwrap();
    made(&home);
    assert_eq!(fs::read(home.dir().join("key")).unwrap(), key_before);
    assert_eq!(home.entries().len(), 2);
    // A directory that was there keeps its mode: it is the deployer's.
    chmod(home.dir(), 0o750);
    made(&home);
    assert_eq!(fs::metadata(home.dir()).unwrap().mode() & 0o777, 0o750);
    open(&config);
}

#[test]
fn bad_entries_are_misses_and_stay() {
    type Damage = fn(&PathBuf, &Home);
    let damages: [(&str, Damage); 9] = [
        ("a flipped byte", |path, _| {
            let mut bytes = fs::read(path).unwrap();
            bytes[2500] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("cut short", |path, _| {
            fs::write(path, &fs::read(path).unwrap()[..4000]).unwrap();
        }),
        ("nothing in it", |path, _| fs::write(path, "").unwrap()),
        ("another module's entry", |path, home| {
            let other = home.entries().into_iter().find(|p| p != path).unwrap();
            fs::copy(other, path).unwrap();
        }),
        ("the group may write", |path, _| chmod(path, 0o664)),
        ("all may write", |path, _| chmod(path, 0o646)),
        ("a link to a good entry", |path, home| {
            let aside = home.root.path().join("aside");
            fs::rename(path, &aside).unwrap();
            symlink(&aside, path).unwrap();
        }),
        ("a directory", |path, _| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("a pipe", |path, _| {
            fs::remove_file(path).unwrap();
            let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
            rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let home = Home::new();
        let config = made(&home);
        let one = open(&config);
        let digest = blake3::Hash::from_bytes([1; 32]).to_hex();
        let path = home.files(&format!("{digest}.artifact")).remove(0);
        damage(&path, &home);
        for _ in 0..2 {
            assert!(one.lookup(&key(1)).is_err(), "{name}");
            assert!(open(&config).lookup(&key(1)).is_err(), "{name}");
        }
        assert!(fs::symlink_metadata(&path).is_ok(), "{name}: it stays");
    }
}

/// Package stores give equal files one inode; nobody else may write to it all the same.
#[test]
fn a_second_name_of_an_entry_is_no_harm() {
    let home = Home::new();
    let config = made(&home);
    for path in home.files("") {
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::hard_link(&path, home.root.path().join(name)).unwrap();
    }
    assert!(holds(&found(&open(&config), 1).unwrap(), 1, 5000));
}

#[test]
fn directories_that_others_could_change_are_refused() {
    let home = Home::new();
    let config = made(&home);
    for mode in [0o775, 0o757, 0o777, 0o1777] {
        chmod(home.dir(), mode);
        assert!(
            refused(&config).to_string().contains("others may write"),
            "mode {mode:o}"
        );
    }
    for mode in [0o555, 0o700, 0o755] {
        chmod(home.dir(), mode);
        open(&config);
        assert_eq!(config.check(), Ok(()));
    }
    chmod(home.dir(), 0o755);
    let at = |dir: PathBuf| AheadConfig {
        dir,
        ..config.clone()
    };
    let link = home.root.path().join("link");
    symlink(home.dir(), &link).unwrap();
    for dir in [link.clone(), link.join("")] {
        assert!(refused(&at(dir)).to_string().contains("it is a link"));
    }
    let gone = home.root.path().join("gone");
    assert!(matches!(
        refused(&at(gone.clone())),
        AheadError::Directory { .. }
    ));
    assert!(!gone.exists(), "it is not made");
    let file = home.root.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refused(&at(file)), AheadError::Directory { .. }));
}

#[test]
fn keys_that_are_none_or_that_others_could_change_are_refused() {
    let home = Home::new();
    let config = made(&home);
    let key_file = home.dir().join("key");
    let good = fs::read(&key_file).unwrap();
    let is_refused = || matches!(refused(&config), AheadError::Key { .. });
    for mode in [0o664, 0o646, 0o666] {
        chmod(&key_file, mode);
        assert!(is_refused(), "mode {mode:o}");
    }
    for mode in [0o400, 0o600, 0o640, 0o644] {
        chmod(&key_file, mode);
        assert!(found(&open(&config), 1).is_some(), "mode {mode:o}");
    }
    for len in [0, 31, 33] {
        fs::write(&key_file, vec![7; len]).unwrap();
        assert!(is_refused(), "{len} bytes");
    }
    fs::write(&key_file, [7; 32]).unwrap();
    assert!(open(&config).lookup(&key(1)).is_err(), "another key");
    let aside = home.root.path().join("aside");
    fs::write(&aside, good).unwrap();
    fs::remove_file(&key_file).unwrap();
    assert!(is_refused(), "none");
    symlink(&aside, &key_file).unwrap();
    assert!(is_refused(), "a link");
    assert!(!home.files("key.lock").is_empty(), "the writer's, not ours");
    // The operator's own key does without the file, and is another one.
    let given = AheadConfig {
        key: DiskKey::Given([9; 32]),
        ..config.clone()
    };
    assert!(open(&given).lookup(&key(1)).is_err());
    fs::remove_file(&key_file).unwrap();
    let writer = AheadWriter::create(&given, "48.0.8").unwrap();
    store(&writer.cache, 1, 5000);
    assert!(found(&open(&given), 1).is_some() && !key_file.exists());
}

/// Root's directories are anybody's to use, and nobody uses those of a third user. Only root can give a file away;
/// elsewhere a directory of root's is one that belongs to somebody else.
#[test]
fn owners_are_root_or_this_user() {
    let home = Home::new();
    let config = made(&home);
    if !rustix::process::geteuid().is_root() {
        let dir = PathBuf::from("/usr");
        assert!(
            DiskCache::open(
                &DiskConfig {
                    dir: dir.clone(),
                    ..home.config(BIG)
                },
                "48"
            )
            .is_err()
        );
        let found = refused(&AheadConfig { dir, ..config });
        assert!(
            matches!(found, AheadError::Key { .. }),
            "only the key is missing: {found}"
        );
        return;
    }
    let give = |path: PathBuf, to: u32| std::os::unix::fs::chown(path, Some(to), None).unwrap();
    give(home.dir(), 1);
    assert!(refused(&config).to_string().contains("belongs to user 1"));
    give(home.dir(), 0);
    give(home.dir().join("key"), 1);
    assert!(matches!(refused(&config), AheadError::Key { .. }));
    give(home.dir().join("key"), 0);
    give(home.entries()[0].clone(), 1);
    let cache = open(&config);
    let found = [1, 2].map(|n| cache.lookup(&key(n)).is_ok());
    assert_eq!(found.iter().filter(|found| **found).count(), 1, "{found:?}");
}
