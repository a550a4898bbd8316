//! Descriptors: the three standard streams, and everything else refused.

use super::super::abi::{Errno, VECTORS_MAX};
use super::super::descriptors::WRITE_BYTES_MAX;
use super::{Guest, errno, guest};

#[test]
fn output_goes_to_the_host() {
    let mut guest = guest();
    guest.put(0, b"hello world");
    guest.put(100, &[0u32, 6, 6, 5].map(u32::to_le_bytes).concat());
    assert_eq!(guest.call("fd_write", &[1, 100, 2, 200]), 0);
    assert_eq!(guest.u32(200), 11);
    assert_eq!(guest.call("fd_write", &[2, 108, 1, 200]), 0);
    assert_eq!(guest.u32(200), 5);
    assert_eq!(
        guest.call("fd_write", &[0, 108, 1, 200]),
        errno(Errno::Badf)
    );
    assert_eq!(
        guest.call("fd_write", &[3, 108, 1, 200]),
        errno(Errno::Badf)
    );
    assert_eq!(guest.store.data().out, b"hello world");
    assert_eq!(guest.store.data().err, b"world");
}

#[test]
fn nothing_is_written_when_one_vector_lies() {
    let mut guest = guest();
    guest.put(100, &[0u32, 6, 65_530, 7].map(u32::to_le_bytes).concat());
    assert_eq!(
        guest.call("fd_write", &[1, 100, 2, 200]),
        errno(Errno::Fault)
    );
    assert!(guest.store.data().out.is_empty());
    guest.put(112, &6u32.to_le_bytes());
    assert_eq!(guest.call("fd_write", &[1, 100, 2, 200]), 0);
    assert_eq!(guest.store.data().out.len(), 12);
}

#[test]
fn both_sides_of_a_long_write() {
    let max = WRITE_BYTES_MAX;
    for (lengths, expected) in [
        ([max - 1, 0], max - 1),
        ([max - 1, 1], max),
        ([max - 1, 2], max),
        ([max, max], max),
    ] {
        let mut guest = Guest::forwarding(2, "memory");
        guest.put(
            0x1_0000,
            &[0, lengths[0], 0, lengths[1]]
                .map(u32::to_le_bytes)
                .concat(),
        );
        let before = guest.fuel_used();
        assert_eq!(guest.call("fd_write", &[1, 0x1_0000, 2, 0x1_0020]), 0);
        assert_eq!(guest.u32(0x1_0020), expected);
        assert_eq!(guest.store.data().out.len(), expected as usize);
        assert!(guest.fuel_used() - before >= u64::from(expected / 8));
    }
}

#[test]
fn both_sides_of_the_vector_limit() {
    let mut guest = guest();
    for name in ["fd_read", "fd_write"] {
        let fd = i64::from(name == "fd_write");
        for (count, expected) in [
            (VECTORS_MAX - 1, 0),
            (VECTORS_MAX, 0),
            (VECTORS_MAX + 1, errno(Errno::Inval)),
        ] {
            assert_eq!(
                guest.call(name, &[fd, 0, i64::from(count), 32768]),
                expected,
                "{name} {count}"
            );
        }
    }
}

#[test]
fn input_is_at_its_end() {
    let mut guest = guest();
    guest.put(0, &[100u32, 50].map(u32::to_le_bytes).concat());
    guest.put(8, &[0xff; 4]);
    assert_eq!(guest.call("fd_read", &[0, 0, 1, 8]), 0);
    assert_eq!(guest.u32(8), 0);
    assert_eq!(guest.call("fd_read", &[1, 0, 1, 8]), errno(Errno::Badf));
    assert_eq!(guest.call("fd_read", &[4, 0, 1, 8]), errno(Errno::Badf));
}

#[test]
fn a_closed_stream_stays_closed() {
    let mut guest = guest();
    assert_eq!(guest.call("fd_close", &[1]), 0);
    assert_eq!(guest.call("fd_close", &[1]), errno(Errno::Badf));
    assert_eq!(guest.call("fd_write", &[1, 0, 0, 0]), errno(Errno::Badf));
    assert_eq!(guest.call("fd_write", &[2, 0, 0, 0]), 0);
    assert_eq!(guest.call("fd_close", &[3]), errno(Errno::Badf));
}

#[test]
fn streams_describe_themselves() {
    let mut guest = guest();
    for (fd, rights) in [(0, 0x800_0002), (1, 0x800_0040), (2, 0x800_0040)] {
        guest.put(0, &[0xff; 24]);
        assert_eq!(guest.call("fd_fdstat_get", &[fd, 0]), 0);
        assert_eq!([guest.u64(0), guest.u64(8), guest.u64(16)], [2, rights, 0]);
        assert_eq!(guest.call("fd_filestat_get", &[fd, 100]), 0);
        assert_eq!(guest.u64(116), 2);
        assert_eq!(guest.call("fd_sync", &[fd]), 0);
        assert_eq!(guest.call("fd_fdstat_set_flags", &[fd, 4]), 0);
    }
    assert_eq!(guest.call("fd_fdstat_get", &[3, 0]), errno(Errno::Badf));
}

#[test]
fn files_and_sockets_are_refused() {
    let mut guest = guest();
    assert_eq!(guest.call("fd_prestat_get", &[3, 0]), errno(Errno::Badf));
    assert_eq!(
        guest.call("path_open", &[3, 0, 0, 4, 0, -1, -1, 0, 8]),
        errno(Errno::Badf)
    );
    assert_eq!(
        guest.call("path_open", &[0, 0, 0, 4, 0, -1, -1, 0, 8]),
        errno(Errno::Notcapable)
    );
    assert_eq!(
        guest.call("path_symlink", &[3, 0, 0, 4, 0]),
        errno(Errno::Notcapable)
    );
    assert_eq!(
        guest.call("path_symlink", &[0, 0, 3, 4, 0]),
        errno(Errno::Badf)
    );
    assert_eq!(guest.call("fd_seek", &[1, 0, 0, 8]), errno(Errno::Spipe));
    assert_eq!(guest.call("fd_renumber", &[1, 2]), errno(Errno::Notsup));
    assert_eq!(
        guest.call("sock_send", &[1, 0, 0, 0, 0]),
        errno(Errno::Notsock)
    );
    assert_eq!(guest.call("sock_accept", &[3, 0, 0]), errno(Errno::Badf));
    assert_eq!(guest.call("proc_raise", &[9]), errno(Errno::Nosys));
    assert!(guest.memory().iter().all(|byte| *byte == 0));
}
