//! Help: every command has examples.

use crate::place::Place;
use crate::snapshot;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["image"],
    &["image", "resize"],
    &["image", "thumbnail"],
    &["image", "crop"],
    &["image", "optimize"],
    &["image", "convert"],
    &["image", "info"],
    &["image", "blurhash"],
    &["call"],
    &["module", "list"],
    &["module", "stats"],
    &["module", "inspect"],
    &["module", "test"],
    &["cache", "list"],
    &["cache", "clear"],
    &["demo"],
    &["doctor"],
];

#[test]
fn every_command_has_examples() {
    let place = Place::new();
    for command in COMMANDS {
        let ran = place.run(command.iter().copied().chain(["--help"])).well();
        let text = ran.text();
        let of = format!("  wardian {}", command.join(" "));
        assert!(text.contains("\nExamples:\n"), "{command:?}: {text}");
        assert!(
            command.is_empty() || *command == ["image"] || text.contains(&of),
            "{command:?}: {text}"
        );
    }
}

#[test]
fn the_first_page() {
    snapshot!(Place::new().run(["--help"]).well().whole(), @"");
}

#[test]
fn the_compiler_is_no_command_for_people() {
    let place = Place::new();
    assert!(!place.run(["--help"]).text().contains("compile-worker"));
    assert_eq!(
        place.run_with(["compile-worker"], b"rubbish").exit,
        Some(0),
        "it answers its parent in its own words"
    );
}
