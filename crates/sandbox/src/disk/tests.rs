//! The cache under hostile hands: every way an entry, the key or the directory can be wrong is a miss or a refusal.

mod ahead;
mod counters;
mod engine;
mod entries;
mod places;
mod upkeep;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

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
