//! On a terminal: a bar while many files are worked on, and none afterwards.

use crate::place::{Place, bmp};
use crate::pty::{Seen, watch};

/// Runs with standard error on a terminal, and standard output too where it is asked for.
fn seen(place: &Place, arguments: &[&str], both: bool) -> Seen {
    let mut command = place.command(arguments);
    command.env("TERM", "xterm");
    watch(command, both, |_, _| {})
}

/// Every bar that ever stood there.
fn bars(seen: &Seen) -> Vec<&str> {
    seen.lines(is_bar)
}

fn is_bar(line: &str) -> bool {
    line.starts_with(['━', '╸', '╌'])
}

fn eight() -> Place {
    let place = Place::with_image();
    write_eight(&place);
    place.write("p3.bmp", "not a picture");
    place
}

fn write_eight(place: &Place) {
    for n in 0..8 {
        place.write(&format!("p{n}.bmp"), bmp(300, 300));
    }
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
    let bars = bars(&seen);
    let begun = bars.iter().any(|bar| bar.contains(" 0/8 files"));
    assert!(begun, "{bars:?}");
    let later = bars
        .iter()
        .any(|bar| bar.contains("/s, ") && bar.contains(" s left"));
    assert!(later, "{bars:?}");
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
    assert!(!bars(&seen).is_empty());
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

/// What is said of compiling, then the bar, then neither: they share one screen.
#[test]
fn a_guest_is_compiled_before_the_bar_and_nothing_of_either_is_left() {
    let place = Place::new();
    write_eight(&place);
    let info = ["--compiler", "in-process", "image", "info", "*.bmp"];
    let mut command = place.command(info);
    // As on a machine with one core, where it takes longest.
    command.env("TERM", "xterm").env("RAYON_NUM_THREADS", "1");
    let seen = watch(command, false, |_, _| {});
    let compiles = |screen: &String| screen.contains("compiling `image` for this machine, once …");
    let has_bar = |screen: &String| screen.lines().any(is_bar);
    let compiled = seen.screens.iter().rposition(compiles);
    let begun = seen.screens.iter().position(has_bar);
    assert!(
        compiled.is_some() && begun > compiled,
        "{compiled:?} {begun:?}: {:?}",
        seen.screens
    );
    assert!(bars(&seen).iter().any(|bar| bar.contains(" 0/8 files")));
    for screen in &seen.screens {
        // Neither ever leaves a line of itself behind.
        assert!(screen.lines().count() <= 1, "{screen}");
    }
    assert_eq!(
        (seen.exit, seen.last.as_str(), seen.cursor),
        (Some(0), "", (0, 0))
    );
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
    assert!(bars(&one).is_empty() && !one.bytes.contains(&0x1b));
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
