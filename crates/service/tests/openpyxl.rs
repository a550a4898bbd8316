//! Judged by others' eyes: workbooks by openpyxl, XlsxWriter, xlwt, odfpy and Python's csv, and what openpyxl, xlrd,
//! odfpy and csv find in them. Every cell must be the same, but for the differences that `docs/reference/sheets.md`
//! names, and those must be exactly as it says.
//!
//! Every workbook is read natively and in the sandbox, and both must answer with the same bytes.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::path::{Path, PathBuf};
use std::process::Command;

use futures_lite::future::block_on;
use serde_json::Value as Json;
use serde_json::json;
use wardian_abi::Arguments;
use wardian_sandbox::{Sandbox, SandboxConfig};
use wardian_service::sheet::{Cell, Moment, ParseOptions, Sheet, Sheets, Visibility};

#[path = "common/python.rs"]
mod python;
#[path = "common/sheet.rs"]
mod raw;

/// The workbooks and what is in them, made once for all tests.
fn corpus() -> (PathBuf, Vec<Json>) {
    let python = python::environment("sheets");
    let scripts = python::scripts("sheets");
    let folder = python::once("workbooks", &texts(&scripts), |folder| {
        std::fs::create_dir_all(folder).unwrap();
        let mut make = Command::new(python);
        make.arg("-B").arg(scripts.join("corpus.py")).arg(folder);
        python::run(&mut make, "the corpus cannot be made");
    });
    let cases = std::fs::read(folder.join("cases.json")).unwrap();
    (folder, serde_json::from_slice(&cases).unwrap())
}

/// All that the folder's files say.
fn texts(folder: &Path) -> String {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort_unstable();
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}

/// What a cell is, as the cases have it.
fn shown(cell: Cell<'_>) -> Json {
    match cell {
        Cell::Empty => Json::Null,
        Cell::Text(text) => json!(["t", text]),
        Cell::Number(number) => json!(["n", format!("{:016x}", number.to_bits())]),
        Cell::Bool(value) => json!(["b", value]),
        Cell::Error(text) => json!(["e", text]),
        // Python has no dates without a time here, and writes microseconds.
        Cell::Date(Moment::Date(ms)) => json!(["d", micros(Moment::DateTime(ms))]),
        Cell::Date(moment @ Moment::DateTime(_)) => json!(["d", micros(moment)]),
        Cell::Date(moment @ Moment::Time(_)) => json!(["time", micros(moment)]),
        Cell::Duration(elapsed) => json!(["s", elapsed.0]),
    }
}

fn micros(moment: Moment) -> String {
    match moment.time() {
        Some((.., 0)) | None => moment.to_string(),
        Some(_) => format!("{moment}000"),
    }
}

/// Cells in which we differ on purpose, by workbook; `docs/reference/sheets.md` says why.
const DIFFERENCES: [(&str, u32); 4] = [
    ("beyond.xlsx", 3),
    ("everything.xlsx", 1),
    ("inline.xlsx", 2),
    ("strings.xlsx", 1),
];

/// A difference that is meant: what they give, and what we do.
fn is_meant(theirs: &Json, ours: &Json) -> bool {
    match (theirs[1].as_str(), ours[1].as_str()) {
        // Escaped characters are resolved; openpyxl only unwraps what was escaped twice, and that only among the shared.
        (Some(theirs), Some(ours)) if theirs.contains("_x") => {
            let inner = theirs
                .replace("_x005F_x0041_", "\0")
                .replace("_x0041_", "A");
            inner.replace("_x000D_", "\r").replace('\0', "_x0041_") == ours
        }
        // A date that no calendar has stays a number; openpyxl calls it an error.
        (Some("#VALUE!"), _) => theirs[0] == "e" && ours[0] == "n",
        _ => false,
    }
}

fn differences(file: &str, sheet: &Sheet, theirs: &[Json], meant: &mut u32) -> Vec<String> {
    let name = &sheet.info().name;
    let rows: Vec<Vec<Json>> = sheet
        .rows()
        .map(|row| row.cells().map(shown).collect())
        .collect();
    let mut problems = Vec::new();
    if rows.len() != theirs.len() {
        problems.push(format!(
            "{file} {name}: {} rows, not {}",
            rows.len(),
            theirs.len()
        ));
    }
    for (number, (ours, theirs)) in rows.iter().zip(theirs).enumerate() {
        let theirs = theirs.as_array().unwrap();
        // A title over a whole row makes no columns here.
        if ours.len() != theirs.len() && file != "whole-row.xlsx" {
            let (ours, theirs) = (ours.len(), theirs.len());
            problems.push(format!(
                "{file} {name} row {number}: {ours} columns, not {theirs}"
            ));
        }
        for (column, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            // An empty text is as good as none: openpyxl drops it, xlrd and we keep it.
            let is_empty = |value: &Json| value.is_null() || value[1] == "";
            if ours == theirs || is_empty(ours) && is_empty(theirs) {
                continue;
            }
            if is_meant(theirs, ours) {
                *meant += 1;
                continue;
            }
            problems.push(format!(
                "{file} {name} row {number} column {column}: {ours}, not {theirs}"
            ));
        }
    }
    problems
}

#[test]
fn cells_are_what_others_find() {
    let (folder, cases) = corpus();
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let sheets = block_on(Sheets::load(&sandbox)).unwrap();
    let (mut problems, mut meant, mut count) = (Vec::new(), Vec::new(), 0);
    for case in &cases {
        let file = case["file"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let workbook = sheets
            .parse_blocking(bytes, ParseOptions::all())
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        let theirs = case["sheets"].as_array().unwrap();
        assert_eq!(workbook.sheets.len(), theirs.len(), "{file}");
        let mut on_purpose = 0;
        for (sheet, theirs) in workbook.sheets.iter().zip(theirs) {
            let info = sheet.info();
            let visibility = match info.visibility {
                Visibility::Visible => "visible",
                Visibility::Hidden => "hidden",
                Visibility::VeryHidden => "very_hidden",
            };
            assert_eq!(info.name, theirs["name"].as_str().unwrap(), "{file}");
            assert_eq!(visibility, theirs["visibility"].as_str().unwrap(), "{file}");
            count += u64::from(info.rows) * u64::from(info.columns);
            let rows = theirs["rows"].as_array().unwrap();
            problems.extend(differences(file, sheet, rows, &mut on_purpose));
        }
        if on_purpose > 0 {
            meant.push((file, on_purpose));
        }
    }
    let number = problems.len();
    problems.truncate(60);
    assert!(
        problems.is_empty(),
        "{number} problems:\n{}",
        problems.join("\n")
    );
    assert!(count > 1_000_000, "{count} cells are few");
    meant.sort_unstable();
    assert_eq!(meant, DIFFERENCES);
}

/// JSON and CSV say the same as cells do, and both sides of the wall say the same.
#[test]
fn every_form_is_the_same_natively_and_in_the_sandbox() {
    let (folder, cases) = corpus();
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let raw = raw::Raw::load(&sandbox);
    for case in &cases {
        let file = case["file"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(file)).unwrap();
        for output in ["cells", "json", "ndjson", "csv"] {
            for header in [false, true] {
                let request = Arguments::new()
                    .with("file", bytes.as_slice())
                    .with("output", output)
                    .with("header", header)
                    .encode()
                    .unwrap();
                let native = wardian_guest_sheet::call("parse", &request);
                let boxed = raw.call("parse", request);
                assert!(boxed == native, "{file} as {output} differs in the sandbox");
            }
        }
    }
}
