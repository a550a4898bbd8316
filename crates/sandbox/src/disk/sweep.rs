//! Keeping the directory small: other engine versions, the long unused, half-written files, and what is over the sum.
//!
//! Removing a name never harms another process: what it has mapped stays mapped, what it looks up next is a miss.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

use super::DiskCache;
use super::directory::{Seen, TEMP_PREFIX};
use super::entry::EntryName;

/// Directory entries that one pass looks at; what is beyond comes up when those before it are gone.
pub(super) const SCAN_MAX: usize = 20_000;
/// Artifacts kept, however small they are.
pub(super) const ENTRIES_MAX: usize = 10_000;
/// Entries of settings that nobody uses any more go after this time.
pub(super) const UNUSED_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Younger half-written files are left alone: their writer may be about to lock them.
pub(super) const TEMP_AGE_MIN: Duration = Duration::from_secs(10);

/// How far another machine's clock may be ahead of ours.
pub(super) const CLOCK_SKEW_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files removed.
    pub entries: u64,
    /// Their sizes, summed.
    pub bytes: u64,
}

impl Swept {
    fn count(&mut self, removed: bool, bytes: u64) {
        if removed {
            self.entries += 1;
            self.bytes += bytes;
        }
    }
}

/// An entry of this engine version.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) file_name: String,
    pub(super) bytes: u64,
    pub(super) last_used: SystemTime,
}

/// The directory, sorted into what it holds. Files that are not the cache's are in none of the three.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) entries: Vec<Kept>,
    foreign: Vec<Seen>,
    temps: Vec<Seen>,
}

impl DiskCache {
    pub(super) fn scan(&self) -> Scan {
        let wanted =
            |name: &str| name.starts_with(TEMP_PREFIX) || name.parse::<EntryName>().is_ok();
        let seen = self
            .directory
            .read(SCAN_MAX, wanted)
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "cannot list the disk cache");
                Vec::new()
            });
        let mut scan = Scan::default();
        for seen in seen {
            match seen.name.parse::<EntryName>() {
                Ok(name) if name.version == self.version => scan.entries.push(Kept {
                    file_name: seen.name,
                    bytes: seen.bytes,
                    last_used: seen.modified,
                }),
                Ok(_) => scan.foreign.push(seen),
                Err(()) => scan.temps.push(seen),
            }
        }
        scan
    }

    /// Removes what this engine version cannot use, what was not used for 30 days, what was left half-written, and
    /// what is over the limits. Runs when the cache is opened.
    pub fn sweep(&self) -> Swept {
        let scan = self.scan();
        let mut swept = Swept::default();
        for seen in scan.foreign {
            swept.count(self.directory.remove(&seen.name), seen.bytes);
        }
        self.remove_temps(&scan.temps, &mut swept);
        let (unused, used): (Vec<Kept>, Vec<Kept>) = scan
            .entries
            .into_iter()
            .partition(|kept| age(kept.last_used) > UNUSED_MAX);
        for kept in unused {
            swept.count(self.directory.remove(&kept.file_name), kept.bytes);
        }
        self.evict(used, self.bytes_max, ENTRIES_MAX, &mut swept);
        swept
    }

    fn remove_temps(&self, temps: &[Seen], swept: &mut Swept) {
        for seen in temps
            .iter()
            .filter(|seen| age(seen.modified) >= TEMP_AGE_MIN)
        {
            swept.count(self.directory.remove_abandoned(&seen.name), seen.bytes);
        }
    }

    /// Makes room for `bytes` more under `name`, whose earlier file is about to be replaced.
    pub(super) fn make_room(&self, bytes: u64, name: &str) {
        let mut others = self.scan().entries;
        others.retain(|kept| kept.file_name != name);
        let room = self.bytes_max.saturating_sub(bytes);
        self.evict(others, room, ENTRIES_MAX - 1, &mut Swept::default());
    }

    /// Removes the least recently used until both limits hold.
    pub(super) fn evict(
        &self,
        mut entries: Vec<Kept>,
        bytes_max: u64,
        entries_max: usize,
        swept: &mut Swept,
    ) {
        let mut total: u64 = entries.iter().map(|kept| kept.bytes).sum();
        let mut count = entries.len();
        if total <= bytes_max && count <= entries_max {
            return;
        }
        entries.sort_by_key(|kept| Reverse(age(kept.last_used)));
        for kept in entries {
            if total <= bytes_max && count <= entries_max {
                break;
            }
            swept.count(self.directory.remove(&kept.file_name), kept.bytes);
            total = total.saturating_sub(kept.bytes);
            count -= 1;
        }
    }

    /// Removes every artifact, of whatever version; the key and the counters stay.
    pub fn clear(&self) -> Swept {
        let scan = self.scan();
        let mut swept = Swept::default();
        for kept in scan.entries {
            swept.count(self.directory.remove(&kept.file_name), kept.bytes);
        }
        for seen in scan.foreign {
            swept.count(self.directory.remove(&seen.name), seen.bytes);
        }
        self.remove_temps(&scan.temps, &mut swept);
        swept
    }
}

/// Time since the last use. A little in the future is another machine's clock and counts as now; far in the future is a
/// clock that was wrong, and such a file must not outlive all others because of it.
fn age(time: SystemTime) -> Duration {
    match SystemTime::now().duration_since(time) {
        Ok(age) => age,
        Err(ahead) if ahead.duration() <= CLOCK_SKEW_MAX => Duration::ZERO,
        Err(_) => Duration::MAX,
    }
}
