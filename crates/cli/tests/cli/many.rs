//! Many files at once: each is done once, one that fails stops nobody, and nothing is begun that cannot end well.

use std::process::Stdio;

use crate::place::{Place, Ran, bmp};
use crate::snapshot;

/// `a.bmp`, `b.bmp`, `c.bmp`, `d.bmp`, of which `b.bmp` is no picture.
pub fn four() -> Place {
    let place = Place::with_image();
    for name in ["a.bmp", "c.bmp", "d.bmp"] {
        place.write(name, bmp(30, 20));
    }
    place.write("b.bmp", "not a picture");
    place
}

pub fn resize(place: &Place, arguments: &[&str]) -> Ran {
    let resize = ["image", "resize", "--width", "3"];
    place.run(resize.iter().chain(arguments))
}

#[test]
fn one_that_fails_stops_nobody_and_sets_the_exit_code() {
    let place = four();
    let all = ["a.bmp", "b.bmp", "c.bmp", "missing.bmp", "d.bmp"];
    let ran = resize(&place, &[&all[..], &["--out-dir", "out"]].concat());
    snapshot!(ran.whole(), @r#"
    exit: 15
    --- out
    out/a.png: 3 × 2 png, 85 B
    out/c.png: 3 × 2 png, 85 B
    out/d.png: 3 × 2 png, 85 B
    --- err
    error: `b.bmp`: the source is no JPEG, PNG, GIF, WebP or BMP
    error: cannot open `missing.bmp`
      No such file or directory (os error 2)
    3 of 5 written, 2 failed
    "#);
    assert_eq!(place.names_in("out"), ["a.png", "c.png", "d.png"]);
    for name in ["out/a.png", "out/c.png", "out/d.png"] {
        assert!(place.read(name).starts_with(b"\x89PNG"), "{name}");
    }
}

#[test]
fn the_first_failed_file_decides_whichever_was_done_first() {
    let place = four();
    let exit = |files: &[&str]| {
        let ran = resize(&place, &[files, &["--out-dir", "out", "--force"]].concat());
        (ran.exit, ran.err.lines().last().map(String::from))
    };
    let two_failed = Some("1 of 3 written, 2 failed".to_owned());
    assert_eq!(
        exit(&["a.bmp", "missing.bmp", "b.bmp"]),
        (Some(1), two_failed.clone())
    );
    assert_eq!(
        exit(&["b.bmp", "missing.bmp", "a.bmp"]),
        (Some(15), two_failed)
    );
    assert_eq!(
        exit(&["a.bmp", "c.bmp"]),
        (Some(0), Some("2 of 2 written".into()))
    );
}

/// The order of what is said is that of the inputs, and what is written is the same, on any number of threads.
#[test]
fn the_number_of_threads_changes_nothing_but_time() {
    let place = four();
    for n in 0..12 {
        place.write(&format!("n{n:02}.bmp"), bmp(200 - n * 15, 20));
    }
    let ran = |jobs: &str| {
        let ran = resize(&place, &["*.bmp", "--out-dir", jobs, "--jobs", jobs]);
        ran.whole().replace(&format!("{jobs}/"), "out/")
    };
    let one = ran("1");
    assert!(one.contains("15 of 16 written, 1 failed"), "{one}");
    for jobs in ["2", "64"] {
        assert_eq!(ran(jobs), one, "{jobs}");
        for name in place.names_in("1") {
            assert_eq!(
                place.read(&format!("1/{name}")),
                place.read(&format!("{jobs}/{name}"))
            );
        }
    }
    for jobs in ["0", "65", "many"] {
        assert_eq!(
            resize(&place, &["a.bmp", "--jobs", jobs]).exit,
            Some(2),
            "{jobs}"
        );
    }
    let narrow = resize(
        &place,
        &[
            "[acd].bmp",
            "--out-dir",
            "narrow",
            "--pool",
            "1",
            "--jobs",
            "3",
        ],
    );
    assert_eq!(
        narrow.exit,
        Some(0),
        "no more threads than slots: {}",
        narrow.err
    );
}

#[test]
fn patterns_are_looked_up_here() {
    let place = four();
    for folder in ["photos", "photos/deep", "photos/deep/er", "photos/.hidden"] {
        std::fs::create_dir(place.path(folder)).expect("a new folder");
        let name = folder.replace('/', "-");
        place.write(&format!("{folder}/{name}.bmp"), bmp(3, 3));
    }
    place.write("photos/[x].bmp", bmp(3, 3));
    place.write("photos/x.bmp", bmp(3, 3));
    let names = |arguments: &[&str]| {
        let text = place
            .run(["image", "info"].iter().chain(arguments))
            .well()
            .text();
        let names: Vec<String> = text
            .lines()
            .filter_map(|line| Some(line.split_once(": ")?.0.into()))
            .collect();
        names
    };
    assert_eq!(
        names(&["photos/**/*.bmp"]),
        [
            "photos/[x].bmp",
            "photos/deep/er/photos-deep-er.bmp",
            "photos/deep/photos-deep.bmp",
            "photos/photos.bmp",
            "photos/x.bmp"
        ]
    );
    assert_eq!(
        names(&[
            "photos/x.bmp",
            "photos/[x].bmp",
            "./photos/x.bmp",
            "photos/?.bmp"
        ]),
        ["photos/x.bmp", "photos/[x].bmp"],
        "a name that is there is no pattern, and each file is done once"
    );
    assert_eq!(names(&["photos/*/*.bmp"]), ["photos/deep/photos-deep.bmp"]);
    snapshot!(place.run(["image", "info", "a.bmp", "photos/*.jpg"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: no file matches `photos/*.jpg`
    hint: `*` stays within a folder, `**/` goes into all below; what begins with a point is only found by a pattern with `.` there
    "#);
    snapshot!(place.run(["image", "info", "photos/["]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `photos/[` is no pattern, and no such file is there: unclosed character class; missing ']'
    "#);
}

#[test]
fn folders_are_refused_and_the_hint_says_how() {
    let place = four();
    std::fs::create_dir(place.path("photos")).expect("a new folder");
    std::fs::create_dir(place.path("scans")).expect("a new folder");
    snapshot!(resize(&place, &["photos", "--out-dir", "out"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `photos` is a folder
    hint: name the files in it, such as 'photos/*'
    "#);
    snapshot!(resize(&place, &["a.bmp", "photos", "scans", "--out-dir", "out"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `photos` and `scans` are folders
    hint: name the files in it, such as 'photos/*'
    "#);
    snapshot!(place.run(["image", "info", "photos"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `photos` is a folder
    hint: name the files in it, such as 'photos/*'
    "#);
}

#[test]
fn standard_input_and_output_are_for_one() {
    let place = four();
    let picture = bmp(8, 8);
    let with = |arguments: &[&str]| {
        let resize = ["image", "resize", "--width", "3"];
        place.run_with(resize.iter().chain(arguments), &picture)
    };
    assert!(with(&["-o", "-"]).well().out.starts_with(b"\x89PNG"));
    assert!(with(&[]).well().out.starts_with(b"\x89PNG"));
    let named = resize(&place, &["a.bmp"]).well().out;
    assert_eq!(
        resize(&place, &["[a].bmp"]).well().out,
        named,
        "nothing beside the picture"
    );
    snapshot!(with(&["-", "a.bmp", "--out-dir", "out"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: standard input can only be read alone
    hint: leave out `-`, or the other files
    "#);
    snapshot!(with(&["--out-dir", "out"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: standard input has no name that its result could have
    hint: write the result to a file with `-o FILE`
    "#);
    snapshot!(resize(&place, &["a.bmp", "c.bmp"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: 2 files need a folder for their results
    hint: name it with `--out-dir DIR`; it is made if it is not there
    "#);
    snapshot!(resize(&place, &["*.bmp", "-o", "out.png"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: 4 files need a folder for their results
    hint: name it with `--out-dir DIR`; it is made if it is not there
    "#);
    assert_eq!(place.names(), ["a.bmp", "b.bmp", "c.bmp", "d.bmp"]);
}

/// Lines beside files are talk: nobody has to listen. Lines that are results are not made for nobody.
#[test]
fn nobody_has_to_read_standard_output() {
    let place = four();
    let unread = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = place.command(arguments);
        command.stdout(Stdio::from(writer)).stderr(Stdio::piped());
        let child = command.spawn().expect("it starts");
        place.ran(child.wait_with_output().expect("it ends"))
    };
    let files = [
        "image",
        "resize",
        "[acd].bmp",
        "--width",
        "3",
        "--out-dir",
        "out",
    ];
    let ran = unread(&files);
    assert_eq!((ran.exit, ran.err.as_str()), (Some(0), "3 of 3 written\n"));
    assert_eq!(place.names_in("out").len(), 3);
    for more in [&[][..], &["--json"]] {
        let ran = unread(&[&["image", "info", "a.bmp", "c.bmp"], more].concat());
        assert_eq!((ran.exit, ran.err.as_str()), (Some(0), ""), "{more:?}");
    }
}

#[test]
fn every_command_takes_many() {
    let place = Place::with_image();
    place.write("a.bmp", bmp(30, 20));
    place.write("b.bmp", bmp(20, 30));
    for command in [
        &["resize", "--width", "3"][..],
        &["thumbnail", "--size", "3"],
        &["crop", "--width", "3", "--height", "2"],
        &["optimize"],
        &["convert", "--format", "png"],
    ] {
        let name = command[0];
        let ran = place.run([&["image"], command, &["*.bmp", "--out-dir", name]].concat());
        assert_eq!(
            (ran.exit, ran.err.as_str()),
            (Some(0), "2 of 2 written\n"),
            "{name}"
        );
        assert_eq!(place.names_in(name), ["a.png", "b.png"]);
    }
    snapshot!(place.run(["image", "info", "*.bmp"]).whole(), @r#"
    exit: 0
    --- out
    a.bmp: 30 × 20 bmp, 1.8 KiB
    b.bmp: 20 × 30 bmp, 1.8 KiB
    --- err
    "#);
    snapshot!(place.run(["image", "blurhash", "*.bmp"]).whole(), @r#"
    exit: 0
    --- out
    a.bmp: LkDvyLFmJpX4?:X4N^SyTrw_jtOC
    b.bmp: LVDwG:BeFLS{_FX5JlOVHgwLo1J9
    --- err
    "#);
    let hashes = place.run(["image", "blurhash", "*.bmp", "--out-dir", "hashes"]);
    assert_eq!(
        (hashes.exit, hashes.err.as_str()),
        (Some(0), "2 of 2 written\n")
    );
    let one = place.run(["image", "blurhash", "a.bmp"]).well();
    assert_eq!(place.read("hashes/a.txt"), one.out);
    place
        .run(["image", "blurhash", "a.bmp", "-o", "h.txt", "--json"])
        .well();
    assert_eq!(place.read("h.txt"), one.out);
}
