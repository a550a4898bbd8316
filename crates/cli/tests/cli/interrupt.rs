//! Ctrl-C: the guest ends, nothing half-written stays.

use std::io::{Read, Write as _};
use std::process::{ChildStdin, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, Ran, bmp, wat};

/// How long a loaded machine may take to get as far as it should.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the command, waits until `is_ready`, and sends the signal; standard input stays open, so that a read of it waits.
fn interrupted(
    place: &Place,
    arguments: &[&str],
    signal: Signal,
    is_ready: impl Fn(&Running) -> bool,
) -> (Ran, Duration) {
    let mut child = place
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(b"some of it").expect("a pipe has room");
    let running = Running {
        stdin,
        said: follow(child.stderr.take().expect("piped")),
    };
    let begun = Instant::now();
    while !is_ready(&running) {
        assert!(begun.elapsed() < PATIENCE, "it never gets there");
        assert!(
            child.try_wait().expect("its state").is_none(),
            "it ended by itself"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let pid = Pid::from_raw(child.id().try_into().expect("a pid")).expect("not zero");
    let begun = Instant::now();
    kill_process(pid, signal).expect("it is our own child");
    let mut output = child.wait_with_output().expect("it ends");
    let took = begun.elapsed();
    output.stderr = running.said.whole();
    (place.ran(output), took)
}

/// The command while it runs.
struct Running {
    stdin: ChildStdin,
    said: Followed,
}

/// What comes through a pipe, as it comes.
struct Followed {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

fn follow(mut pipe: impl Read + Send + 'static) -> Followed {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let theirs = bytes.clone();
    let reader = std::thread::spawn(move || {
        let mut some = [0; 4096];
        while let Ok(n @ 1..) = pipe.read(&mut some) {
            theirs.lock().expect("no panic").extend(&some[..n]);
        }
    });
    Followed { bytes, reader }
}

impl Followed {
    fn has(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.bytes.lock().expect("no panic")).contains(words)
    }

    fn whole(self) -> Vec<u8> {
        self.reader.join().expect("no panic");
        std::mem::take(&mut self.bytes.lock().expect("no panic"))
    }
}

/// Says so, and spins.
const SPINNING: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\0a\00\00\00")
  (data (i32.const 16) "round I go")
  (func (export "spin")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (loop $again (br $again))))"#;

#[test]
fn a_spinning_guest_is_cancelled() {
    let place = Place::new();
    place.write("spinning.wat", SPINNING);
    let limits = "fuel=1000000G,deadline=1m";
    let log = "wardian::guest=debug";
    let spin = [
        "call",
        "spinning.wat",
        "spin",
        "--limit",
        limits,
        "--log",
        log,
        "-o",
        "out",
    ];
    for signal in [Signal::INT, Signal::TERM] {
        let (ran, took) = interrupted(&place, &spin, signal, |running| {
            running.said.has("round I go")
        });
        assert_eq!(ran.exit, Some(130), "{}", ran.err);
        assert!(took < Duration::from_secs(20), "{took:?}");
        assert_eq!(
            place.names(),
            ["spinning.wat"],
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
        // What was there is read, and there is no end yet.
        |running| ioctl_fionread(&running.stdin).is_ok_and(|unread| unread == 0),
    );
    assert_eq!(ran.exit, Some(130), "{}", ran.err);
    assert_eq!(place.names(), ["echo.wat"]);
}

/// Ten pictures that are soon done, then twenty that keep any machine busy for minutes.
fn thirty() -> Place {
    let place = Place::with_image();
    for n in 0..10 {
        place.write(&format!("p{n:02}.bmp"), bmp(40, 40));
    }
    place.write("large", bmp(2400, 2400));
    for n in 10..30 {
        let name = place.path(&format!("p{n:02}.bmp"));
        std::os::unix::fs::symlink("large", name).expect("a link");
    }
    place
}

#[test]
fn of_thirty_files_those_that_were_finished_stay_and_are_counted() {
    let place = thirty();
    let optimize = ["image", "optimize", "*.bmp", "--out-dir", "out"];
    for (signal, more) in [
        (Signal::INT, &["--force", "--jobs", "2"][..]),
        (Signal::TERM, &["--force", "--jobs", "4", "--json"]),
    ] {
        let arguments = [&optimize[..], more].concat();
        let begun = |_: &Running| {
            place.path("out").is_dir() && place.names_in("out").iter().any(|name| name == "p09.png")
        };
        let (ran, took) = interrupted(&place, &arguments, signal, begun);
        assert_eq!(ran.exit, Some(130), "{}", ran.err);
        assert!(took < Duration::from_secs(20), "{took:?}");
        let names = place.names_in("out");
        for name in &names {
            let png = place.read(&format!("out/{name}"));
            assert!(
                name.ends_with(".png") && png.ends_with(b"IEND\xaeB`\x82"),
                "{name}"
            );
        }
        let line = format!("{} of 30 written, interrupted\n", names.len());
        assert_eq!(ran.err, line);
        if more.contains(&"--json") {
            let json = ran.json();
            let files = json["files"].as_array().expect("a list");
            let codes = files
                .iter()
                .filter(|file| file["error"]["code"] == "cancelled");
            assert_eq!((files.len(), codes.count()), (30, 30 - names.len()));
        }
        std::fs::remove_dir_all(place.path("out")).expect("our own folder");
    }
}

#[test]
fn of_thirty_workbooks_none_is_half_written() {
    let place = Place::with_sheet();
    for n in 0..10 {
        place.write(&format!("w{n:02}.csv"), "1,2\n");
    }
    place.write("large", "1,2,3,x\n".repeat(450_000));
    for n in 10..30 {
        let name = place.path(&format!("w{n:02}.csv"));
        std::os::unix::fs::symlink("large", name).expect("a link");
    }
    let parse = ["sheet", "parse", "*.csv", "--out-dir", "out", "--jobs", "2"];
    let (ran, took) = interrupted(&place, &parse, Signal::INT, |_| {
        place.path("out").is_dir() && place.names_in("out").iter().any(|name| name == "w09.json")
    });
    assert_eq!(ran.exit, Some(130), "{}", ran.err);
    assert!(took < Duration::from_secs(20), "{took:?}");
    let names = place.names_in("out");
    assert!((10..30).contains(&names.len()), "{names:?}");
    for name in &names {
        let json = place.read(&format!("out/{name}"));
        assert!(name.ends_with(".json") && json.ends_with(b"]]"), "{name}");
    }
    let line = format!("{} of 30 written, interrupted\n", names.len());
    assert_eq!(ran.err, line);
}

/// Nothing can cancel a read that waits; it is left behind, and what was finished is counted all the same.
#[test]
fn reads_that_wait_are_left_whatever_else_is_done() {
    let place = Place::with_image();
    for n in 0..6 {
        place.write(&format!("p{n}.bmp"), bmp(40, 40));
    }
    for name in ["p6.bmp", "p7.bmp"] {
        let made = std::process::Command::new("mkfifo")
            .arg(place.path(name))
            .status();
        assert!(made.expect("mkfifo is installed").success());
    }
    let arguments = [
        "image",
        "resize",
        "*.bmp",
        "--width",
        "9",
        "--out-dir",
        "out",
        "--jobs",
        "2",
    ];
    let (ran, _) = interrupted(&place, &arguments, Signal::INT, |_| {
        place.path("out").is_dir()
            && place
                .names_in("out")
                .iter()
                .filter(|n| n.ends_with(".png"))
                .count()
                == 6
    });
    assert_eq!(ran.exit, Some(130), "{}", ran.err);
    assert!(ran.err == "6 of 8 written, interrupted\n", "{}", ran.err);
    assert_eq!(place.names_in("out").len(), 6);
}
