//! Clocks and `poll_oneoff`.

use super::super::abi::Errno;
use super::super::descriptors::WRITE_BYTES_MAX;
use super::super::poll::SUBSCRIPTIONS_MAX;
use super::{Guest, errno, guest};

#[test]
fn the_clock_moves_by_sleeping_only() {
    let mut guest = guest();
    let times = |guest: &mut Guest| {
        assert_eq!(guest.call("clock_time_get", &[0, 0, 0]), 0);
        assert_eq!(guest.call("clock_time_get", &[1, 0, 8]), 0);
        [guest.u64(0), guest.u64(8)]
    };
    let start = times(&mut guest);
    assert_eq!(start, [1_767_225_600_000_000_000, 1_000_000_000]);
    assert_eq!(times(&mut guest), start);
    // Two sleeps: 3 s on the monotonic clock, and until 2 s after the start by the absolute realtime one.
    put_clock(&mut guest, 1024, [11, 1, 3_000_000_000, 0]);
    put_clock(&mut guest, 1072, [22, 0, start[0] + 2_000_000_000, 1]);
    assert_eq!(guest.call("poll_oneoff", &[1024, 2048, 2, 4096]), 0);
    assert_eq!(
        [guest.u64(2048), guest.u64(2056), u64::from(guest.u32(4096))],
        [22, 0, 1]
    );
    assert_eq!(times(&mut guest), start.map(|ns| ns + 2_000_000_000));
    // A time that is past is no sleep; a sleep without end ends the clock's range, and nothing else.
    assert_eq!(guest.call("poll_oneoff", &[1072, 2048, 1, 4096]), 0);
    assert_eq!(times(&mut guest), start.map(|ns| ns + 2_000_000_000));
    put_clock(&mut guest, 1024, [11, 1, u64::MAX, 0]);
    assert_eq!(guest.call("poll_oneoff", &[1024, 2048, 1, 4096]), 0);
    assert_eq!(guest.call("poll_oneoff", &[1024, 2048, 1, 4096]), 0);
    assert_eq!(times(&mut guest), [u64::MAX; 2]);
    assert_eq!(
        guest.call("clock_time_get", &[4, 0, 0]),
        errno(Errno::Inval)
    );
}

/// A clock subscription: user data, clock, timeout, flags.
fn put_clock(guest: &mut Guest, at: usize, [user_data, clock, timeout, flags]: [u64; 4]) {
    guest.put(
        at,
        &[user_data, 0, clock, timeout, 0, flags]
            .map(u64::to_le_bytes)
            .concat(),
    );
}

#[test]
fn streams_are_ready_before_any_clock() {
    let mut guest = guest();
    put_clock(&mut guest, 0, [1, 1, 500, 0]);
    for (index, (user_data, tag, fd)) in [(2, 1, 0), (3, 2, 1), (4, 1, 1), (5, 2, 7), (6, 9, 0)]
        .iter()
        .enumerate()
    {
        guest.put(
            48 * (index + 1),
            &[*user_data, *tag, *fd, 0, 0, 0]
                .map(u64::to_le_bytes)
                .concat(),
        );
    }
    // The events lie over the subscriptions.
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 6, 4096]), 0);
    assert_eq!(guest.u32(4096), 5);
    let events: Vec<[u64; 4]> = (0..5)
        .map(|i| [0, 8, 16, 24].map(|field| guest.u64(32 * i + field)))
        .collect();
    let badf = u64::from(Errno::Badf.code());
    assert_eq!(
        events,
        [
            [2, 1 << 16, 0, 1],
            [3, 2 << 16, u64::from(WRITE_BYTES_MAX), 0],
            [4, badf | 1 << 16, 0, 0],
            [5, badf | 2 << 16, 0, 0],
            [6, u64::from(Errno::Inval.code()) | 9 << 16, 0, 0],
        ]
    );
}

#[test]
fn both_sides_of_the_subscription_limit() {
    let mut guest = Guest::forwarding(2, "memory");
    let max = i64::from(SUBSCRIPTIONS_MAX);
    for (count, expected) in [
        (0, Errno::Inval),
        (1, Errno::Success),
        (max, Errno::Success),
        (max + 1, Errno::Inval),
    ] {
        guest.memory().fill(0);
        assert_eq!(
            guest.call("poll_oneoff", &[0, 65536, count, 131_068]),
            errno(expected),
            "{count}"
        );
        let happened = if expected == Errno::Success { count } else { 0 };
        assert_eq!(i64::from(guest.u32(131_068)), happened);
    }
}
