//! Both sides of every limit that a workbook can meet; those of single numbers have tests beside them.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use wardian_abi::{Arguments, Value};
use wardian_guest_sheet::budget;

mod make;
use make::{Part, ask, json, ods, parse, rows, xlsx, xlsx_parts, zip};

fn sides(name: &str, at: Result<Value<'static>, String>, above: Result<Value<'static>, String>) {
    assert!(at.is_ok(), "{name}: {:?}", at.err());
    assert_eq!(above.unwrap_err(), "sheet.too_large", "{name}");
}

#[test]
fn parts_of_an_archive() {
    let archive = |count: usize| {
        let mut parts = xlsx_parts(&rows(""), &[]);
        let more = count - parts.len();
        parts.extend((0..more).map(|number| Part::packed(&format!("x/{number}"), b"")));
        zip(&parts)
    };
    let max = budget::ENTRIES_MAX;
    sides("parts", parse(&archive(max)), parse(&archive(max + 1)));
}

#[test]
fn sheets_of_a_workbook() {
    let max = budget::SHEETS_MAX;
    let workbook = |count: usize| {
        let sheets = "<sheet name=\"S\" r:id=\"r1\"/>".repeat(count);
        let workbook = format!("<workbook><sheets>{sheets}</sheets></workbook>");
        xlsx(&rows(""), &[("xl/workbook.xml", &workbook)])
    };
    let list = |file: Vec<u8>| ask("list", Arguments::new().with("file", file));
    sides("XLSX", list(workbook(max)), list(workbook(max + 1)));
    let table = |count: usize| ods(&"<table:table table:name=\"S\"/>".repeat(count));
    sides("ODS", list(table(max)), list(table(max + 1)));
}

#[test]
fn elements_inside_one_another() {
    // The sheet and its cells are part of the depth.
    let nested = |depth: u32| {
        let inner = depth as usize - 1;
        let text = format!(
            "<worksheet>{}{}</worksheet>",
            "<x>".repeat(inner),
            "</x>".repeat(inner)
        );
        xlsx(&text, &[])
    };
    let max = budget::NESTING_MAX;
    sides("depth", parse(&nested(max)), parse(&nested(max + 1)));
}

#[test]
fn bytes_between_two_tags() {
    // Buffers are read ahead, so the limit is exact to what is read at once.
    let text = |bytes: usize| {
        // Not so regular that it would be taken for a bomb.
        let noise: String = (0..bytes as u64)
            .map(|n| char::from(b'a' + (n.wrapping_mul(n) >> 7) as u8 % 26))
            .collect();
        xlsx(
            &rows(&format!("<row><c t=\"str\"><v>{noise}</v></c></row>")),
            &[],
        )
    };
    let max = budget::XML_TOKEN_BYTES_MAX;
    sides(
        "text",
        parse(&text(max - (64 << 10))),
        parse(&text(max + (64 << 10))),
    );
}

#[test]
fn styles_formats_and_merged_areas() {
    let max = budget::STYLES_MAX;
    let styles = |count: usize| {
        let styles = format!(
            "<styleSheet><cellXfs>{}</cellXfs></styleSheet>",
            (0..count)
                .map(|n| format!("<xf numFmtId=\"{}\"/>", n * n % 97))
                .collect::<String>()
        );
        xlsx(&rows(""), &[("xl/styles.xml", &styles)])
    };
    sides("styles", parse(&styles(max)), parse(&styles(max + 1)));
    let formats = |count: usize| {
        let formats: String = (0..count)
            .map(|id| format!("<numFmt numFmtId=\"{id}\" formatCode=\"0\"/>"))
            .collect();
        xlsx(
            &rows(""),
            &[(
                "xl/styles.xml",
                &format!("<styleSheet><numFmts>{formats}</numFmts></styleSheet>"),
            )],
        )
    };
    sides("formats", parse(&formats(max)), parse(&formats(max + 1)));
    let merged = |count: usize| {
        let areas: String = (1..=count)
            .map(|row| format!("<mergeCell ref=\"A{row}:B{row}\"/>"))
            .collect();
        xlsx(
            &format!("<worksheet><sheetData/><mergeCells>{areas}</mergeCells></worksheet>"),
            &[],
        )
    };
    let max = budget::MERGES_MAX;
    sides("merged areas", parse(&merged(max)), parse(&merged(max + 1)));
}

#[test]
fn shared_strings_by_number() {
    let strings = |count: usize| {
        let mut strings = String::from("<sst>");
        // Filler, so that what is regular is not taken for a bomb.
        for number in 0..count {
            strings.push_str(if number % 3 == 0 {
                "<si/>"
            } else {
                "<si ></si>"
            });
        }
        strings.push_str("</sst>");
        let mut parts = xlsx_parts(&rows(""), &[]);
        let mut part = Part::packed("xl/sharedStrings.xml", strings.as_bytes());
        // Stored, for the same reason; what a source may have is another limit.
        (part.method, part.data) = (0, strings.into_bytes());
        parts.push(part);
        zip(&parts)
    };
    // As many as a source can hold are fewer than the limit, so a lower one is what can be met: the source's own.
    assert!(parse(&strings(2_000_000)).is_ok());
    assert_eq!(
        parse(&strings(3_000_000)).unwrap_err(),
        "sheet.too_many_bytes"
    );
}

#[test]
fn rows_and_columns() {
    let cell = |place: &str| {
        xlsx(
            &rows(&format!("<row><c r=\"{place}\"><v>1</v></c></row>")),
            &[],
        )
    };
    sides("columns", parse(&cell("XFD1")), parse(&cell("XFE1")));
    sides("rows", parse(&cell("A1048576")), parse(&cell("A1048577")));
    let text = |columns: usize| ",".repeat(columns - 1).into_bytes();
    let max = budget::COLUMNS_MAX as usize;
    sides("columns of CSV", parse(&text(max)), parse(&text(max + 1)));
}

#[test]
fn cells_by_default_and_as_asked() {
    let asked = |file: &[u8], cells: u32| {
        let arguments = Arguments::new().with("file", file).with("cells_max", cells);
        ask("parse", arguments).map_err(|code| assert_eq!(code, "sheet.too_many_cells"))
    };
    let file = b"1,2,3\n4,5,6\n";
    assert!(asked(file, 6).is_ok() && asked(file, 5).is_err());
    let tall = |rows: u32| "1,2\n".repeat(rows as usize).into_bytes();
    let half = budget::CELLS_DEFAULT / 2;
    assert!(parse(&tall(half)).is_ok());
    assert_eq!(parse(&tall(half + 1)).unwrap_err(), "sheet.too_many_cells");
    // Of all sheets together.
    let cells = rows("<row><c><v>1</v></c><c><v>2</v></c></row>");
    let workbook = "<workbook><sheets><sheet name=\"A\" r:id=\"r1\"/><sheet name=\"B\" r:id=\"r1\"/></sheets></workbook>";
    let two = xlsx(&cells, &[("xl/workbook.xml", workbook)]);
    let all = |cells: u32| {
        ask(
            "parse",
            Arguments::new()
                .with("file", two.as_slice())
                .with("all", true)
                .with("cells_max", cells),
        )
    };
    assert!(all(4).is_ok());
    assert_eq!(all(3).unwrap_err(), "sheet.too_many_cells");
    // What can be asked for ends too.
    for (cells, good) in [
        (1, true),
        (budget::CELLS_MAX, true),
        (0, false),
        (budget::CELLS_MAX + 1, false),
    ] {
        let arguments = Arguments::new()
            .with("file", &b"1"[..])
            .with("cells_max", cells);
        assert_eq!(ask("parse", arguments).is_ok(), good, "{cells}");
    }
}

#[test]
fn a_range_keeps_what_is_far_away_out() {
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"C1\"><v>3</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>9</v></c></row>";
    let file = xlsx(&rows(far), &[]);
    let ranged = |range: &'static str| {
        let arguments = Arguments::new()
            .with("file", file.as_slice())
            .with("range", range)
            .with("output", "json");
        let value = ask("parse", arguments)?;
        Ok::<_, String>(
            String::from_utf8(
                value
                    .get("body")
                    .and_then(Value::as_bytes)
                    .unwrap()
                    .to_vec(),
            )
            .unwrap(),
        )
    };
    assert_eq!(ranged("A1:C9").unwrap(), "[[1,null,3]]");
    assert_eq!(ranged("B1:C1").unwrap(), "[[null,3]]");
    assert_eq!(ranged("XFD1048576:XFD1048576").unwrap(), "[[9]]");
    assert_eq!(ranged("Z9").unwrap(), "[]");
    assert_eq!(ranged("A:B").unwrap_err(), "sheet.options");
}

#[test]
fn bytes_of_the_result() {
    // One string in many cells: small as cells, large as JSON.
    let long = "x".repeat(30_000);
    let workbook = |cells: usize| {
        let row = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(cells));
        xlsx(
            &rows(&row),
            &[(
                "xl/sharedStrings.xml",
                &format!("<sst><si><t>{long}</t></si></sst>"),
            )],
        )
    };
    let fit = budget::OUTPUT_BYTES_MAX / (long.len() + 3);
    assert!(json(&workbook(fit)).is_ok());
    assert_eq!(json(&workbook(fit + 1)).unwrap_err(), "sheet.too_large");
    assert!(parse(&workbook(fit + 1)).is_ok());
}

#[test]
fn bytes_of_all_parts_unpacked() {
    // A sheet that takes a third of what is allowed, read four times.
    let third = (budget::UNPACKED_BYTES_MAX / 3) as usize - (1 << 20);
    let filler: Vec<u8> = (0..third)
        .map(|n| if n % 64 < 40 { b' ' } else { b'\n' })
        .collect();
    let sheet = [
        b"<worksheet>".as_slice(),
        &noisy(filler),
        b"<sheetData/></worksheet>",
    ]
    .concat();
    let workbook = |count: usize| {
        let sheets = "<sheet name=\"S\" r:id=\"r1\"/>".repeat(count);
        let workbook = format!("<workbook><sheets>{sheets}</sheets></workbook>");
        let mut parts = xlsx_parts("", &[("xl/workbook.xml", &workbook)]);
        parts.retain(|part| part.name != "xl/worksheets/sheet1.xml");
        parts.push(Part::packed("xl/worksheets/sheet1.xml", &sheet));
        zip(&parts)
    };
    sides("unpacked", parse(&workbook(3)), parse(&workbook(4)));
}

/// Empty elements between spaces, so that no token is long, and in no order that packs too well.
fn noisy(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut state = 7_u32;
    for chunk in bytes.chunks_exact_mut(64) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let tag = format!("<x{:03}/>", state >> 23);
        chunk[..tag.len()].copy_from_slice(tag.as_bytes());
    }
    bytes
}
