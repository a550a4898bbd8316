//! `wardian demo`.

use crate::place::Place;

#[test]
fn shows_real_pictures_and_hostile_guests() {
    // All three guests are compiled before, or a line says so.
    Place::with_pdf();
    Place::with_sheet();
    let place = Place::with_image();
    let ran = place
        .run(["demo", "--out-dir", "pictures", "--json"])
        .well();
    let json = ran.json();
    let calls = json["calls"].as_array().expect("calls");
    assert!(calls.len() >= 23, "{}", calls.len());
    let of = |function: &str| {
        calls
            .iter()
            .filter(|call| call["function"] == function)
            .count()
    };
    assert_eq!(
        (of("render"), of("merge"), of("list"), of("parse")),
        (2, 1, 1, 2)
    );
    for call in calls {
        assert!(
            call["usage"]["fuel"].as_u64().is_some_and(|fuel| fuel > 0),
            "{call}"
        );
        if let Some(file) = call["file"].as_str() {
            let written = place.read(&format!("pictures/{file}"));
            assert!(written.len() > 100, "{file}");
        }
    }
    let codes: Vec<_> = json["hostile"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|a| a["code"].as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "limit.deadline",
            "limit.memory",
            "limit.stack",
            "trap",
            "image.too_large",
            "ok"
        ]
    );
    let trap = json["hostile"][3]["ending"].as_str().expect("text");
    assert!(trap.contains("hostile.wat:11"), "{trap}");
}

#[test]
fn says_where_the_pictures_are_if_they_are_gone() {
    let place = Place::new();
    let ran = place.run(["demo", "--examples", "nowhere"]);
    assert_eq!(ran.exit, Some(1));
    assert!(
        ran.err.contains("`nowhere`") && ran.err.contains("`examples`"),
        "{}",
        ran.err
    );
}
