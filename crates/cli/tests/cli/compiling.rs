//! What is said while a module is compiled: one line in a file, a line that goes away on a terminal, nothing where
//! nobody wants to know.

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, wat};
use crate::pty::{Seen, watch};

const LINE: &str = "compiling `slow` for this machine, once …";
const CALL: [&str; 4] = ["call", "slow.wasm", "run", "1"];
/// Steps of one function that keeps one core busy for several times as long as nothing is said; more cores do not help.
const LONG: usize = 4_000;
/// For tests that do not wait for its end.
const ENDLESS: usize = 16_000;

/// A place with a module that was never compiled.
fn cold(steps: usize) -> Place {
    const LOCALS: usize = 400;
    let step = |n: usize| {
        let [i, j, k] = [n * 7, n * 13 + 5, n * 29 + 11].map(|n| n % LOCALS);
        format!(
            "(local.set {i} (i64.add (i64.mul (local.get {j}) (local.get {k})) (local.get {i})))
             (if (i64.eqz (local.get {k})) (then (local.set {j} (local.get {i}))))"
        )
    };
    let (locals, body) = (
        " i64".repeat(LOCALS),
        (0..steps).map(step).collect::<String>(),
    );
    let text = format!(r#"(module (func (export "run") (param i64) (local{locals}) {body}))"#);
    let place = Place::new();
    // Assembled here: that takes long, too.
    place.write(
        "slow.wasm",
        ::wat::parse_str(text).expect("a module of ours"),
    );
    place
}

/// Runs until it ends; `interrupt` sends Ctrl-C's signal once the line is seen.
fn seen(place: &Place, arguments: &[&str], term: &str, interrupt: bool) -> Seen {
    let mut command = place.command(arguments);
    command.env("TERM", term);
    let mut to_interrupt = interrupt;
    watch(command, false, |shown, child| {
        if to_interrupt && shown.contains(LINE) {
            to_interrupt = false;
            let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            kill_process(pid.expect("a pid"), Signal::INT).expect("our own child");
        }
    })
}

/// Every line about compiling that ever stood there.
fn lines(seen: &Seen) -> Vec<&str> {
    seen.lines(|line| line.contains("compiling"))
}

#[test]
fn one_plain_line_where_nobody_sees_a_terminal_and_once() {
    let place = cold(LONG);
    let first = place.run(CALL);
    assert_eq!((first.exit, first.err), (Some(0), format!("{LINE}\n")));
    place.run(CALL).well();
}

#[test]
fn without_a_cache_it_says_that_too() {
    let place = cold(LONG);
    // The harness names a cache directory, which excludes this.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wardian"));
    command.arg("--no-cache").args(CALL);
    command.current_dir(place.path("")).env_remove("RUST_LOG");
    let ran = place.ran(command.output().expect("it runs"));
    assert_eq!(
        (ran.exit, ran.err.as_str()),
        (
            Some(0),
            "compiling `slow` for this machine, each time, as there is no cache …\n"
        )
    );
}

#[test]
fn nothing_is_said_of_small_modules_or_when_it_is_to_be_quiet() {
    let place = cold(LONG);
    place.write("adder.wat", wat::ADDER);
    place.run(["call", "adder.wat", "add", "1", "2"]).well();
    place.run([&["-q"][..], &CALL].concat()).well();
}

#[test]
fn on_a_terminal_the_seconds_pass_and_nothing_is_left() {
    let seen = seen(&cold(LONG), &CALL, "xterm", false);
    assert_eq!((seen.exit, seen.last.as_str()), (Some(0), ""));
    // A sign that turns, the words, the time: where a line was not yet drawn to its end, there is none.
    let whole = seen.lines(|line| line.ends_with('s') && line.contains(LINE));
    assert!(whole.len() > 1, "it turns: {:?}", lines(&seen));
    for line in whole {
        let (sign, rest) = line.split_once(' ').expect("several words");
        let time = rest.strip_prefix(LINE).unwrap_or_default().trim();
        assert_eq!(sign.chars().count(), 1, "{line}");
        assert!(time.trim_end_matches('s').parse::<u32>().is_ok(), "{line}");
    }
    assert_eq!(seen.cursor, (0, 0));
}

#[test]
fn a_dumb_terminal_gets_a_plain_line() {
    let seen = seen(&cold(LONG), &CALL, "dumb", false);
    assert_eq!((seen.exit, seen.last.as_str()), (Some(0), LINE));
    assert!(!seen.bytes.contains(&0x1b));
}

#[test]
fn what_is_written_beside_it_stands_on_lines_of_its_own() {
    let beside = ["--log", "wardian_sandbox=debug", "--ahead-dir", "gone"];
    let arguments = [&beside[..], &CALL].concat();
    let seen = seen(&cold(LONG), &arguments, "xterm", false);
    assert_eq!(seen.exit, Some(0));
    assert!(!lines(&seen).is_empty());
    let words = "nothing compiled ahead is used";
    assert!(seen.last.contains(words), "{}", seen.last);
    assert!(!seen.last.contains("compiling `slow`"), "{}", seen.last);
}

#[test]
fn an_interrupt_and_a_late_error_clear_it_too() {
    for compiler in ["helper", "in-process"] {
        let arguments = [&["--compiler", compiler][..], &CALL].concat();
        let hit = seen(&cold(ENDLESS), &arguments, "xterm", true);
        assert_eq!(hit.exit, Some(130), "{compiler}: {}", hit.last);
        assert!(
            !hit.last.contains("compiling `"),
            "{compiler}: {}",
            hit.last
        );

        let arguments = [&["--compile-time", "900ms"][..], &arguments].concat();
        let late = seen(&cold(ENDLESS), &arguments, "xterm", false);
        assert_eq!(late.exit, Some(11), "{compiler}: {}", late.last);
        assert!(!lines(&late).is_empty(), "{compiler}");
        assert!(
            late.last.starts_with("error: "),
            "{compiler}: {}",
            late.last
        );
        assert!(
            !late.last.contains("compiling `"),
            "{compiler}: {}",
            late.last
        );
    }
}
