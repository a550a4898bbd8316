//! `wardian image`.

use crate::place::{Place, bmp};
use crate::snapshot;

#[test]
fn resizes_from_file_to_file() {
    let place = Place::with_image();
    place.write("in.bmp", bmp(60, 40));
    snapshot!(place.run(["image", "resize", "in.bmp", "--width", "30", "-o", "out.png"]).well().whole(), @r#"
    exit: 0
    --- out
    out.png: 30 × 20 png, 955 B
    --- err
    "#);
    let info = place
        .run(["image", "info", "out.png", "--json"])
        .well()
        .json();
    assert_eq!(
        (
            info["width"].as_u64(),
            info["height"].as_u64(),
            info["format"].as_str()
        ),
        (Some(30), Some(20), Some("png"))
    );
    assert_eq!(place.names(), ["in.bmp", "out.png"]);
}

#[test]
fn pipes_in_and_out() {
    let place = Place::with_image();
    let out = place
        .run_with(["image", "convert", "--format", "png"], &bmp(8, 8))
        .well()
        .out;
    assert!(out.starts_with(b"\x89PNG"));
    let out = place
        .run_with(
            ["image", "thumbnail", "-", "--size", "4", "--format", "jpg"],
            &out,
        )
        .well()
        .out;
    assert!(out.starts_with(b"\xff\xd8"));
}

#[test]
fn every_command_does_its_work() {
    let place = Place::with_image();
    place.write("in.bmp", bmp(60, 40));
    let size = |arguments: &[&str]| {
        let json = place.run(arguments).well().json();
        (
            json["width"].as_u64(),
            json["height"].as_u64(),
            json["format"].as_str().map(String::from),
        )
    };
    let png = Some("png".to_owned());
    let crop = [
        "image", "crop", "in.bmp", "--x", "5", "--width", "20", "--height", "10", "-o", "crop.png",
        "--json",
    ];
    assert_eq!(size(&crop), (Some(20), Some(10), png.clone()));
    assert_eq!(
        size(&[
            "image",
            "thumbnail",
            "in.bmp",
            "--size",
            "16",
            "-o",
            "t.png",
            "--json"
        ]),
        (Some(16), Some(16), png.clone())
    );
    assert_eq!(
        size(&["image", "optimize", "in.bmp", "-o", "o.png", "--json"]),
        (Some(60), Some(40), png.clone())
    );
    assert_eq!(
        size(&["image", "convert", "in.bmp", "-o", "c.webp", "--json"]),
        (Some(60), Some(40), Some("webp".into()))
    );
    let hash = place.run(["image", "blurhash", "in.bmp"]).well().text();
    let hash = hash.trim_end();
    assert!(hash.len() > 6, "{hash}");
    assert_eq!(
        size(&[
            "image", "blurhash", "--decode", hash, "-o", "b.png", "--json"
        ]),
        (Some(32), Some(32), png)
    );
    let url = place
        .run(["image", "blurhash", "--decode", hash, "--data-url"])
        .well()
        .text();
    assert!(url.starts_with("data:image/png;base64,"), "{url}");
    snapshot!(place.run(["image", "info", "in.bmp"]).well().whole(), @r#"
    exit: 0
    --- out
    format       bmp
    size         60 × 40 pixels
    bytes        7,254
    alpha        no
    orientation  1
    frames       1
    --- err
    "#);
}

#[test]
fn what_is_wrong_is_said_and_nothing_written() {
    let place = Place::with_image();
    place.write("in.bmp", bmp(60, 40));
    place.write("text.jpg", "not a picture");
    snapshot!(place.run(["image", "resize", "text.jpg", "--width", "30", "-o", "out.png"]).whole(), @r#"
    exit: 15
    --- out
    --- err
    error: the source is no JPEG, PNG, GIF, WebP or BMP
    "#);
    snapshot!(place.run(["image", "resize", "in.bmp", "--width", "9999", "-o", "out.png"]).whole(), @r#"
    exit: 15
    --- out
    --- err
    error: `width` must be a whole number from 1 to 8000, got 9999
    "#);
    snapshot!(place.run(["image", "convert", "in.bmp"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: the format to convert to is not known
    hint: use `--format`, or an output whose name ends in it
    "#);
    snapshot!(place.run(["image", "resize", "in.bmp", "--width", "3", "--json"]).whole(), @r#"
    exit: 2
    --- out
    {
      "error": {
        "blame": "caller",
        "causes": [],
        "code": "usage",
        "exit": 2,
        "hint": "write the picture to a file with `-o FILE`",
        "message": "picture and JSON cannot both go to standard output"
      },
      "ok": false
    }
    --- err
    error: picture and JSON cannot both go to standard output
    hint: write the picture to a file with `-o FILE`
    "#);
    snapshot!(place.run(["image", "resize", "in.bmp"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: the following required arguments were not provided:
      --width <N>

    Usage: wardian image resize --width <N> <FILE>...

    For more information, try '--help'.
    "#);
    assert_eq!(place.run_with(["image", "info"], b"").exit, Some(15));
    assert_eq!(place.names(), ["in.bmp", "text.jpg"]);
}

#[test]
fn both_sides_of_the_largest_source() {
    let place = Place::with_image();
    let mut picture = bmp(8, 8);
    picture.resize(20_000_000, 0);
    assert_eq!(place.run_with(["image", "info"], &picture).exit, Some(0));
    picture.push(0);
    let ran = place.run_with(["image", "info"], &picture);
    assert_eq!(ran.exit, Some(11));
    snapshot!(ran.whole(), @r#"
    exit: 11
    --- out
    --- err
    error: standard input passes its input limit: allowed 20,000,000 bytes
    "#);
}

#[test]
fn the_guest_can_be_called_by_name() {
    let place = Place::with_image();
    place.write("in.bmp", bmp(60, 40));
    let call = [
        "call",
        "image",
        "resize",
        "--arg",
        "image=@in.bmp",
        "--arg",
        "width=30",
        "--arg",
        "format=png",
        "-o",
        "out.png",
    ];
    place.run(call).well();
    assert!(place.read("out.png").starts_with(b"\x89PNG"));
}
