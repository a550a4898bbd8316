//! What is said of many files: JSON, bills, and nothing where nothing is wanted.

use serde_json::Value as Json;

use crate::place::{Place, bmp};
use crate::snapshot;

fn three() -> Place {
    let place = Place::with_image();
    place.write("a.bmp", bmp(30, 20));
    place.write("b.bmp", "not a picture");
    place.write("c.bmp", bmp(30, 20));
    place
}

fn of<'a>(json: &'a Json, members: &[&str]) -> Vec<&'a Json> {
    members.iter().map(|name| &json[*name]).collect()
}

#[test]
fn json_is_one_document_with_each_file_once() {
    let place = three();
    let ran = place.run([
        "image",
        "resize",
        "*.bmp",
        "--width",
        "3",
        "--out-dir",
        "out",
        "--json",
    ]);
    assert_eq!(ran.exit, Some(15));
    snapshot!(ran.err, @r#"
    error: `b.bmp`: the source is no JPEG, PNG, GIF, WebP or BMP
    2 of 3 written, 1 failed
    "#);
    let json = ran.json();
    assert_eq!(
        (json["ok"].as_bool(), json["failed"].as_u64()),
        (Some(false), Some(1))
    );
    let files = json["files"].as_array().expect("a list");
    assert_eq!(files.len(), 3);
    let [a, b, c] = [&files[0], &files[1], &files[2]];
    assert_eq!(
        of(a, &["input", "output", "width", "height", "format"]),
        [
            "a.bmp".into(),
            "out/a.png".into(),
            Json::from(3),
            2.into(),
            "png".into()
        ]
        .iter()
        .collect::<Vec<_>>()
    );
    assert_eq!(of(c, &["input", "output"]), ["c.bmp", "out/c.png"]);
    assert_eq!(b["input"], "b.bmp");
    assert_eq!(
        (b["error"]["code"].as_str(), b["error"]["exit"].as_u64()),
        (Some("image.unknown_format"), Some(15))
    );
    assert!(b.get("output").is_none() && b.get("ok").is_none() && a.get("error").is_none());
    for what in ["fuel", "bytes_in", "bytes_out"] {
        let each: Vec<u64> = files
            .iter()
            .map(|file| file["usage"][what].as_u64().expect("a number"))
            .collect();
        assert_eq!(
            json["usage"][what].as_u64(),
            Some(each.iter().sum()),
            "{what}"
        );
    }
    let peaks = files
        .iter()
        .map(|file| file["usage"]["memory_peak_bytes"].as_u64());
    assert_eq!(
        json["usage"]["memory_peak_bytes"].as_u64(),
        peaks.max().flatten()
    );
}

/// The shape follows from the command line, never from how many files there happen to be.
#[test]
fn one_named_file_has_the_shape_of_one_and_a_pattern_that_of_many() {
    let place = three();
    let keys = |arguments: &[&str]| {
        let json = place
            .run(["image", "info", "--json"].iter().chain(arguments))
            .json();
        json.as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let one = [
        "bytes",
        "format",
        "frames",
        "has_alpha",
        "height",
        "orientation",
        "upright_height",
        "upright_width",
        "usage",
        "width",
    ];
    assert_eq!(keys(&["a.bmp"]), one);
    let many = ["failed", "files", "ok", "usage"];
    assert_eq!(keys(&["[a].bmp"]), many);
    assert_eq!(keys(&["a.bmp", "./a.bmp"]), many);
    assert_eq!(keys(&["a.bmp", "b.bmp"]), many);
    let folder = place.run(["image", "optimize", "a.bmp", "--out-dir", "out", "--json"]);
    assert_eq!(folder.json()["files"][0]["output"], "out/a.png");
}

#[test]
fn what_is_wrong_before_any_work_is_an_error_as_always() {
    let place = three();
    let ran = place.run(["image", "info", "*.jpg", "--json"]);
    assert_eq!(
        (ran.exit, ran.json()["error"]["code"].as_str()),
        (Some(1), Some("host"))
    );
}

#[test]
fn bills_are_one_a_file_and_their_sum() {
    let place = three();
    let ran = place.run([
        "image",
        "resize",
        "*.bmp",
        "--width",
        "3",
        "--out-dir",
        "out",
        "--usage",
    ]);
    let err = regex_free(&ran.err);
    snapshot!(err, @r#"
    a.bmp: [time], N fuel, 2.2 MiB peak, 1.9 KiB in, 199 B out
    error: `b.bmp`: the source is no JPEG, PNG, GIF, WebP or BMP
    b.bmp: [time], N fuel, 1.7 MiB peak, 110 B in, 86 B out
    c.bmp: [time], N fuel, 2.2 MiB peak, 1.9 KiB in, 199 B out
    sum: [time], N fuel, 2.2 MiB peak, 4.0 KiB in, 484 B out
    2 of 3 written, 1 failed
    "#);
    let one = place.run(["image", "info", "a.bmp", "--usage"]);
    assert!(
        !one.err.contains("a.bmp") && one.err.contains(" fuel, "),
        "{}",
        one.err
    );
}

/// Fuel without its digits: it changes with the guest.
fn regex_free(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let number = word.len() > 3 && word.chars().all(|c| c.is_ascii_digit() || c == ',');
        if number { "N" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn quiet_is_quiet_about_what_went_well() {
    let place = three();
    let quiet = |arguments: &[&str]| place.run(["--quiet", "image"].iter().chain(arguments));
    quiet(&[
        "resize",
        "a.bmp",
        "c.bmp",
        "--width",
        "3",
        "--out-dir",
        "out",
        "--usage",
    ])
    .well();
    let ran = quiet(&[
        "resize",
        "*.bmp",
        "--width",
        "3",
        "--out-dir",
        "out",
        "--force",
    ]);
    snapshot!(ran.whole(), @r#"
    exit: 15
    --- out
    --- err
    error: `b.bmp`: the source is no JPEG, PNG, GIF, WebP or BMP
    "#);
    let results = quiet(&["info", "a.bmp", "c.bmp"]).well().text();
    assert_eq!(results.lines().count(), 2, "results are no talk");
}

#[test]
fn each_call_is_counted() {
    let place = Place::new();
    place.write("a.bmp", bmp(3, 3));
    place.write("b.bmp", "not a picture");
    place.write("c.bmp", bmp(3, 3));
    let ran = place.run(["image", "info", "*.bmp", "--jobs", "3"]);
    assert_eq!(ran.exit, Some(15), "{}", ran.err);
    let stats = place.run(["module", "stats", "--json"]).well().json();
    let image = &stats["image"];
    assert_eq!(
        (image["loads"].as_u64(), image["calls"].as_u64()),
        (Some(1), Some(3)),
        "{stats}"
    );
}
