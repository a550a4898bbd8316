//! What reading workbooks takes at most: memory within the default, fuel within what the service gives.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use futures_lite::future::block_on;
use wardian_abi::{Arguments, DecodeLimits, Response};
use wardian_sandbox::{Sandbox, SandboxConfig};
use wardian_service::sheet::{self, CELLS_MAX, ParseOptions, SOURCE_BYTES_MAX, Sheets};

#[path = "../../../guests/services/sheet/tests/make/mod.rs"]
mod make;
#[path = "common/sheet.rs"]
mod raw;

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

/// Rows as orders have them: a number, two texts out of many, a date, an amount, a share, a flag.
fn orders(rows: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let mut dice = move |sides: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % sides
    };
    let mut cells = String::new();
    for row in 1..=rows {
        let (a, b, c, d) = (dice(30_000), dice(3_000), dice(2_000), dice(1_000_000));
        let share = f64::from(dice(1 << 24)) / f64::from(1 << 24);
        cells.push_str(&format!(
            "<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c><c r=\"B{row}\" t=\"s\"><v>{a}</v></c><c r=\"C{row}\" t=\"s\"><v>{b}</v></c>\
             <c r=\"D{row}\" s=\"1\"><v>{}</v></c><c r=\"E{row}\"><v>{}</v></c><c r=\"F{row}\"><v>{share}</v></c><c r=\"G{row}\" t=\"b\"><v>{}</v></c></row>",
            43_831 + c,
            f64::from(d) / 100.0,
            d % 2
        ));
    }
    let strings: String = (0..30_000)
        .map(|n: u32| {
            format!(
                "<si><t>text {:08x} of many</t></si>",
                n.wrapping_mul(2_654_435_761)
            )
        })
        .collect();
    let styles =
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let strings = format!("<sst>{strings}</sst>");
    make::xlsx(
        &make::rows(&cells),
        &[
            ("xl/sharedStrings.xml", &strings),
            ("xl/styles.xml", styles),
        ],
    )
}

#[test]
fn five_megabytes_stay_within_the_default_memory() {
    let file = orders(93_000);
    let megabytes = file.len() as f64 / 1e6;
    assert!((4.7..6.0).contains(&megabytes), "{megabytes} MB");
    let sheets = block_on(Sheets::load(&sandbox())).unwrap();
    assert_eq!(sheets.limits().memory_bytes_max, 64 << 20);
    let parsed = sheets
        .parse_blocking(file.clone(), ParseOptions::header())
        .unwrap();
    let json = sheets
        .json_blocking(file.clone(), ParseOptions::default())
        .unwrap();
    let csv = sheets.csv_blocking(file, ParseOptions::default()).unwrap();
    for (name, usage) in [
        ("cells", parsed.usage),
        ("json", json.usage),
        ("csv", csv.usage),
    ] {
        println!(
            "{megabytes:.1} MB as {name}: {} MiB, {:?} fuel, {:?}",
            usage.memory_peak_bytes >> 20,
            usage.fuel,
            usage.wall
        );
    }
}

/// The most work that the caps let through. The fuel that the service gives must suffice for all of it.
#[test]
fn fuel_suffices_for_the_largest_input() {
    let sandbox = sandbox();
    let raw = raw::Raw::load(&sandbox);
    // Long digits and short rows: much to read and much to write; a text that is nothing but signs.
    let mut numbers = String::new();
    while numbers.len() < SOURCE_BYTES_MAX - 64 {
        numbers.push_str("0.1234567890123456,12345678901.23456,2024-02-29T13:45:00.250\n");
    }
    let commas = (",".repeat(400) + "\n").repeat(SOURCE_BYTES_MAX / 401);
    let quotes = "\"\"\"\"\"\"\"\",\n".repeat(SOURCE_BYTES_MAX / 10);
    let large = orders(360_000);
    assert!(large.len() < SOURCE_BYTES_MAX, "{}", large.len());
    let files = [
        ("numbers", numbers.into_bytes()),
        ("commas", commas.into_bytes()),
        ("quotes", quotes.into_bytes()),
        ("orders", large),
    ];
    for (name, file) in files {
        for output in ["cells", "json"] {
            let arguments = Arguments::new()
                .with("file", file.as_slice())
                .with("output", output)
                .with("cells_max", CELLS_MAX);
            let outcome = raw.outcome("parse", arguments.encode().unwrap());
            let usage = outcome.usage;
            let fuel = usage.fuel.unwrap();
            println!(
                "{name} as {output}: {fuel} fuel, {} MiB, {:?}",
                usage.memory_peak_bytes >> 20,
                usage.guest
            );
            let answer = outcome.result.unwrap().into_bytes();
            let said = match Response::decode(&answer, &DecodeLimits::default()).unwrap() {
                Response::Ok(_) => "read".to_owned(),
                Response::Err(error) => error.code,
            };
            assert!(
                ["read", "sheet.too_large", "sheet.too_many_cells"].contains(&said.as_str()),
                "{said}"
            );
            assert!(
                fuel < sheet::FUEL / 2,
                "{name} as {output} takes {fuel}, half of what it is given"
            );
        }
    }
}
