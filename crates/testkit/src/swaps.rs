//! Judges answers that are given while policies are exchanged: each is one of a policy that was active during the question.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Policies that there are. Policy n allows the variable n alone.
pub const POLICIES: u64 = 8;

/// Threads that ask.
const THREADS: u64 = 4;

/// The document of policy n.
#[must_use]
pub fn document(n: u64) -> String {
    format!(r#"{{"env": ["{n}"]}}"#)
}

/// Which policy was active when. Swap s is under way from when `begun` is s until `ended` is s.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use wardian_testkit::swaps::Swaps;
///
/// let active = AtomicU64::new(3);
/// let swaps = Swaps::new(3, 1);
/// swaps.under_load(
///     |variable| active.load(Ordering::SeqCst) == variable,
///     || swaps.swap(5, || active.store(5, Ordering::SeqCst)),
/// );
/// ```
#[derive(Debug)]
pub struct Swaps {
    active: Vec<AtomicU64>,
    begun: AtomicU64,
    ended: AtomicU64,
    over: AtomicBool,
    allowed: AtomicU64,
    denied: AtomicU64,
}

/// Whatever becomes of the work, the threads end.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Swaps {
    /// This policy is active, and will be exchanged at most so many times.
    #[must_use]
    pub fn new(policy: u64, swaps: usize) -> Swaps {
        Swaps {
            active: (0..=swaps).map(|_| AtomicU64::new(policy)).collect(),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            over: AtomicBool::new(false),
            allowed: AtomicU64::new(0),
            denied: AtomicU64::new(0),
        }
    }

    /// Makes a policy the active one. For the one thread that does.
    ///
    /// # Panics
    /// Where there were as many swaps as there were to be.
    pub fn swap(&self, policy: u64, swap: impl FnOnce()) {
        let next = self.begun.load(Ordering::SeqCst) + 1;
        self.active[next as usize].store(policy, Ordering::SeqCst);
        self.begun.store(next, Ordering::SeqCst);
        swap();
        self.ended.store(next, Ordering::SeqCst);
    }

    /// Does the work while threads ask whether a variable may be read, and judge the answers.
    ///
    /// # Panics
    /// Where an answer is one that no active policy gives, or the work panics.
    pub fn under_load<T>(
        &self,
        is_allowed: impl Fn(u64) -> bool + Sync,
        work: impl FnOnce() -> T,
    ) -> T {
        let is_allowed = &is_allowed;
        std::thread::scope(|scope| {
            let _ends = Ends(&self.over);
            let asking: Vec<_> = (0..THREADS)
                .map(|thread| scope.spawn(move || self.ask(thread, is_allowed)))
                .collect();
            let done = work();
            // Work that is done at once was not under load.
            let counted = |counter: &AtomicU64| counter.load(Ordering::Relaxed) > 0;
            let both = || counted(&self.allowed) && counted(&self.denied);
            let all_ask = || asking.iter().all(|thread| !thread.is_finished());
            while all_ask() && !both() {
                std::thread::yield_now();
            }
            done
        })
    }

    fn ask(&self, thread: u64, is_allowed: &impl Fn(u64) -> bool) {
        let mut asked = thread;
        while !self.over.load(Ordering::SeqCst) {
            asked += 1;
            let variable = asked % POLICIES;
            let first = self.ended.load(Ordering::SeqCst);
            let allowed = is_allowed(variable);
            let last = self.begun.load(Ordering::SeqCst);
            let active = self.active[first as usize..=last as usize].iter();
            let mut allows = active.map(|policy| policy.load(Ordering::SeqCst) == variable);
            let (may, must) = (allows.clone().any(|is| is), allows.all(|is| is));
            assert!(
                !allowed || may,
                "{variable} is allowed, swaps {first}..={last}"
            );
            assert!(
                allowed || !must,
                "{variable} is denied, swaps {first}..={last}"
            );
            let counter = match allowed {
                true => &self.allowed,
                false => &self.denied,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}
