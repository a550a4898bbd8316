//! Judged by others' eyes: what the example documents say, as Python's own HTML parser reads it, is found again by
//! poppler's `pdftotext` in the PDFs that became of them; and they look the same made natively and in the sandbox.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_service::pdf::{FUEL, RenderOptions, Rendered, WarningKind};

#[path = "common/pdf.rs"]
mod common;
use common::{Example, examples, folder, pdfs};

/// Characters that are no letters of the text: soft hyphens, marks of direction, joiners.
const UNSEEN: [char; 12] = [
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}',
    '\u{202c}', '\u{2066}', '\u{2067}', '\u{2069}',
];

const HINT: &str = "hint: install poppler's tools (Debian: `apt-get install poppler-utils`)";

/// What there is to see, without the case, which a style may change.
fn seen(text: &str) -> String {
    let kept = |c: &char| !c.is_whitespace() && !UNSEEN.contains(c);
    text.chars()
        .filter(kept)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The letters of a word in the order of the alphabet: of Hebrew and Arabic, and of brackets beside them, `pdftotext` says
/// which there are, but has an order of its own for marks, brackets and what is drawn as one.
fn sorted(word: &str) -> String {
    let mut letters: Vec<char> = seen(word).chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
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
    output(
        Command::new("pdftotext").arg("-raw").arg(&file).arg("-"),
        HINT,
    )
}

/// All pages in shades of grey, one after the other.
fn pixels(pdf: &[u8], name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-pixels"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("it.pdf");
    std::fs::write(&file, pdf).unwrap();
    let mut command = Command::new("pdftoppm");
    command
        .args(["-gray", "-r", "40"])
        .arg(&file)
        .arg(folder.join("page"));
    output(&mut command, HINT);
    let files = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut pages: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "pgm"))
        .collect();
    pages.sort();
    pages
        .iter()
        .flat_map(|page| std::fs::read(page).unwrap())
        .collect()
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
        let fuel = made.usage.fuel.unwrap();
        assert!(8 * fuel <= FUEL, "{} takes {fuel} units", example.name);
        let read = read_again(&made, &example.name);
        let found = seen(&read);
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
        let of_words: BTreeSet<String> = read.split_whitespace().map(sorted).collect();
        let has_right_to_left = read.chars().any(|c| ('\u{590}'..='\u{6ff}').contains(&c));
        let is_there = |word: &&String| {
            found.contains(&seen(word)) || has_right_to_left && of_words.contains(&sorted(word))
        };
        let lost: Vec<&String> = words.iter().filter(|word| !is_there(word)).collect();
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
        if native != made.bytes {
            // Sines and powers are not rounded the same everywhere; what is seen must not tell.
            let seen = [("box", &made.bytes[..]), ("native", native)]
                .map(|(way, bytes)| pixels(bytes, &format!("{}-{way}", example.name)));
            assert_eq!(
                seen[0].len(),
                seen[1].len(),
                "{} has other sides",
                example.name
            );
            let differs = |(one, other): &(&u8, &u8)| one.abs_diff(**other) > 8;
            let count = seen[0].iter().zip(&seen[1]).filter(differs).count();
            assert_eq!(
                count, 0,
                "{} looks otherwise at {count} pixels",
                example.name
            );
        }
    }
}

#[test]
fn characters_that_no_font_has_are_found_again_too() {
    for text in [
        "日",
        "日日日",
        "日本語",
        "a日b日",
        "日 日\u{a0}日 x",
        "اليسار",
        "a\u{10ffff}b",
    ] {
        let html = format!(
            "<meta charset=utf-8><p>{text}<p><b>{text}</b><p style='-webkit-text-stroke: 1px red'>{text}"
        );
        let made = pdfs().render_blocking(bytes::Bytes::from(html), RenderOptions::default());
        let made = made.unwrap();
        let kinds: Vec<_> = made.warnings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [WarningKind::Letter], "{text}");
        let found = read_again(&made, "missing");
        let lines = found.lines().filter(|line| !line.trim().is_empty());
        assert_eq!(lines.count(), 3, "{text}: {found:?}");
        assert_eq!(sorted(&found), sorted(&text.repeat(3)), "{text}: {found:?}");
    }
}

#[test]
fn nothing_is_seen_of_what_marks_a_character_that_no_font_has() {
    // This font draws nothing for such a character.
    let html = "<meta charset=utf-8><p style='font-family: serif'>日 日日";
    let made = pdfs().render_blocking(bytes::Bytes::from(html), RenderOptions::default());
    let pages = pixels(&made.unwrap().bytes, "unseen");
    let header = 20;
    assert!(pages.len() > 10_000);
    assert!(pages[header..].iter().all(|grey| *grey == 255));
}
