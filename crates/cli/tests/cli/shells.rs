//! Completions and manual pages, given to the programs that they are for.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::place::Place;

/// What bash would offer for the last word.
fn completed(script: &str, words: &[&str]) -> Vec<String> {
    let typed = words.join("' '");
    let last = words.len() - 1;
    let asked = format!(
        "{script}\ncomplete -p wardian >/dev/null || exit 9\n\
         COMP_WORDS=('{typed}'); COMP_CWORD={last}\n\
         _wardian wardian '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words[last],
        words[last - 1]
    );
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", &asked])
        .output()
        .expect("bash is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("words are text");
    text.lines().map(String::from).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let script = Place::new().run(["completions", "bash"]).well().text();
    assert_eq!(completed(&script, &["wardian", "im"]), ["image"]);
    assert_eq!(completed(&script, &["wardian", "image", "res"]), ["resize"]);
    assert_eq!(
        completed(&script, &["wardian", "sheet", ""])
            .iter()
            .filter(|word| !word.starts_with('-'))
            .collect::<Vec<_>>(),
        ["list", "parse"]
    );
    assert_eq!(
        completed(&script, &["wardian", "sheet", "parse", "--format", "nd"]),
        ["ndjson"]
    );
    assert_eq!(
        completed(&script, &["wardian", "image", "resize", "--out-d"]),
        ["--out-dir"]
    );
    assert_eq!(
        completed(&script, &["wardian", "image", "resize", "--fit", "co"]),
        ["contain", "cover"]
    );
    assert_eq!(
        completed(&script, &["wardian", "completions", "z"]),
        ["zsh"]
    );
    assert_eq!(
        completed(&script, &["wardian", "compile"]),
        [""],
        "that one is not for people"
    );
}

#[test]
fn each_shell_has_a_script_of_its_own() {
    let place = Place::new();
    for (shell, begins) in [
        ("bash", "_wardian() {"),
        ("zsh", "#compdef wardian"),
        ("fish", "# Print an optspec"),
        ("elvish", "\nuse builtin;"),
        (
            "powershell",
            "\nusing namespace System.Management.Automation",
        ),
    ] {
        let script = place.run(["completions", shell]).well().text();
        assert!(script.starts_with(begins), "{shell}: {}", &script[..60]);
        assert!(
            script.contains("blurhash") && !script.contains("compile-worker"),
            "{shell}"
        );
    }
    assert_eq!(place.run(["completions", "csh"]).exit, Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let place = Place::new();
    let ran = place.run(["man", "--out-dir", "man/man1"]).well();
    let names = place.names_in("man/man1");
    assert_eq!(ran.text(), format!("{} pages in man/man1\n", names.len()));
    for name in [
        "wardian.1",
        "wardian-image.1",
        "wardian-image-resize.1",
        "wardian-sheet.1",
        "wardian-sheet-list.1",
        "wardian-sheet-parse.1",
        "wardian-module-test.1",
    ] {
        assert!(names.iter().any(|other| other == name), "{name}: {names:?}");
    }
    assert!(
        !names.iter().any(|name| name.contains("worker")),
        "{names:?}"
    );
    for name in &names {
        let page = String::from_utf8(place.read(&format!("man/man1/{name}"))).expect("text");
        well_formed(name, &page);
        rendered(name, &page);
    }
    let first = place.run(["man"]).well();
    assert_eq!(first.out, place.read("man/man1/wardian.1"));
    let again = place.run(["man", "--out-dir", "man/man1"]);
    assert_eq!(again.exit, Some(1));
    assert!(
        again.err.contains("`man/man1/wardian.1`") && again.err.contains("--force"),
        "{}",
        again.err
    );
    place
        .run(["man", "--out-dir", "man/man1", "--force", "--quiet"])
        .well();
    assert_eq!(place.run(["man", "--force"]).exit, Some(2));
}

/// Its structure, wherever this runs: a title, the sections that people look for, blocks that end.
fn well_formed(name: &str, page: &str) {
    let title = page.lines().find(|line| line.starts_with(".TH "));
    let stem = name.trim_end_matches(".1");
    assert!(
        title
            .is_some_and(|title| title.contains(&stem.replace('-', "\\-")) || title.contains(stem)),
        "{name}: {title:?}"
    );
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"] {
        assert!(
            page.contains(&format!("\n.SH {section}\n")),
            "{name}: {section}"
        );
    }
    let count = |macro_name: &str| page.lines().filter(|line| *line == macro_name).count();
    assert_eq!(count(".nf"), count(".fi"), "{name}");
    const KNOWN: [&str; 9] = [
        ".TH", ".SH", ".TP", ".RS", ".RE", ".br", ".nf", ".fi", ".ie",
    ];
    for line in page.lines().filter(|line| line.starts_with('.')) {
        let known = KNOWN.iter().any(|known| line.starts_with(known)) || line.starts_with(".el");
        assert!(known, "{name}: {line}");
    }
}

/// By groff, where it is installed: no warnings, and the examples unbroken.
fn rendered(name: &str, page: &str) {
    let groff = Command::new("groff")
        .args(["-man", "-ww", "-Tutf8", "-Kutf8", "-P-cbou"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut groff) = groff else {
        eprintln!("{name}: groff is not installed; the structure alone was looked at");
        return;
    };
    let mut stdin = groff.stdin.take().expect("piped");
    stdin.write_all(page.as_bytes()).expect("groff reads");
    drop(stdin);
    let output = groff.wait_with_output().expect("groff ends");
    assert!(
        output.stderr.is_empty(),
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("text");
    if name == "wardian-image-resize.1" {
        let example = "wardian image resize 'photos/**/*.jpg' --width 1600 --out-dir small";
        assert!(text.contains(example), "{text}");
        assert!(text.contains("Make a picture smaller"), "{text}");
    }
}
