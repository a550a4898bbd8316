//! What one call remembers of WASI: its clock, its randomness, which standard descriptors it closed.

/// Realtime when the call starts, in nanoseconds since 1970: 2026-01-01T00:00:00Z.
const REALTIME_START_NS: u64 = 1_767_225_600_000_000_000;
/// Monotonic time when the call starts. Go's runtime takes a zero for a broken clock.
const MONOTONIC_START_NS: u64 = 1_000_000_000;

/// The WASI state of one call.
///
/// Cheap to make: the generator is set up when randomness is first asked for.
pub struct WasiState {
    seed: [u8; 32],
    random: Option<Box<blake3::OutputReader>>,
    slept_ns: u64,
    closed: [bool; 3],
}

impl WasiState {
    /// A state whose randomness comes from `seed`: the same seed gives the same bytes.
    ///
    /// The stream is BLAKE3's extendable output keyed with the seed, so a seed the guest cannot know gives bytes that
    /// it cannot foresee.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            random: None,
            slept_ns: 0,
            closed: [false; 3],
        }
    }

    pub(super) fn fill_random(&mut self, bytes: &mut [u8]) {
        let seed = &self.seed;
        self.random
            .get_or_insert_with(|| Box::new(blake3::Hasher::new_keyed(seed).finalize_xof()))
            .fill(bytes);
    }

    pub(super) fn realtime_ns(&self) -> u64 {
        REALTIME_START_NS.saturating_add(self.slept_ns)
    }

    pub(super) fn monotonic_ns(&self) -> u64 {
        MONOTONIC_START_NS.saturating_add(self.slept_ns)
    }

    pub(super) fn sleep_ns(&mut self, ns: u64) {
        self.slept_ns = self.slept_ns.saturating_add(ns);
    }

    /// Whether `descriptor` is a standard stream that the guest has not closed.
    pub(super) fn is_open(&self, descriptor: u32) -> bool {
        self.closed.get(descriptor as usize) == Some(&false)
    }

    pub(super) fn close(&mut self, descriptor: u32) -> bool {
        let open = self.is_open(descriptor);
        if let Some(closed) = self.closed.get_mut(descriptor as usize) {
            *closed = true;
        }
        open
    }
}

impl std::fmt::Debug for WasiState {
    /// Without the seed: it is what keeps the guest from foreseeing its randomness.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasiState")
            .field("slept_ns", &self.slept_ns)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
