//! An entry that is not exactly what was stored is a miss.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;

use super::*;

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
fn equal_settings_have_equal_compatibility_and_others_do_not() {
    assert_eq!(compat_of(&("fuel", 1)), compat_of(&("fuel", 1)));
    assert_ne!(compat_of(&("fuel", 1)), compat_of(&("time", 1)));
}
