//! `wardian module` and `wardian cache`.

use crate::place::{Place, wat};
use crate::snapshot;

#[test]
fn inspect_says_what_is_in_a_module() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["module", "inspect", "adder.wat"]).well().whole(), @r#"
    exit: 0
    --- out
    adder: core module, 717 B
    digest     [digest]
    functions  6, 56 B of code, 0 B of data
    memory     64.0 KiB and more
    debug      function names, lines (DWARF)

    exports
      function add (i32, i32) -> i32
      function wide (i64, f32, f64) -> (i64, f32, f64)
      function divide (i32, i32) -> i32
      function spin () -> ()
      function grow (i32) -> ()
      memory memory 1..

    custom sections
      name  23 B
      .debug_abbrev  39 B
      .debug_str  12 B
      .debug_line  211 B
      .debug_info  212 B

    contracts
      service   no
                export `alloc` is missing, wanted (i32) -> i32
                a function to call is missing, wanted (i32, i32) -> i64
      guard     no
                export `alloc` is missing, wanted (i32) -> i32
                export `eval` is missing, wanted (i32, i32) -> i64
      policy    no
                export `alloc` is missing, wanted (i32) -> i32
                export `policy_check` is missing, wanted (i32, i32) -> i64
      plugin    no
                export `gn_alloc` is missing, wanted (i32) -> i32
                export `gn_free` is missing, wanted (i32, i32) -> ()
                export `gn_handle_hook` is missing, wanted (i32, i32, i32, i32) -> i64
      command   no
                export `_start` is missing, wanted () -> ()
      reactor   no
                export `_initialize` is missing, wanted () -> ()
    --- err
    "#);
    let json = place
        .run(["module", "inspect", "adder.wat", "--json"])
        .well()
        .json();
    assert_eq!(
        json["exports"]["items"][0]["signature"],
        "(i32, i32) -> i32"
    );
}

#[test]
fn the_embedded_guest_is_a_service() {
    let place = Place::with_image();
    let json = place
        .run(["module", "inspect", "image", "--json"])
        .well()
        .json();
    let service = &json["contracts"][0];
    assert_eq!(
        (service["contract"].as_str(), service["satisfied"].as_bool()),
        (Some("service"), Some(true))
    );
}

#[test]
fn counters_are_shared_by_processes() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["module", "stats", "adder"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: no module called `adder` was used
    hint: nothing was counted yet
    "#);
    place.run(["call", "adder.wat", "add", "1", "2"]).well();
    place.run(["call", "adder.wat", "add", "1", "2"]).well();
    place.run(["call", "adder.wat", "divide", "1", "0"]);
    place.run(["call", "adder.wat", "spin", "--limit", "fuel=1000"]);
    let json = place
        .run(["module", "stats", "adder", "--json"])
        .well()
        .json();
    assert_eq!(
        (json["loads"].as_u64(), json["calls"].as_u64()),
        (Some(4), Some(4))
    );
    assert_eq!(
        (
            json["errors"]["trap"].as_u64(),
            json["errors"]["fuel"].as_u64()
        ),
        (Some(1), Some(1))
    );
    assert!(json["fuel"].as_u64().is_some_and(|fuel| fuel > 1000));
    let text = place.run(["module", "stats", "adder"]).well().text();
    assert!(
        text.contains("\ncalls     4\n") && text.contains("errors    trap: 1\n"),
        "{text}"
    );
    assert_eq!(place.run(["module", "stats", "--no-cache"]).exit, Some(2));
}

#[test]
fn lists_and_clears_what_is_kept() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    let empty = place.run(["cache", "list", "--json"]).well().json();
    assert_eq!(empty.as_array().map(Vec::len), Some(0));
    place.run(["call", "adder.wat", "add", "1", "2"]).well();
    let list = place.run(["module", "list", "--json"]).well().json();
    let names: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| (row["name"].as_str(), row["origin"].as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (Some("image"), Some("embedded")),
            (Some("pdf"), Some("embedded")),
            (Some("sheet"), Some("embedded")),
            (Some("adder"), Some("cached"))
        ]
    );
    let cached = place.run(["cache", "list", "--json"]).well().json();
    assert_eq!(
        (cached[0]["name"].as_str(), cached.as_array().map(Vec::len)),
        (Some("adder"), Some(1))
    );
    assert_eq!(cached[0]["digest"], list[3]["digest"]);
    let cleared = place.run(["cache", "clear", "--json"]).well().json();
    assert_eq!(
        (cleared["compiled"].as_u64(), cleared["modules"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(
        place.run(["call", "adder", "add", "1", "2"]).exit,
        Some(1),
        "it is gone"
    );
    let kept = place
        .run(["module", "stats", "adder", "--json"])
        .well()
        .json();
    assert_eq!(kept["calls"], 1, "counters stay");
}

#[test]
fn a_module_is_tested_for_doing_the_same_every_time() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    snapshot!(place.run(["module", "test", "adder.wat", "add", "1", "2", "--runs", "3"]).well().whole(), @r#"
    exit: 0
    --- out
    check
    ends well    ok  3 of 3
    same answer  ok  every time
    same fuel    ok  4 each
    same memory  ok  64.0 KiB peak
    wall time: [time] at best, [time] in the middle, [time] at worst
    --- err
    "#);
    place.write("echo.wat", wat::ECHO);
    place.write("in.bin", "hello");
    let json = place
        .run([
            "module", "test", "echo.wat", "echo", "--abi", "raw", "--input", "in.bin", "--json",
        ])
        .well()
        .json();
    assert_eq!(
        (json["ok"].as_bool(), json["runs"].as_array().map(Vec::len)),
        (Some(true), Some(5))
    );
    assert_eq!(
        place
            .run(["module", "test", "adder.wat", "divide", "1", "0"])
            .exit,
        Some(10)
    );
}

#[test]
fn doctor_looks_at_everything() {
    let place = Place::new();
    let json = place.run(["doctor", "--json"]).json();
    let names: Vec<_> = json["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter_map(|check| check["name"].as_str())
        .collect();
    for name in [
        "kernel",
        "PAGEMAP_SCAN",
        "processor",
        "memory",
        "instances",
        "compiling",
        "fresh instance",
        "disk cache",
        "cargo",
        "wasm targets",
        "C linker",
    ] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert_eq!(json["ok"], true);
}
