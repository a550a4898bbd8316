//! Ctrl-C: the guest ends, nothing half-written stays.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, wat};

fn interrupted(place: &Place, arguments: &[&str], signal: Signal) -> (crate::place::Ran, Duration) {
    let mut command = place.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    // Kept open, so that a read of it waits.
    let stdin = child.stdin.take();
    let pid = Pid::from_raw(child.id().try_into().expect("a pid")).expect("not zero");
    // The handler is installed first of all; the guest below runs for a minute.
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(
        child.try_wait().expect("its state").is_none(),
        "it waits to be interrupted"
    );
    let begun = Instant::now();
    kill_process(pid, signal).expect("it is our own child");
    let output = child.wait_with_output().expect("it ends");
    drop(stdin);
    (place.ran(output), begun.elapsed())
}

#[test]
fn a_spinning_guest_is_cancelled() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    let limits = "fuel=1000000G,deadline=1m";
    let spin = ["call", "adder.wat", "spin", "--limit", limits, "-o", "out"];
    for signal in [Signal::INT, Signal::TERM] {
        let (ran, took) = interrupted(&place, &spin, signal);
        assert_eq!(ran.exit, Some(130), "{}", ran.err);
        assert!(took < Duration::from_secs(20), "{took:?}");
        assert_eq!(
            place.names(),
            ["adder.wat"],
            "no file, not even a part of one"
        );
    }
}

#[test]
fn a_read_that_waits_is_left() {
    let place = Place::new();
    place.write("echo.wat", wat::ECHO);
    let (ran, _) = interrupted(
        &place,
        &["call", "echo.wat", "echo", "@-", "-o", "out"],
        Signal::INT,
    );
    assert_eq!(ran.exit, Some(130), "{}", ran.err);
    assert_eq!(place.names(), ["echo.wat"]);
}
