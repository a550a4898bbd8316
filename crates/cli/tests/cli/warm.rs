//! `wardian cache warm` and `--ahead-dir`: compiled before anybody waits, and used without compiling; where it cannot
//! be used, one notice.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value as Json;

use crate::place::{Place, bmp, wat};
use crate::snapshot;

const INFO: [&str; 4] = ["image", "info", "one.bmp", "--json"];
const ADD: [&str; 5] = ["call", "adder.wat", "add", "1", "2"];

fn cold() -> Place {
    let place = Place::new();
    place.write("one.bmp", bmp(1, 1));
    place.write("adder.wat", wat::ADDER);
    place
}

/// The image guest for this processor in the folder `ahead`.
fn fill(place: &Place, cpu: &str) -> Json {
    let warm = "-q cache warm image --into ahead --json --cpu";
    let warm = warm.split(' ').chain([cpu]);
    place.run(warm).well().json()
}

fn with<'a>(ahead: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&["--ahead-dir", ahead][..], rest].concat()
}

fn modules(json: &Json) -> &[Json] {
    json["modules"].as_array().expect("a list")
}

fn is_empty(place: &Place) -> bool {
    let list = place.run(["cache", "list", "--json"]).well().json();
    list.as_array().is_some_and(Vec::is_empty)
}

/// What was said, without the line that is only said where compiling takes long.
fn notices(err: &str) -> Vec<&str> {
    const LINE: &str = "compiling `image` for this machine, once …";
    err.lines().filter(|line| *line != LINE).collect()
}

#[test]
fn warming_compiles_once() {
    let place = cold();
    let warm = ["-q", "cache", "warm", "image", "--json"];
    let [first, second] = [(); 2].map(|()| place.run(warm).well().json());
    assert_eq!(first["dir"], second["dir"]);
    let ([one], [other]) = (modules(&first), modules(&second)) else {
        panic!("one module each: {first} {second}");
    };
    assert_eq!(
        (&one["name"], &one["cpu"]),
        (&"image".into(), &"native".into())
    );
    assert_eq!(
        (&one["compiled"], &other["compiled"]),
        (&true.into(), &false.into())
    );
    for same in ["bytes", "digest"] {
        assert_eq!(one[same], other[same]);
    }
    assert!(one["bytes"].as_u64() > Some(100_000) && one["took_ms"].is_u64());
    // Nobody is told of a compilation any more.
    let seen = place.run(INFO).well().json();
    assert_eq!(seen["width"], 1);
}

#[test]
fn all_that_is_embedded_is_warmed_and_shown() {
    let place = Place::with_image();
    let list = place.run(["module", "list", "--json"]).well().json();
    let list = list.as_array().expect("a list").iter();
    let embedded: Vec<&str> = list
        .filter(|module| module["origin"] == "embedded")
        .filter_map(|module| module["name"].as_str())
        .collect();
    let text = place.run(["-q", "cache", "warm"]).well().text();
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .is_some_and(|titles| titles.starts_with("module "))
    );
    let shown: Vec<Vec<&str>> = lines
        .map(|line| line.split_whitespace().collect())
        .collect();
    let names: Vec<&str> = shown
        .iter()
        .map(|words| words[0])
        .take(embedded.len())
        .collect();
    assert_eq!(names, embedded, "{text}");
    let image = shown
        .iter()
        .find(|words| words[0] == "image")
        .expect("a line");
    assert_eq!(
        (image[1], image[3], image[4..6].join(" ").as_str()),
        ("native", "MiB", "was there")
    );
    assert!(text.trim_end().ends_with("cli-cache"), "{text}");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn what_was_compiled_ahead_is_used_and_not_compiled() {
    let place = cold();
    let [first, again] = ["x86-64-v2", "x86-64-v2,x86-64-v2"].map(|cpu| fill(&place, cpu));
    assert_eq!(modules(&first)[0]["compiled"], true);
    let [again] = modules(&again) else {
        panic!("each processor once: {again}");
    };
    assert_eq!(
        (&again["compiled"], &again["cpu"]),
        (&false.into(), &"x86-64-v2".into())
    );
    let mode = |name: &str| {
        let meta = fs::metadata(place.path(name)).expect("it is there");
        meta.permissions().mode() & 0o777
    };
    assert_eq!((mode("ahead"), mode("ahead/key")), (0o755, 0o644));
    // Copied to where it is used, as into an image.
    fs::create_dir(place.path("installed")).expect("a folder");
    for file in fs::read_dir(place.path("ahead")).expect("a folder") {
        let from = file.expect("an entry").path();
        let name = from.file_name().expect("a name");
        fs::copy(&from, place.path("installed").join(name)).expect("copies");
    }
    let json = place.run(with("installed", &INFO)).well().json();
    assert_eq!(json["width"], 1);
    assert!(is_empty(&place), "nothing was compiled");
    for (folder, state) in [("installed", "ok"), ("gone", "slow")] {
        let json = place.run(with(folder, &["doctor", "--json"])).json();
        let checks = json["checks"].as_array().expect("a list");
        let found = checks
            .iter()
            .find(|check| check["name"] == "compiled ahead");
        assert_eq!(found.expect("a line")["state"], state, "{folder}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_processor_that_lacks_it_is_one_notice_and_a_compilation() {
    let place = cold();
    fill(&place, "x86-64-v3");
    let masked = [&["--cpu-max", "x86-64-v2"][..], &with("ahead", &INFO)].concat();
    let ran = place.run(&masked);
    let width = &ran.json()["width"];
    assert_eq!((ran.exit, width), (Some(0), &1.into()), "{}", ran.err);
    let notices = notices(&ran.err);
    assert_eq!(notices.len(), 1, "{}", ran.err);
    for words in [
        "nothing compiled ahead is used, going on without",
        "it is for `x86-64-v3`, and this processor lacks avx, avx2, bmi1, bmi2, fma, lzcnt",
        "compile ahead for the oldest processor there is as well",
    ] {
        assert!(notices[0].contains(words), "{}", ran.err);
    }
    assert!(!is_empty(&place));
    place.run(&masked).well();
}

#[test]
fn a_folder_that_cannot_be_used_is_one_notice_and_no_error() {
    let place = cold();
    for (folder, words) in [
        ("gone", "No such file"),
        ("adder.wat", "it is a link or no directory"),
        ("empty", "it is not there, or no key"),
    ] {
        fs::create_dir_all(place.path("empty")).expect("a folder");
        let ran = place.run(with(folder, &ADD));
        assert_eq!((ran.exit, ran.text().as_str()), (Some(0), "3\n"));
        let notices = notices(&ran.err);
        assert!(
            notices.len() == 1 && notices[0].contains(words),
            "{}",
            ran.err
        );
        // What is in the cache is not looked for there.
        place.run(with(folder, &ADD)).well();
        place.run(["cache", "clear"]).well();
        place
            .run([&["-q"][..], &with(folder, &ADD)].concat())
            .well();
        place.run(["cache", "clear"]).well();
    }
    assert_eq!(place.names(), ["adder.wat", "empty", "one.bmp"]);
    assert_eq!(
        fs::read_dir(place.path("empty")).expect("a folder").count(),
        0
    );
}

#[cfg(target_arch = "x86_64")]
#[test]
fn what_makes_no_sense_is_said() {
    let place = Place::new();
    place.write("file", "");
    fs::create_dir(place.path("open")).expect("a folder");
    fs::set_permissions(place.path("open"), fs::Permissions::from_mode(0o777)).expect("ours");
    let warm = |words: &str| {
        let line = format!("cache warm {words}");
        place.run(line.split(' ')).whole()
    };
    snapshot!(warm("--into ahead --cpu aarch64"), @r"
    exit: 2
    --- out
    --- err
    error: this program compiles for x86_64 alone, not for `aarch64`
    hint: name one of `x86-64-v4`, `x86-64-v3`, `x86-64-v2`
    ");
    snapshot!(warm("--into ahead --cpu i386"), @r#"
    exit: 2
    --- out
    --- err
    error: invalid value 'i386' for '--cpu <NAME,…>': "i386" is no processor that is known by name; there are x86-64-v4, x86-64-v3, x86-64-v2, aarch64

    For more information, try '--help'.
    "#);
    snapshot!(warm("--into ahead"), @r"
    exit: 2
    --- out
    --- err
    error: the following required arguments were not provided:
      --cpu <NAME,…>

    Usage: wardian cache warm --into <DIR> --cpu <NAME,…> [MODULE]...

    For more information, try '--help'.
    ");
    snapshot!(warm("image --into file --cpu x86-64-v3"), @r"
    exit: 1
    --- out
    --- err
    error: cannot fill `file`: File exists (os error 17)
    hint: name a folder of your own that nobody else may write to, or one that is not there yet
    ");
    snapshot!(warm("image --into open --cpu x86-64-v3"), @r"
    exit: 1
    --- out
    --- err
    error: cannot fill `open`: others may write to it: mode 777
    hint: name a folder of your own that nobody else may write to, or one that is not there yet
    ");
    let unknown = place.run(["cache", "warm", "imge"]);
    assert_eq!(unknown.exit, Some(2));
    let words = "error: no embedded module is called `imge`\nhint: name one of ";
    assert!(unknown.err.starts_with(words), "{}", unknown.err);
    assert!(unknown.err.contains("`image`"), "{}", unknown.err);
    assert_eq!(place.names(), ["file", "open"]);
}
