//! The typed functions, through the box: what they give, what they refuse, and what they cost at most.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use wardian_sandbox::{Blame, CallError, Limit, Limits, Sandbox, SandboxConfig};
use wardian_service::ServiceError;
use wardian_service::sheet::{
    self, Area, CELLS_MAX, Cell, Dialect, Document, Elapsed, Format, Kind, Moment, ParseOptions,
    SOURCE_BYTES_MAX, STRINGS_BYTES_MAX, Sheets, TooMuchText, Visibility, Which,
};

#[path = "../../../guests/services/sheet/tests/make/mod.rs"]
mod make;

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig::default()).unwrap()
}

fn sheets() -> Sheets {
    futures_lite::future::block_on(Sheets::load(&sandbox())).unwrap()
}

/// A workbook with every kind of cell, two columns of one name, and two sheets more.
fn workbook() -> Vec<u8> {
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let head = ["kind", "value", "value", ""].map(text).concat();
    let value = |value: &str| format!("<c t=\"b\"><v>{value}</v></c>");
    let rows = make::rows(&format!(
        "<row>{head}</row>\
         <row>{}<c><v>1.5</v></c>{}<c t=\"e\"><v>#DIV/0!</v></c></row>\
         <row>{}<c s=\"1\"><v>45351</v></c><c s=\"2\"><v>1.5</v></c><c s=\"3\"><v>0.5</v></c></row>\
         <row r=\"5\"><c r=\"B5\" t=\"str\"><v>a \"b\", c</v></c></row>",
        text("numbers"),
        value("1"),
        text("dates &amp; times")
    ));
    let workbook = "<workbook><sheets><sheet name=\"first\" r:id=\"r1\"/><sheet name=\"Zweites Blatt ä\" state=\"hidden\" r:id=\"r4\"/>\
                    <sheet name=\"chart\" r:id=\"r5\"/></sheets></workbook>";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let link = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let links = [
        link("r1", "worksheet", "worksheets/sheet1.xml"),
        link("r3", "styles", "styles.xml"),
        link("r4", "worksheet", "worksheets/sheet2.xml"),
        link("r5", "chartsheet", "chartsheets/sheet1.xml"),
    ];
    let links = format!("<Relationships>{}</Relationships>", links.concat());
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"[h]:mm\"/></numFmts><cellXfs><xf numFmtId=\"0\"/>\
                  <xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>";
    make::xlsx(
        &rows,
        &[
            ("xl/workbook.xml", workbook),
            ("xl/_rels/workbook.xml.rels", &links),
            ("xl/styles.xml", styles),
            (
                "xl/worksheets/sheet2.xml",
                &make::rows("<row><c><v>7</v></c></row>"),
            ),
        ],
    )
}

fn text(document: &Document) -> &str {
    std::str::from_utf8(&document.bytes).unwrap()
}

#[test]
fn sheets_are_listed() {
    let listed = sheet::list_blocking(&sandbox(), workbook()).unwrap();
    assert_eq!(listed.format, Format::Xlsx);
    let found: Vec<_> = listed
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.kind, sheet.visibility))
        .collect();
    let due = [
        ("first", Kind::Worksheet, Visibility::Visible),
        ("Zweites Blatt ä", Kind::Worksheet, Visibility::Hidden),
        ("chart", Kind::Chart, Visibility::Visible),
    ];
    assert_eq!(found, due);
    assert!(listed.usage.fuel.unwrap() > 0);
}

#[test]
fn cells_have_their_types() {
    let workbook = sheet::parse_blocking(&sandbox(), workbook(), ParseOptions::header()).unwrap();
    assert_eq!((workbook.format, workbook.dialect), (Format::Xlsx, None));
    let [sheet] = workbook.sheets.as_slice() else {
        panic!("{:?}", workbook.sheets)
    };
    let info = sheet.info();
    assert_eq!(
        (info.index, info.name.as_str(), info.rows, info.columns),
        (0, "first", 4, 4)
    );
    assert_eq!(
        sheet.header().unwrap(),
        ["kind", "value", "value_2", "column_4"]
    );
    assert_eq!(sheet.rows().len(), 4);
    let rows: Vec<Vec<Cell<'_>>> = sheet.rows().map(|row| row.cells().collect()).collect();
    let noon = Moment::Time(43_200_000);
    let due = [
        vec![
            Cell::Text("numbers"),
            Cell::Number(1.5),
            Cell::Bool(true),
            Cell::Error("#DIV/0!"),
        ],
        vec![
            Cell::Text("dates & times"),
            Cell::Date(Moment::Date(1_709_164_800_000)),
            Cell::Duration(Elapsed(129_600_000)),
            Cell::Date(noon),
        ],
        vec![Cell::Empty; 4],
        vec![
            Cell::Empty,
            Cell::Text("a \"b\", c"),
            Cell::Empty,
            Cell::Empty,
        ],
    ];
    assert_eq!(rows, due);
    let row = sheet.rows().nth(1).unwrap();
    assert_eq!((row.get(3), row.get(4)), (Cell::Date(noon), Cell::Empty));
    let strings = sheet.to_strings().unwrap();
    assert_eq!(
        strings[1],
        ["dates & times", "2024-02-29", "PT36H", "12:00:00"]
    );
    assert_eq!(strings[0], ["numbers", "1.5", "TRUE", "#DIV/0!"]);
    assert!(workbook.usage.memory_peak_bytes > 0);
}

#[test]
fn every_form_says_the_same() {
    let sheets = sheets();
    let header = || ParseOptions {
        range: Some(Area {
            rows: (0, 2),
            columns: (0, 3),
        }),
        ..ParseOptions::header()
    };
    let json = sheets.json_blocking(workbook(), header()).unwrap();
    assert_eq!(
        text(&json),
        "[{\"kind\":\"numbers\",\"value\":1.5,\"value_2\":true,\"column_4\":{\"error\":\"#DIV/0!\"}},\
         {\"kind\":\"dates & times\",\"value\":\"2024-02-29\",\"value_2\":\"PT36H\",\"column_4\":\"12:00:00\"}]"
    );
    assert_eq!((json.sheets[0].rows, json.sheets[0].columns), (2, 4));
    let lines = sheets.ndjson_blocking(workbook(), header()).unwrap();
    let joined: Vec<_> = text(&lines).lines().collect();
    assert_eq!(format!("[{}]", joined.join(",")), text(&json));
    let csv = sheets.csv_blocking(workbook(), header()).unwrap();
    assert_eq!(
        text(&csv),
        "kind,value,value_2,column_4\r\nnumbers,1.5,TRUE,#DIV/0!\r\ndates & times,2024-02-29,PT36H,12:00:00\r\n"
    );
    let plain = sheets
        .csv_blocking(workbook(), ParseOptions::default())
        .unwrap();
    assert!(text(&plain).ends_with(",,,\r\n,\"a \"\"b\"\", c\",,\r\n"));
    let plain = sheets
        .json_blocking(workbook(), ParseOptions::default())
        .unwrap();
    assert!(
        text(&plain).starts_with("[[\"kind\",\"value\",\"value\",\"\"],"),
        "{}",
        text(&plain)
    );
}

#[test]
fn all_sheets_come_by_their_names() {
    let sheets = sheets();
    let all = sheets
        .parse_blocking(workbook(), ParseOptions::all())
        .unwrap();
    let names: Vec<_> = all
        .sheets
        .iter()
        .map(|sheet| (sheet.info().index, sheet.info().name.as_str()))
        .collect();
    assert_eq!(names, [(0, "first"), (1, "Zweites Blatt ä")]);
    let json = sheets
        .json_blocking(workbook(), ParseOptions::all())
        .unwrap();
    assert!(text(&json).starts_with("{\"first\":[["), "{}", text(&json));
    assert!(
        text(&json).ends_with("],\"Zweites Blatt ä\":[[7]]}"),
        "{}",
        text(&json)
    );
    let lines = sheets
        .ndjson_blocking(workbook(), ParseOptions::all())
        .unwrap();
    assert!(text(&lines).ends_with("\n{\"sheet\":\"Zweites Blatt ä\",\"row\":[7]}\n"));
    let error = sheets
        .csv_blocking(workbook(), ParseOptions::all())
        .unwrap_err();
    assert_eq!(
        (error.code(), error.blame()),
        ("sheet.options", Blame::Caller)
    );
    for which in [Which::Index(1), Which::Name("Zweites Blatt ä".into())] {
        let options = ParseOptions {
            which,
            ..ParseOptions::default()
        };
        let one = sheets.json_blocking(workbook(), options).unwrap();
        assert_eq!(text(&one), "[[7]]");
    }
    // A repeated name is made another one in JSON.
    let twins = "<workbook><sheets><sheet name=\"S\" r:id=\"r1\"/><sheet name=\"S\" r:id=\"r1\"/></sheets></workbook>";
    let twins = make::xlsx(
        &make::rows("<row><c><v>1</v></c></row>"),
        &[("xl/workbook.xml", twins)],
    );
    let json = sheets.json_blocking(twins, ParseOptions::all()).unwrap();
    assert_eq!(text(&json), "{\"S\":[[1]],\"S_2\":[[1]]}");
}

#[test]
fn empty_sheets_have_no_rows_in_any_form() {
    let sheets = sheets();
    let empty = make::xlsx(&make::rows(""), &[]);
    for options in [ParseOptions::default(), ParseOptions::header()] {
        let parsed = sheets
            .parse_blocking(empty.clone(), options.clone())
            .unwrap();
        assert_eq!(
            (parsed.sheets[0].rows().len(), parsed.sheets[0].header()),
            (0, None)
        );
        assert_eq!(
            text(
                &sheets
                    .json_blocking(empty.clone(), options.clone())
                    .unwrap()
            ),
            "[]"
        );
        assert_eq!(
            text(
                &sheets
                    .ndjson_blocking(empty.clone(), options.clone())
                    .unwrap()
            ),
            ""
        );
        assert_eq!(
            text(&sheets.csv_blocking(empty.clone(), options).unwrap()),
            ""
        );
    }
    // Only names, and only a cell with a format.
    let names = make::xlsx(&make::rows("<row><c><v>1</v></c><c/></row>"), &[]);
    let parsed = sheets
        .parse_blocking(names.clone(), ParseOptions::header())
        .unwrap();
    assert_eq!(parsed.sheets[0].header().unwrap(), ["1", "column_2"]);
    assert_eq!(parsed.sheets[0].rows().len(), 0);
    assert_eq!(
        text(&sheets.csv_blocking(names, ParseOptions::header()).unwrap()),
        "1,column_2\r\n"
    );
    let blank = make::xlsx(&make::rows("<row r=\"3\"><c r=\"B3\" s=\"0\"/></row>"), &[]);
    let parsed = sheets
        .parse_blocking(blank.clone(), ParseOptions::header())
        .unwrap();
    assert_eq!(parsed.sheets[0].rows().len(), 2);
    assert_eq!(
        text(&sheets.csv_blocking(blank, ParseOptions::default()).unwrap()),
        ",\r\n,\r\n,\r\n"
    );
}

#[test]
fn csv_says_what_it_was() {
    let sheets = sheets();
    let file = b"\xef\xbb\xbfid;name\r\n007;x\r\n8;TRUE\r\n".to_vec();
    let read = sheets
        .parse_blocking(file.clone(), ParseOptions::header())
        .unwrap();
    let due = Dialect {
        encoding: "utf-8",
        delimiter: ';',
    };
    assert_eq!((read.format, read.dialect), (Format::Csv, Some(due)));
    let second = read.sheets[0].rows().nth(1).unwrap();
    assert_eq!(
        (second.get(0), second.get(1)),
        (Cell::Number(8.0), Cell::Bool(true))
    );
    let first = read.sheets[0].rows().next().unwrap();
    assert_eq!(first.get(0), Cell::Text("007"));
    let options = ParseOptions {
        delimiter: Some(','),
        text: true,
        ..ParseOptions::default()
    };
    let read = sheets.parse_blocking(file, options).unwrap();
    assert_eq!(
        read.sheets[0].to_strings().unwrap(),
        [["id;name"], ["007;x"], ["8;TRUE"]]
    );
    assert_eq!(read.dialect.unwrap().delimiter, ',');
}

#[test]
fn everything_wrong_is_said_at_once() {
    let options = ParseOptions {
        cells_max: CELLS_MAX + 1,
        delimiter: Some('ä'),
        ..ParseOptions::default()
    };
    let error = sheet::parse_blocking(&sandbox(), "a,b", options).unwrap_err();
    assert_eq!(
        (error.code(), error.blame()),
        ("sheet.options", Blame::Caller)
    );
    assert_eq!(
        error.to_string(),
        "`cells_max` must be a whole number from 1 to 20000000, got 20000001; `delimiter` must be one ASCII character, \
         no quote and no line end, got \"ä\""
    );
}

#[test]
fn workbooks_are_refused_with_a_reason() {
    let sheets = sheets();
    let failed =
        |file: Vec<u8>, options: ParseOptions| sheets.parse_blocking(file, options).unwrap_err();
    let code = |file: Vec<u8>| failed(file, ParseOptions::default()).code();
    assert_eq!(code(vec![]), "sheet.unknown_format");
    assert_eq!(code(b"%PDF-1.7".to_vec()), "sheet.unknown_format");
    assert_eq!(code(b"PK\x03\x04".to_vec()), "sheet.malformed");
    assert_eq!(
        code(make::compound(&[("EncryptionInfo", b"x")])),
        "sheet.encrypted"
    );
    assert_eq!(
        code(vec![b'a'; SOURCE_BYTES_MAX + 1]),
        "sheet.too_many_bytes"
    );
    let one = ParseOptions {
        which: Which::Index(3),
        ..ParseOptions::default()
    };
    let error = failed(workbook(), one);
    assert_eq!(error.code(), "sheet.no_such_sheet");
    assert_eq!(
        error.to_string(),
        "there is no sheet 3: the workbook has 3, counted from 0"
    );
    let chart = ParseOptions {
        which: Which::Name("chart".into()),
        ..ParseOptions::default()
    };
    assert_eq!(failed(workbook(), chart).code(), "sheet.unsupported");
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let error = failed(make::xlsx(&make::rows(far), &[]), ParseOptions::default());
    assert_eq!(error.code(), "sheet.too_many_cells");
    assert_eq!(
        error.to_string(),
        "the sheet has 1048576 rows and 16384 columns or more, allowed 2000000 cells in all: give a `range`, or raise \
         `cells_max`"
    );
    assert!(
        sheets
            .parse_blocking(workbook(), ParseOptions::default())
            .is_ok()
    );
}

#[tokio::test]
async fn async_callers_keep_the_guest_linked() {
    let sandbox = sandbox();
    let sheets = Sheets::load(&sandbox).await.unwrap();
    let file = bytes::Bytes::from(workbook());
    let (first, second) = tokio::join!(
        sheets.parse(file.clone(), ParseOptions::default()),
        sheets.json(file.clone(), ParseOptions::all()),
    );
    assert_eq!(
        (first.unwrap().sheets.len(), second.unwrap().sheets.len()),
        (1, 2)
    );
    let error = sheet::list(&sandbox, "\0").await.unwrap_err();
    assert_eq!(error.code(), "sheet.unknown_format");
    sandbox.close().await;
    let error = sheets.list(file).await.unwrap_err();
    assert!(
        matches!(
            error,
            ServiceError::Call {
                source: CallError::Cancelled,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn running_out_is_an_error_of_its_own_and_the_next_call_works() {
    let sheets = sheets();
    let starved = sheets.clone().with_limits(Limits {
        fuel: Some(10_000),
        ..sheets.limits().clone()
    });
    let error = starved
        .parse_blocking(workbook(), ParseOptions::default())
        .unwrap_err();
    assert_eq!(error.code(), "limit.fuel");
    let cramped = sheets.clone().with_limits(Limits {
        memory_bytes_max: 2 << 20,
        ..sheets.limits().clone()
    });
    let error = cramped
        .parse_blocking(vec![b'a'; 4 << 20], ParseOptions::default())
        .unwrap_err();
    assert!(
        matches!(
            &error,
            ServiceError::Call {
                source: CallError::Limit {
                    which: Limit::Memory,
                    ..
                },
                ..
            }
        ),
        "{error:?}"
    );
    let ServiceError::Call { source, .. } = &error else {
        panic!()
    };
    assert!(source.to_string().contains("memory"), "{source}");
    assert!(
        sheets
            .parse_blocking(workbook(), ParseOptions::default())
            .is_ok()
    );
}

#[test]
fn a_text_that_many_cells_share_is_not_written_out_without_end() {
    const TEXT: usize = 1 << 20;
    // Letters that do not unpack to hundreds of times as many.
    let mut state = 1_u32;
    let text: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (state >> 28) as u8)
    })
    .take(TEXT)
    .collect();
    let shared = format!("<sst><si><t>{text}</t></si></sst>");
    let read = |cells: usize| {
        let rows = make::rows(&"<row><c t=\"s\"><v>0</v></c></row>".repeat(cells));
        let file = make::xlsx(&rows, &[("xl/sharedStrings.xml", &shared)]);
        let read = sheets().parse_blocking(file, ParseOptions::default());
        read.unwrap().sheets[0].to_strings()
    };
    let most = STRINGS_BYTES_MAX / TEXT;
    assert_eq!(read(most).unwrap().len(), most);
    assert_eq!(read(most + 1), Err(TooMuchText));
}
