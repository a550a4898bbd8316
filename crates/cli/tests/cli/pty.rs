//! A terminal of our own, and what is seen on it.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// What was on it.
pub struct Seen {
    pub exit: Option<i32>,
    pub bytes: Vec<u8>,
    /// All that ever stood there, each change once.
    pub screens: Vec<String>,
    /// What stands there at the end, and the cursor's row and column.
    pub last: String,
    pub cursor: (u16, u16),
}

/// The end that shows and the end that is written to.
fn open() -> (File, OwnedFd) {
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
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().expect("a plain name"))
        .expect("its other end");
    (ours.into(), theirs.into())
}

/// Runs with standard error on a terminal, and standard output too where `both` says so, until it ends. `each` is shown
/// every change.
pub fn watch(mut command: Command, both: bool, mut each: impl FnMut(&str, &Child)) -> Seen {
    let (mut ours, theirs) = open();
    let end = || Stdio::from(theirs.try_clone().expect("a descriptor"));
    command
        .env_remove("NO_COLOR")
        .stdout(if both { end() } else { Stdio::null() })
        .stderr(end());
    let mut child = command.spawn().expect("the binary starts");
    // The last of the other ends, so that reading ends with the child.
    drop((command, theirs));
    let mut screen = vt100::Parser::new(ROWS, COLUMNS, 1_000);
    let (mut bytes, mut screens) = (Vec::new(), Vec::<String>::new());
    let mut some = [0; 64];
    // A terminal without another end is an error to read from.
    while let Ok(n @ 1..) = ours.read(&mut some) {
        bytes.extend(&some[..n]);
        screen.process(&some[..n]);
        let shown = screen.screen().contents();
        if screens.last() != Some(&shown) {
            each(&shown, &child);
            screens.push(shown);
        }
    }
    Seen {
        exit: child.wait().expect("it ends").code(),
        bytes,
        screens,
        last: screen.screen().contents(),
        cursor: screen.screen().cursor_position(),
    }
}

impl Seen {
    /// Every line of such a kind that ever stood there, each change once.
    pub fn lines(&self, kind: impl Fn(&str) -> bool) -> Vec<&str> {
        let lines = self.screens.iter().flat_map(|screen| screen.lines());
        let mut lines: Vec<&str> = lines.map(str::trim_end).filter(|line| kind(line)).collect();
        lines.dedup();
        lines
    }
}
