//! Workbooks made by code: XLSX whose parts are stored as they are.

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A sheet of a workbook: its name as XML has it, what stands behind the name, and its rows.
pub struct Sheet<'a> {
    pub name: &'a str,
    pub attributes: &'a str,
    pub rows: String,
}

/// One visible sheet `S` with rows of XML.
pub fn xlsx(rows: &str) -> Vec<u8> {
    let sheet = Sheet {
        name: "S",
        attributes: "",
        rows: rows.into(),
    };
    xlsx_of(&[sheet], &[], 0)
}

/// A workbook with these sheets and shared strings, its parts' entries with such flags.
pub fn xlsx_of(sheets: &[Sheet<'_>], strings: &[&str], flags: u16) -> Vec<u8> {
    let link = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
    };
    let (mut names, mut links) = (String::new(), link("t", "sharedStrings", "strings.xml"));
    let mut parts = Vec::new();
    for (at, sheet) in sheets.iter().enumerate() {
        let (name, attributes) = (sheet.name, sheet.attributes);
        names += &format!(r#"<sheet name="{name}" r:id="r{at}" {attributes}/>"#);
        links += &link(&format!("r{at}"), "worksheet", &format!("s{at}.xml"));
        let rows = format!(
            "<worksheet><sheetData>{}</sheetData></worksheet>",
            sheet.rows
        );
        parts.push((format!("xl/s{at}.xml"), rows));
    }
    let relations = |links: &str| format!("<Relationships>{links}</Relationships>");
    let strings: String = strings
        .iter()
        .map(|text| format!("<si><t>{text}</t></si>"))
        .collect();
    let root = link("r", "officeDocument", "xl/book.xml");
    parts.extend([
        ("_rels/.rels".into(), relations(&root)),
        ("xl/_rels/book.xml.rels".into(), relations(&links)),
        (
            "xl/book.xml".into(),
            format!("<workbook><sheets>{names}</sheets></workbook>"),
        ),
        ("xl/strings.xml".into(), format!("<sst>{strings}</sst>")),
    ]);
    zip(&parts, flags)
}

/// Two sheets, the second one hidden and called `2`.
pub fn orders() -> Vec<u8> {
    let text = |text: &str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    let header = format!("<row>{}{}</row>", text("item"), text("count"));
    let apple = format!("<row>{}<c><v>7</v></c></row>", text("apple"));
    let pear = format!("<row>{}</row>", text("pear, big"));
    let sheets = [
        Sheet {
            name: "Orders",
            attributes: "",
            rows: [header, apple, pear].concat(),
        },
        Sheet {
            name: "2",
            attributes: r#"state="veryHidden""#,
            rows: numbers(&[&[1, 2, 3]]),
        },
    ];
    xlsx_of(&sheets, &[], 0)
}

/// Numbers, row by row.
pub fn numbers(rows: &[&[u32]]) -> String {
    let cell = |n: &u32| format!("<c><v>{n}</v></c>");
    let row = |row: &&[u32]| format!("<row>{}</row>", row.iter().map(cell).collect::<String>());
    rows.iter().map(row).collect()
}

fn zip(parts: &[(String, String)], flags: u16) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let at = u32::try_from(out.len()).expect("small");
        let length = u32::try_from(text.len()).expect("small");
        let mut entry = Vec::new();
        for field in [20, flags, 0, 0, 0] {
            entry.extend(field.to_le_bytes());
        }
        for field in [crc(text.as_bytes()), length, length] {
            entry.extend(field.to_le_bytes());
        }
        entry.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        entry.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&entry);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(entry);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = u32::try_from(out.len()).expect("small");
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(parts.len()).expect("few").to_le_bytes();
    out.extend([count, count].concat());
    let length = u32::try_from(directory.len()).expect("small");
    out.extend(length.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// The sum that archives have of each part.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
    let add = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum));
    !bytes.iter().fold(u32::MAX, add)
}
