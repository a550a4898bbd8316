//! Where the results of many files go: names, folders, and what is refused before anything is begun.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::many::{four, resize};
use crate::place::{Place, bmp};
use crate::snapshot;

#[test]
fn collisions_are_named_all_at_once_and_nothing_is_done() {
    let place = four();
    for folder in ["x", "y", "z"] {
        std::fs::create_dir(place.path(folder)).expect("a new folder");
        place.write(&format!("{folder}/a.bmp"), bmp(3, 3));
    }
    place.write("c.png", "");
    let all = ["x/a.bmp", "y/a.bmp", "z/a.bmp", "c.bmp", "c.png", "d.bmp"];
    let ran = resize(&place, &[&all, &["--out-dir", "out"][..]].concat());
    snapshot!(ran.whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `x/a.bmp`, `y/a.bmp` and `z/a.bmp` would all be `out/a.png`
    `c.bmp` and `c.png` would both be `out/c.png`
    hint: work on them in separate runs, with a folder for each
    "#);
    let forced = resize(
        &place,
        &[&all, &["--out-dir", "out", "--force"][..]].concat(),
    );
    assert_eq!(forced.whole(), ran.whole(), "and force does not help");
    assert!(!place.path("out").exists());
    // Two names of one file.
    std::fs::create_dir(place.path("out")).expect("a new folder");
    place.write("out/a.png", "old");
    std::os::unix::fs::symlink("a.png", place.path("out/c.png")).expect("a link");
    let ran = resize(&place, &["a.bmp", "c.bmp", "--out-dir", "out", "--force"]);
    assert_eq!(ran.exit, Some(2), "{}", ran.err);
    assert_eq!(place.read("out/a.png"), b"old");
}

#[test]
fn what_is_there_is_overwritten_only_by_force() {
    let place = four();
    std::fs::create_dir(place.path("out")).expect("a new folder");
    place.write("out/a.png", "precious");
    place.write("out/d.png", "precious");
    let all = ["a.bmp", "c.bmp", "d.bmp", "--out-dir", "out"];
    snapshot!(resize(&place, &all).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `out/a.png` and `out/d.png` exist
    hint: use `--force` to overwrite, or choose another folder
    "#);
    assert_eq!(
        place.names_in("out"),
        ["a.png", "d.png"],
        "nothing was begun"
    );
    let ran = resize(&place, &[&all[..], &["--force"]].concat());
    assert_eq!((ran.exit, ran.err.as_str()), (Some(0), "3 of 3 written\n"));
    assert!(place.read("out/a.png").starts_with(b"\x89PNG"));
}

#[test]
fn a_source_is_not_written_over_by_accident() {
    let place = Place::with_image();
    place.write("in.bmp", bmp(30, 20));
    let png = place
        .run(["image", "convert", "in.bmp", "--format", "png"])
        .well()
        .out;
    for name in ["a.png", "b.PNG"] {
        place.write(name, &png);
    }
    snapshot!(resize(&place, &["a.png", "b.PNG", "--out-dir", "."]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `./a.png` and `./b.PNG` exist
    hint: these are the sources themselves: choose another folder, or use `--force` to write over them
    "#);
    assert_eq!(
        (place.read("a.png"), place.read("b.PNG")),
        (png.clone(), png.clone())
    );
    let ran = resize(&place, &["a.png", "b.PNG", "--out-dir", ".", "--force"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    assert_eq!(place.names(), ["a.png", "b.PNG", "in.bmp"]);
    assert!(place.read("a.png").len() < png.len() && place.read("b.PNG").len() < png.len());
}

#[test]
fn the_folder_is_made_when_all_else_is_right() {
    let place = four();
    place.write("file", "");
    let ran = resize(&place, &["a.bmp", "--out-dir", "some/where/new"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Some(0), "1 of 1 written\n"));
    assert_eq!(place.names_in("some/where/new"), ["a.png"]);
    snapshot!(resize(&place, &["a.bmp", "--out-dir", "file"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `file` is no folder
    "#);
    snapshot!(resize(&place, &["a.bmp", "--out-dir", "file/new"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: cannot make the folder `file/new`: Not a directory (os error 20)
    hint: choose another one with `--out-dir`
    "#);
    std::fs::create_dir_all(place.path("full/a.png")).expect("a new folder");
    snapshot!(resize(&place, &["a.bmp", "--out-dir", "full", "--force"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `full/a.png`: a folder is where a result should be
    "#);
    let both = resize(&place, &["a.bmp", "--out-dir", "out", "-o", "x.png"]);
    assert_eq!(both.exit, Some(2), "{}", both.err);
}

#[test]
fn names_follow_the_format() {
    let place = Place::with_image();
    for name in ["a.bmp", "b.jpeg", "c.JPG", "d", "e.tiff", "f.tar.bmp"] {
        place.write(name, bmp(8, 8));
    }
    let jpeg = ["*", "--out-dir", "jpeg", "--format", "jpeg"];
    assert_eq!(resize(&place, &jpeg).exit, Some(0));
    assert_eq!(
        place.names_in("jpeg"),
        ["a.jpg", "b.jpeg", "c.JPG", "d.jpg", "e.jpg", "f.tar.jpg"]
    );
    assert!(place.read("jpeg/c.JPG").starts_with(b"\xff\xd8"));
    // By the name of the source, as `-o` goes by the name of the output, whatever is in it.
    assert_eq!(
        resize(&place, &["[abcf].*", "--out-dir", "own"]).exit,
        Some(0)
    );
    assert_eq!(
        place.names_in("own"),
        ["a.png", "b.jpeg", "c.JPG", "f.tar.png"]
    );
    assert!(place.read("own/b.jpeg").starts_with(b"\xff\xd8"));
    snapshot!(resize(&place, &["?", "*.*", "--out-dir", "own"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: no format is known for `d` and `e.tiff`
    hint: say it with `--format`
    "#);
    snapshot!(place.run(["image", "convert", "a.bmp", "--out-dir", "own"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: the format to convert to is not known
    hint: use `--format`, or an output whose name ends in it
    "#);
}

#[test]
fn names_that_are_no_text_work() {
    let place = Place::with_image();
    let odd = OsStr::from_bytes(b"o\xff\x1b[31m.bmp");
    std::fs::write(place.path("").join(odd), bmp(8, 8)).expect("a file of our own");
    place.write("bad.bmp", "\u{1b}[31mred");
    let ran = resize(&place, &["*.bmp", "--out-dir", "out"]);
    assert_eq!(ran.exit, Some(15));
    assert!(!ran.text().contains('\u{1b}') && !ran.err.contains('\u{1b}'));
    let written = OsStr::from_bytes(b"o\xff\x1b[31m.png");
    assert!(place.path("out").join(written).is_file());
    let named = [
        OsStr::new("image"),
        OsStr::new("info"),
        odd,
        OsStr::new("bad.bmp"),
    ];
    let ran = place.run(named);
    assert!(
        ran.text().starts_with("o\u{fffd}\\u{1b}[31m.bmp: 8 × 8"),
        "{}",
        ran.text()
    );
}
