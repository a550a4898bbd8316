//! Workbooks made by code, good and bad ones.
#![allow(dead_code, clippy::unwrap_used)] // Each test binary uses a part of it, and fails by saying where.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_guest_sheet::call;

pub fn ask(function: &str, arguments: Arguments<'_>) -> Result<Value<'static>, String> {
    let answer = call(function, &arguments.encode().unwrap());
    let limits = DecodeLimits {
        values_max: 1 << 20,
        ..DecodeLimits::default()
    };
    match Response::decode(&answer, &limits).unwrap() {
        Response::Ok(value) => Ok(value.into_owned()),
        Response::Err(error) => Err(error.code),
    }
}

pub fn parse(file: &[u8]) -> Result<Value<'static>, String> {
    ask(
        "parse",
        Arguments::new().with("file", file).with("all", true),
    )
}

pub fn json(file: &[u8]) -> Result<String, String> {
    let arguments = Arguments::new().with("file", file).with("output", "json");
    let value = ask("parse", arguments)?;
    let body = value.get("body").and_then(Value::as_bytes).unwrap();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// A part of an archive, as its entry says it is.
pub struct Part {
    pub name: String,
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub unpacked: u32,
    pub crc: u32,
}

impl Part {
    pub fn packed(name: &str, text: &[u8]) -> Part {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        let mut crc = Crc::new();
        crc.update(text);
        Part {
            name: name.to_owned(),
            data: encoder.finish().unwrap(),
            method: 8,
            flags: 0,
            unpacked: text.len() as u32,
            crc: crc.sum(),
        }
    }
}

pub fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        for field in [20, part.flags, part.method, 0, 0] {
            common.extend(field.to_le_bytes());
        }
        for field in [part.crc, part.data.len() as u32, part.unpacked] {
            common.extend(field.to_le_bytes());
        }
        common.extend((part.name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(part.name.as_bytes());
        out.extend(&part.data);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(part.name.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        out.extend((parts.len() as u16).to_le_bytes());
    }
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// The parts of a workbook of XLSX with one sheet; further parts, or others in their place, behind.
pub fn xlsx_parts(sheet: &str, others: &[(&str, &str)]) -> Vec<Part> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let link = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let root = link("r1", "officeDocument", "xl/workbook.xml");
    let inner = [
        link("r1", "worksheet", "worksheets/sheet1.xml"),
        link("r2", "sharedStrings", "sharedStrings.xml"),
        link("r3", "styles", "styles.xml"),
    ];
    let mut parts = vec![
        (
            "_rels/.rels",
            format!("<Relationships>{root}</Relationships>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships>{}</Relationships>", inner.concat()),
        ),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"S\" r:id=\"r1\"/></sheets></workbook>".to_owned(),
        ),
        ("xl/worksheets/sheet1.xml", sheet.to_owned()),
    ];
    for (name, text) in others {
        parts.retain(|(present, _)| present != name);
        parts.push((name, (*text).to_owned()));
    }
    parts
        .iter()
        .map(|(name, text)| Part::packed(name, text.as_bytes()))
        .collect()
}

pub fn xlsx(sheet: &str, others: &[(&str, &str)]) -> Vec<u8> {
    zip(&xlsx_parts(sheet, others))
}

/// A sheet with these cells.
pub fn rows(cells: &str) -> String {
    format!("<worksheet><sheetData>{cells}</sheetData></worksheet>")
}

pub fn ods(tables: &str) -> Vec<u8> {
    ods_with(tables, "<manifest:manifest/>")
}

pub fn ods_with(tables: &str, manifest: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        Part::packed(
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        Part::packed("META-INF/manifest.xml", manifest.as_bytes()),
        Part::packed("content.xml", content.as_bytes()),
    ])
}

pub fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let len = data.len() as u16;
    [&kind.to_le_bytes()[..], &len.to_le_bytes(), data].concat()
}

/// A number in a cell of XLS.
pub fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
    let mut data = Vec::new();
    for field in [row, column, 0] {
        data.extend(field.to_le_bytes());
    }
    data.extend(value.to_le_bytes());
    record(0x0203, &data)
}

/// The stream of a workbook of XLS: global records, and those of one sheet called S.
pub fn biff(globals: &[u8], cells: &[u8]) -> Vec<u8> {
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let end = record(0x000a, &[]);
    let sheet = |offset: u32| {
        record(
            0x0085,
            &[&offset.to_le_bytes()[..], &[0, 0, 1, 0, b'S']].concat(),
        )
    };
    let before = [&begin, globals, &sheet(0), &end].concat().len() as u32;
    [&begin, globals, &sheet(before), &end, &begin, cells, &end].concat()
}

pub fn xls(globals: &[u8], cells: &[u8]) -> Vec<u8> {
    compound(&[("Workbook", &biff(globals, cells))])
}

/// A compound file in which every stream lies in large sectors, one behind the other.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xffff_fffe;
    let mut entries = vec![entry("Root Entry", 5, END, 0)];
    let (mut data, mut fat) = (Vec::new(), Vec::new());
    for (name, bytes) in streams {
        let mut bytes = bytes.to_vec();
        // Below this length a stream would lie in small sectors.
        bytes.resize(bytes.len().max(4096), 0);
        let (start, sectors) = (fat.len() as u32, bytes.len().div_ceil(SECTOR) as u32);
        fat.extend((1..sectors).map(|next| start + next).chain([END]));
        entries.push(entry(name, 2, start, bytes.len() as u32));
        bytes.resize(sectors as usize * SECTOR, 0);
        data.extend(bytes);
    }
    let mut directory = entries.concat();
    directory.resize(directory.len().next_multiple_of(SECTOR), 0);
    let (start, sectors) = (fat.len() as u32, (directory.len() / SECTOR) as u32);
    fat.extend((1..sectors).map(|next| start + next).chain([END]));
    data.extend(directory);
    // The table's own sectors come last, and are marked in it.
    let table = fat.len().div_ceil(SECTOR / 4 - 1);
    let first = fat.len() as u32;
    fat.extend(std::iter::repeat_n(0xffff_fffd, table));
    fat.resize(table * SECTOR / 4, u32::MAX);
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.extend([0; 16]);
    out.extend([
        0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    for field in [table as u32, start, 0, 4096, END, 0, END, 0] {
        out.extend(field.to_le_bytes());
    }
    out.extend((0..table as u32).flat_map(|part| (first + part).to_le_bytes()));
    out.resize(SECTOR, 0xff);
    out.extend(data);
    out.extend(fat.iter().flat_map(|next| next.to_le_bytes()));
    out
}

fn entry(name: &str, kind: u8, start: u32, len: u32) -> Vec<u8> {
    let mut out: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    out.resize(66, 0);
    out.push(kind);
    out.resize(116, 0xff);
    out.extend(start.to_le_bytes());
    out.extend(len.to_le_bytes());
    out.resize(128, 0);
    out
}

/// A workbook of each format, with something in it.
pub fn good() -> Vec<(&'static str, Vec<u8>)> {
    let sheet = rows(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>45351</v></c></row>",
    );
    let strings = ("xl/sharedStrings.xml", "<sst><si><t>one</t></si></sst>");
    let styles = (
        "xl/styles.xml",
        "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
    );
    let table = "<table:table table:name=\"S\"><table:table-row><table:table-cell office:value-type=\"string\"><text:p>one</text:p>\
                 </table:table-cell><table:table-cell office:value-type=\"date\" office:date-value=\"2024-02-29\"/></table:table-row></table:table>";
    let mut cells = record(0x00fd, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    cells.extend(number(0, 1, 1.5));
    let shared = record(0x00fc, &[1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, b'o', b'n', b'e']);
    vec![
        ("xlsx", xlsx(&sheet, &[strings, styles])),
        ("ods", ods(table)),
        ("xls", xls(&shared, &cells)),
        ("csv", "one,2024-02-29\r\n".repeat(3).into_bytes()),
    ]
}
