//! Sources that want to do harm: what unpacks or repeats without end is refused before anything is allocated for it,
//! and damaged files end in an error or in cells, never in a panic.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_sheet::{FUNCTIONS, budget, call};

mod make;
use make::{
    Part, ask, compound, good, json, number, ods, ods_with, parse, record, rows, xls, xlsx,
    xlsx_parts, zip,
};

/// Counts what is allocated, and the most of it at once.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// One test at a time, so that the counts are its own.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Reading this ends in that error, and holds little beside the source while it does.
fn refused(name: &str, file: &[u8], code: &str) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = parse(file);
    let bytes = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    assert_eq!(result.unwrap_err(), code, "{name}");
    let allowed = 3 * file.len() + (2 << 20);
    assert!(bytes < allowed, "{name} took {bytes} bytes");
    // Whatever it was, the next is read as ever.
    for (format, file) in good() {
        assert!(parse(&file).is_ok(), "{format} after {name}");
    }
}

#[test]
fn what_is_good_is_read() {
    let _turn = TURN.lock();
    for (format, file) in good() {
        let value = parse(&file).unwrap();
        assert_eq!(value.get("format").and_then(Value::as_str), Some(format));
        let text = json(&file).unwrap();
        assert!(text.starts_with("[[\"one\","), "{format}: {text}");
        let listed = ask("list", Arguments::new().with("file", file)).unwrap();
        assert_eq!(
            listed
                .get("sheets")
                .and_then(Value::as_array)
                .unwrap()
                .len(),
            1
        );
    }
}

#[test]
fn what_unpacks_without_end_is_refused_from_its_entry() {
    let _turn = TURN.lock();
    let zeros = vec![b' '; 64 << 20];
    let mut parts = xlsx_parts("", &[]);
    parts[3] = Part::packed("xl/worksheets/sheet1.xml", &zeros);
    refused("a packed sheet", &zip(&parts), "sheet.too_large");
    // The same with an entry that tells nothing of it.
    for unpacked in [0, 1, 1_000, 60_000] {
        parts[3].unpacked = unpacked;
        refused("a lying entry", &zip(&parts), "sheet.malformed");
    }
    let sheet = rows("");
    parts[3] = Part::packed("xl/worksheets/sheet1.xml", sheet.as_bytes());
    parts[3].unpacked += 1;
    refused(
        "an entry that says too much",
        &zip(&parts),
        "sheet.malformed",
    );
    parts[3].unpacked -= 1;
    parts[3].crc ^= 1;
    refused("a wrong sum", &zip(&parts), "sheet.malformed");
}

#[test]
fn entities_and_document_types_are_refused() {
    let _turn = TURN.lock();
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let cell = "<row><c t=\"str\"><v>&b;</v></c></row>";
    refused(
        "a document type",
        &xlsx(&format!("{bomb}{}", rows(cell)), &[]),
        "sheet.malformed",
    );
    refused("an entity", &xlsx(&rows(cell), &[]), "sheet.malformed");
    let quoted = "<!DOCTYPE x SYSTEM \"a>b\" [<!ENTITY c '<!DOCTYPE>'>]>";
    refused(
        "a quoted one",
        &xlsx(&format!("{quoted}{}", rows("")), &[]),
        "sheet.malformed",
    );
    let strings = format!("{bomb}<sst><si><t>&b;</t></si></sst>");
    let others = [("xl/sharedStrings.xml", strings.as_str())];
    refused(
        "among strings",
        &xlsx(&rows(""), &others),
        "sheet.malformed",
    );
    let table = "<table:table><table:table-row><table:table-cell office:value-type=\"string\"><text:p>&b;</text:p>\
                 </table:table-cell></table:table-row></table:table>";
    refused("in ODS", &ods(table), "sheet.malformed");
    refused(
        "as a number",
        &xlsx(&rows("<row><c t=\"str\"><v>&#xd800;</v></c></row>"), &[]),
        "sheet.malformed",
    );
}

#[test]
fn encrypted_workbooks_are_named_so() {
    let _turn = TURN.lock();
    let boxed = compound(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"y")]);
    refused("XLSX in a compound file", &boxed, "sheet.encrypted");
    let mut parts = xlsx_parts(&rows(""), &[]);
    parts[2].flags = 1;
    refused("a part of an archive", &zip(&parts), "sheet.encrypted");
    let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path=\"content.xml\"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    refused("ODS", &ods_with("", manifest), "sheet.encrypted");
    refused(
        "XLS",
        &xls(&record(0x002f, &[1, 0, 1, 0, 1, 0]), &[]),
        "sheet.encrypted",
    );
}

#[test]
fn sparse_and_repeated_cells_do_not_explode() {
    let _turn = TURN.lock();
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    refused(
        "two corners",
        &xlsx(&rows(far), &[]),
        "sheet.too_many_cells",
    );
    let table = |rows: u64, columns: u64| {
        format!(
            "<table:table><table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell office:value-type=\"float\" \
             office:value=\"1\" table:number-columns-repeated=\"{columns}\"/></table:table-row></table:table>"
        )
    };
    refused(
        "repeated both ways",
        &ods(&table(1_048_576, 16_384)),
        "sheet.too_many_cells",
    );
    refused(
        "beyond all columns",
        &ods(&table(1, u64::MAX)),
        "sheet.too_large",
    );
    refused(
        "repeated rows",
        &ods(&table(2_000_001, 2)),
        "sheet.too_many_cells",
    );
    let corners = [number(0, 0, 1.0), number(u16::MAX, 255, 1.0)].concat();
    refused(
        "corners of XLS",
        &xls(&[], &corners),
        "sheet.too_many_cells",
    );
    let spaces = "<table:table><table:table-row><table:table-cell office:value-type=\"string\"><text:p><text:s text:c=\"4000000000\"/></text:p>\
                  </table:table-cell></table:table-row></table:table>";
    refused("spaces by number", &ods(spaces), "sheet.too_large");
    let merged = "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData><mergeCells><mergeCell ref=\"A1:XFC1048575\"/></mergeCells></worksheet>";
    refused("a merged area", &xlsx(merged, &[]), "sheet.too_many_cells");
    let many = ",".repeat(16_000) + "\n";
    refused(
        "commas",
        many.repeat(126).as_bytes(),
        "sheet.too_many_cells",
    );
}

/// Most cells are read in one go; with anything else between them they are read one event at a time.
#[test]
fn both_ways_of_reading_cells_give_the_same() {
    let _turn = TURN.lock();
    let strings = "<sst><si><t>one</t></si>~<si><t xml:space=\"preserve\"> two_x0041_ </t></si>~<si><t></t></si></sst>";
    let styles =
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let cells = "<row r=\"2\">~<c r=\"B2\" s=\"1\">~<v>45351</v>~</c>~<c>~<v>1.5</v>~</c>~<c t=\"s\">~<v>1</v>~</c>~<c t=\"s\">~<v>2</v>~</c>~<c s=\"0\"/>~\
                 <c t=\"b\">~<v>1</v>~</c>~<c t=\"e\">~<v>#N/A</v>~</c>~<c t=\"str\">~<v>x_x000D_</v>~</c>~<c t=\"d\">~<v>2024-02-29</v>~</c>~<c>~<v></v>~</c>~\
                 </row>~<row>~<c>~<v>1e999</v>~</c>~<c r=\"A1\" t=\"s\">~<v>0</v>~</c>~<c t=\"n\">~<v>text</v>~</c>~</row>";
    let read = |between: &str| {
        let (strings, cells) = (strings.replace('~', between), cells.replace('~', between));
        json(&xlsx(
            &rows(&cells),
            &[
                ("xl/sharedStrings.xml", &strings),
                ("xl/styles.xml", styles),
            ],
        ))
        .unwrap()
    };
    let swift = read("");
    assert!(swift.starts_with("[[\"one\",\"text\","), "{swift}");
    for between in [" ", "\n", "<!-- x -->", "<?x y?>", " <x/> "] {
        assert_eq!(read(between), swift, "{between:?}");
    }
}

#[test]
fn references_that_lead_nowhere_are_errors() {
    let _turn = TURN.lock();
    let shared = rows("<row><c t=\"s\"><v>7</v></c></row>");
    refused("a string", &xlsx(&shared, &[]), "sheet.malformed");
    // A count that promises more than there is costs nothing.
    let strings = "<sst uniqueCount=\"4000000000\"><si><t>x</t></si></sst>";
    let one = rows("<row><c t=\"s\"><v>0</v></c></row>");
    assert_eq!(
        json(&xlsx(&one, &[("xl/sharedStrings.xml", strings)])).unwrap(),
        "[[\"x\"]]"
    );
    let missing = (
        "xl/workbook.xml",
        "<workbook><sheets><sheet name=\"S\" r:id=\"r9\"/></sheets></workbook>",
    );
    refused(
        "a sheet without a part",
        &xlsx(&rows(""), &[missing]),
        "sheet.malformed",
    );
    for place in ["A0", "1A", "", "A99999999999", "AAAAAAAA1", "é1"] {
        let cells = format!("<row><c r=\"{place}\"><v>1</v></c></row>");
        refused(place, &xlsx(&rows(&cells), &[]), "sheet.malformed");
    }
    for place in ["XFE1", "A1048577", "ZZZZZ999999999"] {
        let cells = format!("<row><c r=\"{place}\"><v>1</v></c></row>");
        refused(place, &xlsx(&rows(&cells), &[]), "sheet.too_large");
    }
    let shared = record(0x00fd, &[0, 0, 0, 0, 0, 0, 9, 0, 0, 0]);
    refused("a string of XLS", &xls(&[], &shared), "sheet.malformed");
    let elsewhere = record(0x0085, &[0xff, 0xff, 0xff, 0x7f, 0, 0, 1, 0, b'S']);
    refused("a sheet of XLS", &xls(&elsewhere, &[]), "sheet.malformed");
}

#[test]
fn chains_that_bite_their_tail_end() {
    let _turn = TURN.lock();
    let good = xls(&[], &number(0, 0, 1.0));
    let table = good.len() - 512;
    // Every sector's next one is the first, then each its own.
    for next in [
        |_: u32| 0_u32,
        |own: u32| own,
        |own: u32| own + 1,
        |_: u32| 0x7fff_ffff,
    ] {
        let mut bad = good.clone();
        for own in 0..100 {
            bad[table + own * 4..table + own * 4 + 4]
                .copy_from_slice(&next(own as u32).to_le_bytes());
        }
        assert!(parse(&bad).is_err());
    }
    // Lists of sectors in a circle, and out of the file.
    for list in [0_u32, 5, 0x00ff_ffff] {
        let mut bad = good.clone();
        bad[68..72].copy_from_slice(&list.to_le_bytes());
        assert!(parse(&bad).is_err(), "{list}");
    }
    for field in [48, 60, 76] {
        for value in [0_u32, 1, 0x00ff_ffff, 0xffff_fffd] {
            let mut bad = good.clone();
            bad[field..field + 4].copy_from_slice(&value.to_le_bytes());
            let _ = parse(&bad);
        }
    }
}

#[test]
fn cut_off_files_are_refused() {
    let _turn = TURN.lock();
    for (format, whole) in good().into_iter().filter(|(format, _)| *format != "csv") {
        // Fewer bytes than these say nothing of a format.
        for cut in (8..whole.len()).step_by(7).chain([whole.len() - 1]) {
            let result = parse(&whole[..cut]);
            // What stands behind the last record of an XLS is padding.
            assert!(
                result.is_err() || format == "xls",
                "{format} cut to {cut} of {}",
                whole.len()
            );
        }
    }
    for text in [
        "<worksheet><sheetData><row><c><v>1</v></c>",
        "<worksheet",
        "",
        "<x/>",
        "</worksheet>",
    ] {
        refused(text, &xlsx(text, &[]), "sheet.malformed");
    }
    for text in [
        "<table:table><table:table-row>",
        "<table:table>",
        "<table:table></table:table></x>",
    ] {
        refused(text, &ods(text), "sheet.malformed");
    }
}

#[test]
fn garbage_is_no_format() {
    let _turn = TURN.lock();
    for bytes in [
        &b"\0\x01\x02"[..],
        b"%PDF-1.7",
        b"<html>",
        b"\x7fELF",
        b"\xff\xd8\xff\xe0\0",
    ] {
        refused("garbage", bytes, "sheet.unknown_format");
    }
    refused("no directory", b"PK\x03\x04 and nothing", "sheet.malformed");
    refused(
        "a header alone",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "sheet.malformed",
    );
    refused(
        "another archive",
        &zip(&[Part::packed("word/document.xml", b"<x/>")]),
        "sheet.unknown_format",
    );
    refused(
        "another document",
        &compound(&[("WordDocument", b"x")]),
        "sheet.unknown_format",
    );
    refused(
        "binary XLSX",
        &zip(&[Part::packed("xl/workbook.bin", b"x")]),
        "sheet.unsupported",
    );
}

#[test]
fn damaged_files_never_panic() {
    let _turn = TURN.lock();
    let mut state = 1_u64;
    let mut dice = move |sides: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    for (_, seed) in good() {
        for _ in 0..3_000 {
            let mut damaged = seed.clone();
            for _ in 0..=dice(6) {
                let at = dice(damaged.len());
                match dice(4) {
                    0 => damaged[at] = dice(256) as u8,
                    1 => damaged[at] ^= 1 << dice(8),
                    2 => damaged.truncate(at.max(4)),
                    _ => {
                        let from = dice(damaged.len());
                        let len = dice(16).min(damaged.len() - from.max(at));
                        damaged.copy_within(from..from + len, at);
                    }
                }
            }
            let _ = parse(&damaged);
            let _ = ask("list", Arguments::new().with("file", damaged));
        }
    }
}

#[test]
fn whatever_a_request_is_it_gets_an_answer() {
    let _turn = TURN.lock();
    for function in FUNCTIONS.into_iter().chain(["", "unknown"]) {
        for request in [
            &[][..],
            &[0xc0],
            &[0x80],
            &[0x81, 0xa1, b'x', 0xc0],
            &[0xdf, 0xff, 0xff, 0xff, 0xff],
            &[0xff; 64],
        ] {
            let answer = call(function, request);
            let response = Response::decode(&answer, &DecodeLimits::default()).unwrap();
            assert!(
                matches!(response, Response::Err(_)),
                "{function} of {request:02x?}"
            );
        }
    }
    let long = vec![b'a'; budget::SOURCE_BYTES_MAX + 1];
    assert_eq!(parse(&long).unwrap_err(), "sheet.too_many_bytes");
}
