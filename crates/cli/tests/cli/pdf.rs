//! `wardian pdf`.

use crate::place::Place;
use crate::snapshot;

const LETTER: &str = "<!doctype html><title>Letter</title><p>Grüße, Ωmega";

/// A dot of 1 × 1.
const DOT: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>";

#[test]
fn renders_from_file_to_file() {
    let place = Place::with_pdf();
    place.write("letter.html", LETTER);
    let ran = place.run(["pdf", "render", "letter.html", "-o", "letter.pdf"]);
    let text = ran.well().text();
    assert!(text.starts_with("letter.pdf: 1 page, "), "{text}");
    assert!(place.read("letter.pdf").starts_with(b"%PDF-1."));
    assert_eq!(place.names(), ["letter.html", "letter.pdf"]);
    let bytes = place.read("letter.pdf").len();
    let info = place.run(["pdf", "info", "letter.pdf"]).well().text();
    let count = format!("{},{:03}", bytes / 1_000, bytes % 1_000);
    let due = format!("title    Letter\npages    1\nsize     210 × 297 mm\nbytes    {count}\n");
    assert!(info.starts_with(&due), "{info}");
}

#[test]
fn pipes_in_and_out() {
    let place = Place::with_pdf();
    let made = place
        .run_with(["pdf", "render"], LETTER.as_bytes())
        .well()
        .out;
    assert!(made.starts_with(b"%PDF-1."));
    let info = place
        .run_with(["pdf", "info", "--json"], &made)
        .well()
        .json();
    assert_eq!(
        (&info["pages"], &info["title"]),
        (&1.into(), &"Letter".into())
    );
    place.write("one.pdf", &made);
    let both = place
        .run_with(["pdf", "merge", "-", "one.pdf"], &made)
        .well()
        .out;
    let info = place
        .run_with(["pdf", "info", "--json"], &both)
        .well()
        .json();
    assert_eq!(info["pages"], 2);
}

#[test]
fn pages_are_as_the_command_line_says() {
    let place = Place::with_pdf();
    let size = |arguments: &str| {
        let words = ["pdf", "render"]
            .into_iter()
            .chain(arguments.split_whitespace());
        let made = place.run_with(words, LETTER.as_bytes()).well().out;
        let info = place
            .run_with(["pdf", "info", "--json"], &made)
            .well()
            .json();
        let side = |name: &str| info[name].as_f64().map(f64::round);
        (side("width"), side("height"))
    };
    assert_eq!(size("--size a5"), (Some(420.0), Some(595.0)));
    assert_eq!(
        size("--size Letter --orientation landscape"),
        (Some(792.0), Some(612.0))
    );
    assert_eq!(
        size("--size 2x3in --margin 5mm"),
        (Some(144.0), Some(216.0))
    );
    snapshot!(place.run(["pdf", "render", "--size", "a9"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: invalid value 'a9' for '--size <SIZE>': none of a3, a4, a5, a6, b4, b5, letter, legal, tabloid, and no sides such as 100x150mm

    For more information, try '--help'.
    "#);
    snapshot!(place.run(["pdf", "render", "--margin", "1mm,2mm"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: invalid value '1mm,2mm' for '--margin <LENGTHS>': one length or four are due, got 2

    For more information, try '--help'.
    "#);
    let ran = place.run_with(["pdf", "render", "--size", "1x1"], LETTER.as_bytes());
    snapshot!(ran.whole(), @r#"
    exit: 15
    --- out
    --- err
    error: `width` must be a number from 10 to 14400, got 1; `height` must be a number from 10 to 14400, got 1 (pdf.options)
    "#);
}

#[test]
fn what_comes_along_is_named_and_nothing_else_is_opened() {
    let place = Place::with_pdf();
    std::fs::create_dir(place.path("img")).expect("a folder of our own");
    place.write("img/dot.svg", DOT);
    place.write("secret.svg", DOT);
    place.write("more.css", "p { color: teal }");
    let html = "<img src='img/dot.svg'><img src='secret.svg'><img src='/etc/passwd'><p>x";
    place.write("page.html", html);
    let render = ["pdf", "render", "page.html", "-o", "page.pdf", "--force"];
    let warned = |more: &[&str]| {
        let ran = place.run(render.iter().chain(more));
        assert_eq!(ran.exit, Some(0), "{}", ran.err);
        let names = ["img/dot.svg", "secret.svg", "/etc/passwd"];
        names.map(|name| ran.err.contains(name))
    };
    assert_eq!(warned(&[]), [true, true, true]);
    assert_eq!(warned(&["--asset", "img/dot.svg"]), [false, true, true]);
    assert_eq!(warned(&["--asset", "img/*.svg"]), [false, true, true]);
    assert_eq!(
        warned(&["--asset", "img/dot.svg=secret.svg"]),
        [false, true, true]
    );
    assert_eq!(warned(&["--assets", "."]), [false, false, true]);
    assert_eq!(warned(&["--quiet"]), [false, false, false]);
    let json = place.run(render.iter().chain(&["--json", "--style", "more.css"]));
    let json = json.json();
    let codes: Vec<_> = json["warnings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|warning| warning["code"].clone())
        .collect();
    assert_eq!(codes, ["pdf.image", "pdf.image", "pdf.image"]);
    let both = ["--asset", "a=img/dot.svg", "--asset", "a=secret.svg"];
    snapshot!(place.run(render.iter().chain(&both)).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `img/dot.svg` and `secret.svg` would both be `a`
    "#);
    snapshot!(place.run(render.iter().chain(&["--font", "nowhere.ttf"])).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: cannot open `nowhere.ttf`
      No such file or directory (os error 2)
    "#);
}

#[test]
fn many_documents_are_made_and_a_bad_one_stops_nobody() {
    let place = Place::with_pdf();
    for name in ["a", "b", "d"] {
        place.write(&format!("{name}.html"), LETTER);
    }
    place.write("c.html", "x".repeat(500_001));
    let ran = place.run(["pdf", "render", "*.html", "--out-dir", "out", "--json"]);
    assert_eq!(ran.exit, Some(11));
    let json = ran.json();
    assert_eq!(json["ok"], false);
    assert_eq!(place.names_in("out"), ["a.pdf", "b.pdf", "d.pdf"]);
    assert!(ran.err.contains("c.html"), "{}", ran.err);
    // And nothing is written over.
    let again = place.run(["pdf", "render", "a.html", "--out-dir", "out"]);
    assert_eq!(again.exit, Some(1));
    place
        .run([
            "-q",
            "pdf",
            "render",
            "a.html",
            "--out-dir",
            "out",
            "--force",
        ])
        .well();
}

#[test]
fn merging_names_the_file_that_is_none() {
    let place = Place::with_pdf();
    let one = place
        .run_with(["pdf", "render"], LETTER.as_bytes())
        .well()
        .out;
    place.write("1.pdf", &one);
    place.write("2.pdf", &one);
    place.write("bad.pdf", "nothing of the kind");
    let ran = place.run(["pdf", "merge", "?.pdf", "1.pdf", "-o", "all.pdf"]);
    let text = ran.well().text();
    assert!(text.starts_with("all.pdf: 3 pages, "), "{text}");
    snapshot!(place.run(["pdf", "merge", "1.pdf", "2.pdf", "-o", "all.pdf"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `all.pdf` exists
    hint: use `--force` to overwrite it, or choose another name
    "#);
    snapshot!(place.run(["pdf", "merge", "1.pdf", "bad.pdf", "-o", "b.pdf"]).whole(), @r#"
    exit: 15
    --- out
    --- err
    error: `bad.pdf` cannot be read: it does not begin like a PDF (pdf.malformed)
    "#);
    snapshot!(place.run(["pdf", "merge", "1.pdf", "no.pdf", "gone.pdf", "-o", "b.pdf"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: cannot open `no.pdf`: No such file or directory (os error 2)
    cannot open `gone.pdf`: No such file or directory (os error 2)
    "#);
    assert_eq!(place.names(), ["1.pdf", "2.pdf", "all.pdf", "bad.pdf"]);
}

#[test]
fn limits_are_the_callers_to_set() {
    let place = Place::with_pdf();
    let limited = |limit: &str| {
        let ran = place.run_with(["pdf", "render", "--limit", limit], LETTER.as_bytes());
        (ran.exit, ran.out.is_empty(), ran.err)
    };
    let (exit, nothing, said) = limited("memory=2MiB");
    assert!(
        exit == Some(11) && nothing && said.contains("memory"),
        "{said}"
    );
    let (exit, nothing, said) = limited("fuel=1000");
    assert!(
        exit == Some(11) && nothing && said.contains("fuel"),
        "{said}"
    );
}

#[test]
fn words_of_a_document_do_nothing_to_a_terminal() {
    let place = Place::with_pdf();
    let html = "<title>\u{1b}[31mred</title><img src='\u{1b}]0;gone\u{7}.png'>x";
    place.write("a.html", html);
    let ran = place.run(["pdf", "render", "a.html", "-o", "a.pdf"]);
    assert!(
        ran.err.contains("pdf.image") && !ran.err.contains('\u{1b}'),
        "{:?}",
        ran.err
    );
    let info = place.run(["pdf", "info", "a.pdf"]).well().text();
    assert!(info.contains("red") && !info.contains('\u{1b}'), "{info:?}");
}
