//! The real work: a workbook of 5 MB, its every cell looked at.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use calamine::{Data, Reader as _, Xlsx};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use futures_lite::future::block_on;
use wardian_abi::Arguments;
use wardian_sandbox::{Cpu, Source};
use wardian_service::sheet::{Cell, FUEL, MODULE, ParseOptions, Sheets};

use crate::engines::wardian;
use crate::method::{Case, Measured, Plan, compare};
use crate::report::{Section, time};

const NATIVE: &str = "native calamine 0.38";
const OURS: &str = "Wardian, pristine, fuel + deadline";
const OPENPYXL: &str = "openpyxl==3.1.5";
const ROWS: u32 = 93_000;

pub fn parse(plan: Plan) -> Result<Vec<Section>> {
    let file = Bytes::from(workbook(ROWS)?);
    let sandbox = wardian::sandbox()?;
    let load = |cpu| {
        let source = Source::new("sheet", Bytes::from_static(MODULE)).cpu(cpu);
        block_on(Sheets::load_from(&sandbox, source))
    };
    let (fuel, by_time) = (load(Cpu::Fuel(FUEL))?, load(Cpu::Time)?);
    let usage = fuel
        .parse_blocking(file.clone(), ParseOptions::default())?
        .usage;
    let request = Arguments::new()
        .with("file", file.as_ref())
        .with("output", "cells")
        .encode()?;
    let seen = native(&file);
    ensure!(
        boxed(&fuel, &file) == seen,
        "the two readers see different cells"
    );
    let cases = vec![
        Case::new(NATIVE, || native(&file)),
        Case::new("native, the guest's own code", || {
            wardian_guest_sheet::call("parse", &request).len()
        }),
        Case::new(OURS, || boxed(&fuel, &file)),
        Case::new("Wardian, pristine, `Cpu::Time`", || boxed(&by_time, &file)),
    ];
    let measured = compare(cases, plan);
    let python = openpyxl(&file)?;
    let note = format!(
        "A workbook of {:.1} MB with {ROWS} rows of seven cells (numbers, shared strings, dates, flags), read and every cell looked at. The call used {} units of fuel and {} MiB of memory. openpyxl 3.1.5, timed inside a Python of its own, best of three: {} as it reads by default, {} with `read_only`. All on the wall clock: the guest leaves its caller's thread.",
        file.len() as f64 / 1e6,
        usage.fuel.unwrap_or_default(),
        usage.memory_peak_bytes >> 20,
        time(python.0),
        time(python.1),
    );
    let mut section = Section::new("Read a workbook of 5 MB", &note)
        .header(&["case", "p50", "p10", "p90", "× first"]);
    let first = wall(&measured, NATIVE);
    for m in &measured {
        let times = [m.p50, m.p10, m.p90].map(time);
        let ratio = format!("{:.2}", m.p50 / first);
        section.line([m.name.clone()].into_iter().chain(times).chain([ratio]));
    }
    let ours = wall(&measured, OURS);
    section.ratio_at_most(
        "default metering, against native calamine",
        ours / first,
        2.5,
    );
    section.ratio_at_least(
        "openpyxl's better way, against default metering",
        python.0.min(python.1) / ours,
        10.0,
    );
    Ok(vec![section])
}

/// The median on the wall clock: the guest leaves its caller's thread, whose own time would be that of waiting.
fn wall(measured: &[Measured], name: &str) -> f64 {
    let found = measured.iter().find(|m| m.name == name);
    found.map_or(f64::NAN, |m| m.p50)
}

/// Cells that are not empty, plus the bytes of their text.
fn native(file: &[u8]) -> usize {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(file)).expect("calamine reads it");
    let name = workbook.sheet_names().remove(0);
    let range = workbook.worksheet_range(&name).expect("the sheet is there");
    let size = |cell: &Data| match cell {
        Data::Empty => 0,
        Data::String(text) => 1 + text.len(),
        _ => 1,
    };
    range.rows().flatten().map(size).sum()
}

fn boxed(sheets: &Sheets, file: &Bytes) -> usize {
    let workbook = sheets
        .parse_blocking(file.clone(), ParseOptions::default())
        .expect("the guest reads it");
    let size = |cell: Cell<'_>| match cell {
        Cell::Empty => 0,
        Cell::Text(text) => 1 + text.len(),
        _ => 1,
    };
    let rows = workbook.sheets.iter().flat_map(|sheet| sheet.rows());
    rows.flat_map(|row| row.cells()).map(size).sum()
}

/// Nanoseconds that openpyxl takes for the same, by default and with `read_only`.
fn openpyxl(file: &[u8]) -> Result<(f64, f64)> {
    const SCRIPT: &str = "
import sys, time, openpyxl
def once(read_only):
    begun = time.perf_counter_ns()
    sheet = openpyxl.load_workbook(sys.argv[1], data_only=True, read_only=read_only).worksheets[0]
    seen = sum(1 for row in sheet.iter_rows(values_only=True) for value in row if value is not None)
    return time.perf_counter_ns() - begun
print(min(once(False) for _ in range(3)), min(once(True) for _ in range(3)))
";
    let beside = std::env::current_exe()?;
    let folder = beside.parent().context("the program lies in no folder")?;
    let python = environment(&folder.join("openpyxl"))?;
    let path = folder.join("workbook.xlsx");
    std::fs::write(&path, file)?;
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(&path)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut figures = said.split_whitespace().map(str::parse);
    match (figures.next(), figures.next()) {
        (Some(Ok(default)), Some(Ok(read_only))) => Ok((default, read_only)),
        _ => anyhow::bail!(
            "openpyxl failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

fn environment(folder: &Path) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", OPENPYXL]))?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{command:?} cannot be run"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}

/// Rows as orders have them.
fn workbook(rows: u32) -> Result<Vec<u8>> {
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
    package(&cells, &strings)
}

/// The parts around cells and strings.
fn package(cells: &str, strings: &str) -> Result<Vec<u8>> {
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let links = |inner: &[(&str, &str, &str)]| {
        let link = |(id, kind, target): &(&str, &str, &str)| {
            format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
        };
        let inner: String = inner.iter().map(link).collect();
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let of = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    zip(&[
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"{of}.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{of}.worksheet+xml\"/>\
                 <Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"{of}.sharedStrings+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"{of}.styles+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            links(&[("r1", "officeDocument", "xl/workbook.xml")]),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            links(&[
                ("r1", "worksheet", "worksheets/sheet1.xml"),
                ("r2", "sharedStrings", "sharedStrings.xml"),
                ("r3", "styles", "styles.xml"),
            ]),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook {main} xmlns:r=\"{office}\"><sheets><sheet name=\"Orders\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet {main}><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/sharedStrings.xml",
            format!("<sst {main}>{strings}</sst>"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet {main}><sheetData>{cells}</sheetData></worksheet>"),
        ),
    ])
}

fn zip(parts: &[(&str, String)]) -> Result<Vec<u8>> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes())?;
        let (data, mut crc) = (encoder.finish()?, Crc::new());
        crc.update(text.as_bytes());
        let offset = out.len() as u32;
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        for field in [crc.sum(), data.len() as u32, text.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((name.len() as u32).to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(&data);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, at) = (parts.len() as u16, out.len() as u32);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    Ok(out)
}
