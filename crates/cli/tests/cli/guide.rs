//! The guides: every command in them is run, and what they show is what is said.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::{Place, bmp};
use crate::workbook;

const MANY_FILES: &str = include_str!("../../../../docs/guides/many-files.md");
const GUARDS: &str = include_str!("../../../../docs/guides/guards.md");
const POLICIES: &str = include_str!("../../../../docs/guides/policies.md");
const ORDER: &str = include_str!("../../../../examples/order_approval/order.json");
const BUFFER: &str = include_str!("../../../../guests/guards/wat/fixed_buffer.wat");
const SHEETS: &str = include_str!("../../../../docs/reference/sheets.md");

/// A block of a guide: what it is marked as, and its lines.
fn blocks(guide: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let inner = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((kind, inner));
        }
    }
    blocks
}

fn shell(place: &Place, line: &str) -> (i32, String) {
    let binary = Path::new(env!("CARGO_BIN_EXE_wardian"));
    let folder = binary.parent().expect("it lies in a folder");
    let path = std::env::var("PATH").expect("a path");
    let output = Command::new("bash")
        .args(["-c", &format!("{{ {line}\n}} 2>&1")])
        .current_dir(place.path(""))
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("HOME", place.path("cache"))
        .env_remove("XDG_CACHE_HOME")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("bash is installed");
    let said = String::from_utf8(output.stdout).expect("text");
    (output.status.code().expect("no signal"), said)
}

/// Runs its commands, and compares what it shows with what they say.
fn follow(place: &Place, guide: &str) -> usize {
    let (mut commands, mut said) = (0, String::new());
    for (kind, lines) in blocks(guide) {
        // The doctests' part, and files that are there already.
        if ["rust", "json", "rego"].contains(&kind) {
            continue;
        }
        if kind == "text" {
            // Sizes change with the encoder.
            let shown: Vec<_> = lines.iter().map(|line| without_size(line)).collect();
            let found: Vec<_> = said.lines().map(without_size).collect();
            assert_eq!(found, shown);
            continue;
        }
        for line in lines {
            let (command, wanted) = line.split_once("  # exit ").unwrap_or((line, "0"));
            let (exit, now) = shell(place, command);
            assert_eq!(exit.to_string(), wanted, "{command}\n{now}");
            (commands, said) = (commands + 1, now);
        }
    }
    commands
}

#[test]
fn many_files_does_what_it_says() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("photos/trip")).expect("a new folder");
    let lake = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/lake.jpg");
    std::fs::copy(lake, place.path("photos/lake.jpg")).expect("a picture of ours");
    place.write("small.bmp", bmp(60, 40));
    for name in ["photos/small.jpg", "photos/trip/other.jpg"] {
        let (exit, said) = shell(
            &place,
            &format!("wardian image convert small.bmp -o {name}"),
        );
        assert_eq!(exit, 0, "{said}");
    }
    place.write("notes.txt", "no picture");
    let commands = follow(&place, MANY_FILES);
    assert!(commands >= 9, "{commands}");
    let report: serde_json::Value =
        serde_json::from_slice(&place.read("report.json")).expect("JSON and nothing else");
    assert_eq!(report["files"].as_array().map(Vec::len), Some(2));
}

#[test]
fn spreadsheets_are_read_as_the_reference_says() {
    let place = Place::with_sheet();
    std::fs::create_dir_all(place.path("in")).expect("a new folder");
    for name in ["orders.xlsx", "in/orders.xlsx"] {
        place.write(name, workbook::orders());
    }
    // What is said of compiling is another page's.
    let (exit, said) = shell(&place, "wardian -q cache warm sheet");
    assert_eq!(exit, 0, "{said}");
    assert_eq!(follow(&place, SHEETS), 6);
}

#[test]
fn a_guard_of_your_own_does_what_it_says() {
    let place = Place::new();
    place.write("order.json", ORDER);
    place.write("approved.wat", BUFFER);
    assert_eq!(follow(&place, GUARDS), 7);
    let drawn = String::from_utf8(place.read("order.svg")).expect("text");
    assert!(drawn.contains("<svg"), "{drawn}");
}

#[test]
fn a_policy_of_your_own_does_what_it_says() {
    let place = Place::new();
    // The first blocks of their kinds are the files that the guide shows.
    for (kind, file) in [("json", "shop.json"), ("rego", "shop.rego")] {
        let blocks = blocks(POLICIES);
        let shown = blocks.iter().find(|block| block.0 == kind).expect("a file");
        place.write(file, shown.1.join("\n"));
    }
    assert_eq!(follow(&place, POLICIES), 17);
}

fn without_size(line: &str) -> &str {
    match line.rsplit_once(", ") {
        Some((before, size)) if size.ends_with("iB") => before,
        _ => line,
    }
}
