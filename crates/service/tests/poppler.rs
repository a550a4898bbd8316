//! Judged by others' eyes: what the example documents say, as Python's own HTML parser reads it, is found again by
//! poppler's `pdftotext` in the PDFs that became of them; and they are the same PDFs natively and in the sandbox.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_service::pdf::Rendered;

#[path = "common/pdf.rs"]
mod common;
use common::{Example, examples, folder, pdfs};

/// Characters that are no letters of the text: soft hyphens, marks of direction, joiners.
const UNSEEN: [char; 12] = [
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}',
    '\u{202c}', '\u{2066}', '\u{2067}', '\u{2069}',
];

/// What there is to see, without the case, which a style may change.
fn seen(text: &str) -> String {
    let kept = |c: &char| !c.is_whitespace() && !UNSEEN.contains(c);
    text.chars()
        .filter(kept)
        .flat_map(char::to_lowercase)
        .collect()
}

fn output(command: &mut Command, hint: &str) -> String {
    let output = command.output();
    let output =
        output.unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}\n{hint}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed: {said}\n{hint}"
    );
    String::from_utf8(output.stdout).unwrap()
}

fn read_again(made: &Rendered, name: &str) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
    std::fs::write(&file, &made.bytes).unwrap();
    let hint = "hint: install poppler's tools (Debian: `apt-get install poppler-utils`)";
    output(
        Command::new("pdftotext").arg("-raw").arg(&file).arg("-"),
        hint,
    )
}

fn words(example: &Example) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/poppler/source.py");
    let file = folder().join(format!("{}.html", example.name));
    let hint = "hint: install Python 3 (Debian: `apt-get install python3`)";
    let text = output(Command::new("python3").arg(script).arg(file), hint);
    text.lines().map(str::to_owned).collect()
}

fn counted(text: &str) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    counts
}

#[test]
fn every_character_is_found_again() {
    for example in examples() {
        let made = pdfs()
            .render_blocking(example.html.clone(), example.options.clone())
            .unwrap();
        assert_eq!(made.warnings, [], "{}", example.name);
        let found = seen(&read_again(&made, &example.name));
        let words = words(&example);
        assert!(words.len() > 20, "{} has hardly any text", example.name);
        let has = counted(&found);
        for (c, due) in counted(&seen(&words.concat())) {
            let there = has.get(&c).copied().unwrap_or_default();
            assert!(
                there >= due,
                "{}: {c:?} stands {due} times in it, {there} were found",
                example.name
            );
        }
        let lost: Vec<&String> = words
            .iter()
            .filter(|word| !found.contains(&seen(word)))
            .collect();
        assert!(
            lost.is_empty(),
            "{}: words are lost: {lost:?}",
            example.name
        );
    }
}

#[test]
fn the_box_changes_nothing() {
    for example in examples() {
        let made = pdfs()
            .render_blocking(example.html.clone(), example.options.clone())
            .unwrap();
        let assets = example.options.assets.iter();
        let assets =
            assets.map(|(name, file)| (name.as_str().into(), Value::Bin(file.as_ref().into())));
        let request = Arguments::new()
            .with("assets", Value::Map(assets.collect()))
            .with("html", example.html.as_str())
            .encode()
            .unwrap();
        let answer = wardian_guest_pdf::call("render", &request);
        let Ok(Response::Ok(answer)) = Response::decode(&answer, &DecodeLimits::default()) else {
            panic!("{} does not render natively", example.name)
        };
        let native = answer.get("pdf").and_then(Value::as_bytes).unwrap();
        assert!(native == made.bytes, "{} differs", example.name);
    }
}
