//! On a terminal: a bar while many files are worked on, and none afterwards.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::place::{Place, bmp};

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A terminal of our own: what we read is what it is told to show.
struct Terminal {
    ours: File,
    theirs: OwnedFd,
}

/// What was on it.
struct Seen {
    exit: Option<i32>,
    bytes: Vec<u8>,
    /// Every line that began with a bar, at any time.
    bars: Vec<String>,
    /// What stands there at the end.
    last: String,
}

impl Terminal {
    fn open() -> Terminal {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours)
            .and_then(|()| unlockpt(&ours))
            .expect("a terminal of our own");
        let size = Winsize {
            ws_row: ROWS,
            ws_col: COLUMNS,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&ours, size).expect("it has a size");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let path = name.to_str().expect("a plain name").to_owned();
        let theirs = File::options()
            .read(true)
            .write(true)
            .open(path)
            .expect("its other end");
        Terminal {
            ours: ours.into(),
            theirs: theirs.into(),
        }
    }

    fn end(&self) -> Stdio {
        self.theirs.try_clone().expect("a descriptor").into()
    }
}

/// Runs with standard error on a terminal, and standard output too where it is asked for.
fn seen(place: &Place, arguments: &[&str], both: bool) -> Seen {
    let terminal = Terminal::open();
    let mut command = place.command(arguments);
    command
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stderr(terminal.end());
    command.stdout(if both { terminal.end() } else { Stdio::null() });
    let mut child = command.spawn().expect("the binary starts");
    // The last of the other ends, so that reading ends with the child.
    drop(command);
    let Terminal { mut ours, theirs } = terminal;
    drop(theirs);
    let (mut bytes, mut bars) = (Vec::new(), Vec::new());
    let mut screen = vt100::Parser::new(ROWS, COLUMNS, 1_000);
    let mut some = [0; 64];
    // A terminal without another end is an error to read from.
    while let Ok(n @ 1..) = ours.read(&mut some) {
        bytes.extend(&some[..n]);
        screen.process(&some[..n]);
        let shown = screen.screen().contents();
        bars.extend(shown.lines().filter(|line| is_bar(line)).map(String::from));
    }
    Seen {
        exit: child.wait().expect("it ends").code(),
        last: screen.screen().contents(),
        bytes,
        bars,
    }
}

fn is_bar(line: &str) -> bool {
    line.starts_with(['━', '╸', '╌'])
}

fn eight() -> Place {
    let place = Place::with_image();
    for n in 0..8 {
        place.write(&format!("p{n}.bmp"), bmp(300, 300));
    }
    place.write("p3.bmp", "not a picture");
    place
}

#[test]
fn the_bar_is_seen_and_then_gone() {
    let place = eight();
    let seen = seen(
        &place,
        &[
            "image",
            "resize",
            "*.bmp",
            "--width",
            "9",
            "--out-dir",
            "out",
        ],
        false,
    );
    assert_eq!(seen.exit, Some(15));
    let begun = seen.bars.iter().any(|bar| bar.contains(" 0/8 files"));
    assert!(begun, "{:?}", seen.bars);
    let later = seen
        .bars
        .iter()
        .any(|bar| bar.contains("/s, ") && bar.contains(" s left"));
    assert!(later, "{:?}", seen.bars);
    assert_eq!(
        seen.last,
        "error: `p3.bmp`: the source is no JPEG, PNG, GIF, WebP or BMP\n7 of 8 written, 1 failed",
    );
}

#[test]
fn lines_beside_the_bar_stay_whole() {
    let place = eight();
    let log = ["--log", "wardian::batch=debug"];
    let resize = [
        "image",
        "resize",
        "*.bmp",
        "--width",
        "9",
        "--out-dir",
        "out",
    ];
    let seen = seen(&place, &[&log[..], &resize].concat(), true);
    assert!(!seen.bars.is_empty());
    assert!(!seen.last.lines().any(is_bar), "{}", seen.last);
    let lines: Vec<&str> = seen.last.lines().collect();
    for n in [0, 1, 2, 4, 5, 6, 7] {
        let begin = format!("out/p{n}.png: 9 × 9 png, ");
        assert!(
            lines.iter().any(|line| line.starts_with(&begin)),
            "{begin}: {}",
            seen.last
        );
    }
    // The threads say so themselves, whenever they like.
    for n in 0..8 {
        let logged = format!("DEBUG wardian::batch: begun file=p{n}.bmp");
        assert!(
            lines.iter().any(|line| line.trim() == logged),
            "{logged}: {}",
            seen.last
        );
    }
    assert!(lines.contains(&"7 of 8 written, 1 failed"), "{}", seen.last);
}

#[test]
fn nobody_who_does_not_want_one_has_a_bar() {
    let place = eight();
    let resize = ["image", "resize", "*.bmp", "--width", "9", "--out-dir"];
    let quiet = seen(&place, &[&resize[..], &["quiet", "--quiet"]].concat(), true);
    assert_eq!(
        quiet.last,
        "error: `p3.bmp`: the source is no JPEG, PNG, GIF, WebP or BMP"
    );
    assert!(
        !quiet.bytes.contains(&0x1b),
        "{:?}",
        String::from_utf8_lossy(&quiet.bytes)
    );
    let one = seen(&place, &["image", "info", "p0.bmp"], true);
    assert!(one.bars.is_empty() && !one.bytes.contains(&0x1b));
    let piped = place.run([&resize[..], &["piped"]].concat());
    assert!(
        !piped.err.contains('\u{1b}') && !piped.err.contains('━'),
        "{}",
        piped.err
    );
}

#[test]
fn a_picture_does_not_go_to_a_terminal() {
    let place = eight();
    let seen = seen(&place, &["image", "resize", "p0.bmp", "--width", "9"], true);
    assert_eq!(seen.exit, Some(2));
    assert!(
        seen.last
            .starts_with("error: a picture would go to the terminal\nhint: "),
        "{}",
        seen.last
    );
}
