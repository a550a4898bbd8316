//! `wardian sheet`.

use crate::place::Place;
use crate::pty::watch;
use crate::snapshot;
use crate::workbook::{self, Sheet, numbers, xlsx, xlsx_of};

macro_rules! seed {
    ($name:literal) => {
        include_bytes!(concat!("../../../../fuzz/seeds/sheet/", $name))
    };
}

fn orders() -> Place {
    let place = Place::with_sheet();
    place.write("orders.xlsx", workbook::orders());
    place
}

#[test]
fn lists_for_people_and_for_programs() {
    let place = orders();
    snapshot!(place.run(["sheet", "list", "orders.xlsx"]).well().whole(), @r#"
    exit: 0
    --- out
    xlsx, 2 sheets
    #  name    kind       visibility   rows  columns
    0  Orders  worksheet  visible         3        2
    1  2       worksheet  very hidden     1        3
    --- err
    "#);
    snapshot!(place.run(["sheet", "list", "orders.xlsx", "--names"]).well().text(), @r#"
    xlsx, 2 sheets
    #  name    kind       visibility
    0  Orders  worksheet  visible
    1  2       worksheet  very hidden
    "#);
    let json = place.run(["sheet", "list", "orders.xlsx", "--json"]);
    let mut json = json.well().json();
    assert!(json["usage"]["fuel"].as_u64() > Some(0));
    let sheets = json["sheets"].take();
    let wanted = serde_json::json!([
        { "index": 0, "name": "Orders", "kind": "worksheet", "visibility": "visible", "rows": 3, "columns": 2 },
        { "index": 1, "name": "2", "kind": "worksheet", "visibility": "very_hidden", "rows": 1, "columns": 3 },
    ]);
    assert_eq!((sheets, &json["format"]), (wanted, &"xlsx".into()));
    place.write("a.csv", "a;b\n1;2\n");
    let ran = place.run(["sheet", "list", "*.csv", "orders.xlsx"]).well();
    snapshot!(ran.text(), @r#"
    a.csv: csv, 1 sheet: csv
    orders.xlsx: xlsx, 2 sheets: Orders, 2
    "#);
    let csv = place.run(["sheet", "list", "a.csv"]).well().text();
    let first = csv.lines().next();
    assert_eq!(first, Some("csv, 1 sheet, utf-8, fields parted by `;`"));
}

#[test]
fn every_format_is_read_from_files_and_pipes() {
    let place = Place::with_sheet();
    let seeds: [(&str, &[u8], &str); 4] = [
        (
            "xlsx",
            seed!("xlsx-styles"),
            r#"[["2024-02-29","2024-02-29","PT36H",7]]"#,
        ),
        ("xls", seed!("xls"), r#"[["text","日本",null],[1.5,7,8],"#),
        ("ods", seed!("ods"), r#"[["a b   \t\n<\n",null,"PT2H","#),
        (
            "csv",
            seed!("csv"),
            r#"[["a","b","c \"d\""],[1,"2024-02-29",true],["007",null,"x"]]"#,
        ),
    ];
    for (format, bytes, begin) in seeds {
        // Its name says nothing.
        place.write("file", bytes);
        let out = place.run(["sheet", "parse", "file"]).well().text();
        assert!(out.starts_with(begin), "{format}: {out}");
        let piped = place.run_with(["sheet", "parse"], bytes).well().text();
        assert_eq!(piped, out);
        let listed = place.run_with(["sheet", "list", "--json"], bytes).json();
        assert_eq!(listed["format"], format);
    }
}

#[test]
fn parses_one_sheet_or_all_in_every_form() {
    let place = orders();
    let parse = |arguments: &[&str]| {
        let common = ["sheet", "parse", "orders.xlsx"];
        let ran = place.run(common.iter().chain(arguments));
        ran.well().text()
    };
    for (arguments, wanted) in [
        ("", r#"[["item","count"],["apple",7],["pear, big",null]]"#),
        (
            "--header",
            r#"[{"item":"apple","count":7},{"item":"pear, big","count":null}]"#,
        ),
        (
            "--plain",
            r#"[["item","count"],["apple","7"],["pear, big",""]]"#,
        ),
        (
            "--plain --header --format ndjson",
            "{\"item\":\"apple\",\"count\":\"7\"}\n{\"item\":\"pear, big\",\"count\":\"\"}\n",
        ),
        ("--format ndjson --range a2", "[\"apple\"]\n"),
        (
            "--format csv",
            "item,count\r\napple,7\r\n\"pear, big\",\r\n",
        ),
        ("--sheet 1", "[[1,2,3]]"),
        ("--sheet =2", "[[1,2,3]]"),
        ("--sheet Orders --range B2:B2", "[[7]]"),
        ("--all --range A1:A1", r#"{"Orders":[["item"]],"2":[[1]]}"#),
        (
            "--all --range A1:A1 --plain",
            r#"{"Orders":[["item"]],"2":[["1"]]}"#,
        ),
        (
            "--all --range A1:A1 --plain --format ndjson",
            "{\"sheet\":\"Orders\",\"row\":[\"item\"]}\n{\"sheet\":\"2\",\"row\":[\"1\"]}\n",
        ),
    ] {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        assert_eq!(parse(&words), wanted, "{arguments}");
    }
    // The service's shapes are those of plain rows.
    for more in [
        "--header",
        "--all --header",
        "--all",
        "--all --header --format ndjson",
    ] {
        let words: Vec<&str> = more.split(' ').collect();
        let shape = |text: String| text.replace(['"'], "").replace("null", "");
        let plain = parse(&[&words[..], &["--plain"]].concat());
        assert_eq!(shape(plain), shape(parse(&words)), "{more}");
    }
}

#[test]
fn csv_is_read_as_it_is_told() {
    let place = Place::with_sheet();
    let read = |more: &str| {
        let arguments = ["sheet", "parse"]
            .into_iter()
            .chain(more.split_whitespace());
        place.run_with(arguments, b"a,b\t1\n").well().text()
    };
    assert_eq!(read("--delimiter tab"), r#"[["a,b",1]]"#);
    assert_eq!(read("--delimiter , --text"), r#"[["a","b\t1"]]"#);
    assert_eq!(read("--delimiter tab --text"), r#"[["a,b","1"]]"#);
}

#[test]
fn results_go_to_files_and_folders_and_over_nothing() {
    let place = orders();
    snapshot!(place.run(["sheet", "parse", "orders.xlsx", "-o", "out.csv"]).well().whole(), @r#"
    exit: 0
    --- out
    out.csv: sheet `Orders`, 3 rows × 2 columns, 35 B
    --- err
    "#);
    assert!(place.read("out.csv").starts_with(b"item,count\r\n"));
    let again = ["sheet", "parse", "orders.xlsx", "-o", "out.csv"];
    snapshot!(place.run(again).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `out.csv` exists
    hint: use `--force` to overwrite it, or choose another name
    "#);
    let forced = [&again[..], &["--force", "--json", "--sheet", "1"]].concat();
    let report = place.run(forced).well().json();
    assert_eq!(place.read("out.csv"), b"1,2,3\r\n");
    let said = ["ok", "output", "format", "source_format", "bytes"].map(|name| &report[name]);
    let wanted = serde_json::json!([true, "out.csv", "csv", "xlsx", 7]);
    assert_eq!(serde_json::json!(said), wanted);
    assert_eq!(report["sheets"][0]["name"], "2");

    place.write("b.xlsx", "not a workbook \u{1}");
    place.write("c.csv", "x\n");
    let many = ["sheet", "parse", "*.xlsx", "c.csv"];
    snapshot!(place.run(many).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: 3 files need a folder for their results
    hint: name it with `--out-dir DIR`; it is made if it is not there
    "#);
    let into = [&many[..], &["--format", "ndjson", "--out-dir", "out"]].concat();
    snapshot!(place.run(&into).whole(), @r#"
    exit: 15
    --- out
    out/orders.ndjson: sheet `Orders`, 3 rows × 2 columns, 48 B
    out/c.ndjson: sheet `csv`, 1 row × 1 column, 6 B
    --- err
    error: `b.xlsx`: the source is neither XLSX, XLS, ODS nor text (sheet.unknown_format)
    hint: XLSX, XLS, ODS and CSV are read
    2 of 3 written, 1 failed
    "#);
    assert_eq!(place.names_in("out"), ["c.ndjson", "orders.ndjson"]);
    assert_eq!(place.run(&into).exit, Some(1), "they exist");
    let json = place
        .run([&into[..], &["--force", "--json"]].concat())
        .json();
    assert_eq!(json["failed"], 1);
    assert_eq!(json["files"][0]["error"]["code"], "sheet.unknown_format");
    assert_eq!(json["files"][1]["output"], "out/orders.ndjson");
}

/// Words, exit code, code, and what the hint has.
const WRONG: [(&str, i32, &str, &str); 9] = [
    ("parse locked.xlsx", 15, "sheet.encrypted", "password"),
    ("parse cut.xlsx", 15, "sheet.malformed", "cut off"),
    ("list cut.xlsx", 15, "sheet.malformed", "cut off"),
    ("parse bomb.xlsx", 15, "sheet.too_many_cells", "--cells-max"),
    ("list bomb.xlsx", 15, "sheet.too_many_cells", "--names"),
    (
        "parse orders.xlsx --sheet No",
        15,
        "sheet.no_such_sheet",
        "list",
    ),
    (
        "parse orders.xlsx --sheet 2",
        15,
        "sheet.no_such_sheet",
        "`=2`",
    ),
    (
        "parse orders.xlsx --limit memory=1MiB",
        11,
        "limit.memory",
        "`--limit memory=2MiB`",
    ),
    (
        "parse orders.xlsx --limit fuel=1000",
        11,
        "limit.fuel",
        "`--limit fuel=2000`",
    ),
];

#[test]
fn what_is_wrong_has_a_code_and_a_hint() {
    let place = orders();
    let sheet = || Sheet {
        name: "S",
        attributes: "",
        rows: numbers(&[&[1]]),
    };
    place.write("locked.xlsx", xlsx_of(&[sheet()], &[], 1));
    let whole = xlsx(&numbers(&[&[1]]));
    place.write("cut.xlsx", &whole[..whole.len() / 2]);
    let corners = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    place.write("bomb.xlsx", xlsx(corners));
    for (arguments, exit, code, hint) in WRONG {
        let words = arguments.split(' ');
        let ran = place.run(["sheet"].into_iter().chain(words.clone()));
        let (first, rest) = ran.err.split_once('\n').expect("lines");
        assert_eq!(ran.exit, Some(exit), "{arguments}: {}", ran.err);
        assert!(
            first.ends_with(&format!(" ({code})")),
            "{arguments}: {first}"
        );
        assert!(
            rest.contains("hint: ") && rest.contains(hint),
            "{arguments}: {rest}"
        );
        let into = words.clone().next() == Some("parse");
        let more: &[&str] = if into {
            &["-o", "never", "--json"]
        } else {
            &["--json"]
        };
        let json = place.run(
            ["sheet"]
                .into_iter()
                .chain(words)
                .chain(more.iter().copied()),
        );
        assert_eq!(json.json()["error"]["code"], code, "{arguments}");
    }
    // Names cost nothing.
    place.run(["sheet", "list", "bomb.xlsx", "--names"]).well();
    assert_eq!(
        place.names(),
        ["bomb.xlsx", "cut.xlsx", "locked.xlsx", "orders.xlsx"]
    );
}

#[test]
fn a_command_line_without_sense_is_refused() {
    let place = orders();
    snapshot!(place.run(["sheet", "parse", "orders.xlsx", "--all", "--format", "csv"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: CSV holds one sheet, and all are asked for
    hint: name one by `--sheet`, or use `--format json` or `--format ndjson`
    "#);
    for bad in [
        "--range C1:A1",
        "--range 7",
        "--delimiter ab",
        "--cells-max 0",
        "--sheet 1 --all",
    ] {
        let words = ["sheet", "parse", "orders.xlsx"]
            .into_iter()
            .chain(bad.split(' '));
        assert_eq!(place.run(words).exit, Some(2), "{bad}");
    }
    assert_eq!(place.names(), ["orders.xlsx"]);
}

#[test]
fn limits_hold_on_both_sides() {
    let place = Place::with_sheet();
    place.write("six.xlsx", xlsx(&numbers(&[&[1, 2, 3], &[4, 5, 6]])));
    let six = ["sheet", "parse", "six.xlsx", "--cells-max"];
    assert_eq!(place.run(six.iter().chain(&["5"])).exit, Some(15));
    for enough in ["6", "7", "20000000"] {
        place.run(six.iter().chain(&[enough])).well();
    }
    assert_eq!(place.run(six.iter().chain(&["20000001"])).exit, Some(2));

    let mut csv = vec![b'x'; 19_999_999];
    csv.push(b'\n');
    let list = ["sheet", "list", "--names"];
    place.run_with(list, &csv).well();
    csv.push(b'\n');
    let ran = place.run_with(list, &csv);
    assert_eq!(ran.exit, Some(11));
    assert_eq!(
        ran.err,
        "error: standard input passes its input limit: allowed 20,000,000 bytes\n"
    );
}

/// Cells share their text, and a result that repeats it is refused before it has grown.
#[test]
fn one_long_text_in_a_thousand_cells_is_refused() {
    let place = Place::with_sheet();
    let long = "x".repeat(100_000);
    let cells = |count: usize| "<row><c t=\"s\"><v>0</v></c></row>".repeat(count);
    let of = |count: usize| {
        let sheet = Sheet {
            name: "S",
            attributes: "",
            rows: cells(count),
        };
        xlsx_of(&[sheet], &[&long], 0)
    };
    place.write("few.xlsx", of(600));
    place.write("many.xlsx", of(640));
    for form in [&["--plain"][..], &["--plain", "--format", "ndjson"], &[]] {
        let parse = |file| {
            let common = ["sheet", "parse", file, "--limit", "memory=256MiB"];
            place.run(common.iter().chain(form))
        };
        assert!(parse("few.xlsx").well().out.len() > 60_000_000);
        let many = parse("many.xlsx");
        assert_eq!((many.exit, many.out.len()), (Some(15), 0), "{form:?}");
        assert!(many.err.contains("(sheet.too_large)"), "{}", many.err);
    }
}

/// On a terminal nothing of a workbook is more than text; a pipe has what is in the cells.
#[test]
fn hostile_text_is_clean_on_a_terminal_and_whole_in_a_pipe() {
    let place = Place::with_sheet();
    let cell = r#"<row><c t="inlineStr"><is><t>_x001B_[31mred</t></is></c></row>"#;
    let sheet = Sheet {
        name: "a&#x202e;b&#x9b;31m",
        attributes: "",
        rows: cell.into(),
    };
    place.write("evil.xlsx", xlsx_of(&[sheet], &[], 0));
    let on_terminal = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("TERM", "xterm");
        let seen = watch(command, true, |_, _| {});
        assert_eq!(seen.exit, Some(0), "{}", seen.last);
        let text = String::from_utf8(seen.bytes).expect("text");
        let bad = ['\u{1b}', '\u{9b}', '\u{202e}'];
        assert!(!text.contains(bad), "{arguments:?}: {text:?}");
        text
    };
    for arguments in [
        &["sheet", "list", "evil.xlsx"][..],
        &["sheet", "list", "evil.xlsx", "--json"],
        &["sheet", "list", "[e]vil.xlsx"],
        &["sheet", "parse", "evil.xlsx", "--all", "--format", "ndjson"],
        &["sheet", "parse", "evil.xlsx", "-o", "written.csv"],
    ] {
        on_terminal(arguments);
    }
    for format in ["csv", "json"] {
        for more in [&[][..], &["-o", "-"]] {
            let parse = ["sheet", "parse", "evil.xlsx", "--format", format];
            let shown = on_terminal(&[&parse[..], more].concat());
            assert!(shown.contains("[31mred"), "{shown}");
        }
    }
    let piped = place.run(["sheet", "parse", "evil.xlsx", "--format", "csv"]);
    assert_eq!(piped.well().out, b"\x1b[31mred\r\n");
    let listed = place.run(["sheet", "list", "evil.xlsx"]).well().text();
    assert!(listed.contains(r"a\u{202e}b\u{9b}31m"), "{listed}");
    let refused = place.run(["sheet", "parse", "evil.xlsx", "--sheet", "\u{1b}[31m"]);
    assert!(!refused.err.contains('\u{1b}'), "{}", refused.err);
}

#[test]
fn the_guest_can_be_called_by_name() {
    let place = orders();
    let call = [
        "call",
        "sheet",
        "list",
        "--arg",
        "file=@orders.xlsx",
        "--json",
    ];
    let text = place.run(call).well().text();
    assert!(text.contains("\"Orders\""), "{text}");
}
