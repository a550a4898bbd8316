//! Small documents, up to where their lines stand on pages of ten lines each.

use super::*;
use crate::boxes::{BoxId, Kind, LineItem, Lines};

const SHEET: &str = "@page { size: 300px 200px; margin: 0 } body, p, h2, ul, ol { margin: 0 }
    body { font: 10px/20px sans-serif; orphans: 2; widows: 2 }";

/// Lays a document out, cuts it, and looks at what came of it.
fn laid<T>(html: &str, look: impl FnOnce(&Tree, BoxId, &Laid) -> T) -> T {
    let (mut warnings, mut fonts) = (Warnings::default(), Fonts::new());
    let mut pictures = Pictures::new(HashMap::new());
    let dom = parse(html);
    let more = [SHEET.to_owned()];
    let (sheets, geometry) = sheets(&dom, &more, Asked::default(), &pictures, &mut warnings);
    let mut ua = Sheets::default();
    ua.add(UA_SHEET, paper(&geometry));
    let styles = cascade(&dom, &ua, &sheets, (300.0, 200.0));
    let job = Job {
        dom: &dom,
        styles: &styles,
        geometry: Rc::new(geometry),
        title: None,
    };
    let mut sources = Sources {
        dom: &dom,
        styles: &styles,
        fonts: &mut fonts,
        pictures: &mut pictures,
        warnings: &mut warnings,
        pages_of: &HashMap::new(),
    };
    let mut built = build(&mut sources);
    let laid = job.lay_out(&mut built, &mut sources).unwrap();
    look(&built.tree, built.root, &laid)
}

/// A line: the page it is on, how far to the right it begins, and its text.
#[derive(Debug, PartialEq)]
struct Seen {
    page: usize,
    x: f32,
    text: String,
}

fn lines(html: &str) -> Vec<Seen> {
    laid(html, |tree, root, laid| {
        let mut out = Vec::new();
        see(tree, root, 0.0, laid, &mut out);
        out
    })
}

fn see(tree: &Tree, id: BoxId, left: f32, laid: &Laid, out: &mut Vec<Seen>) {
    let one = tree.get(id);
    let marker = one.marker.and_then(|marker| tree.get(marker).lines());
    if let Some(lines) = marker {
        let line = &lines.lines[0];
        out.push(seen(lines, &line.items, left, one.strip.top, laid));
    }
    if let Kind::Lines(lines) = &one.kind {
        for line in &lines.lines {
            let y = one.strip.top + line.top + line.shift;
            out.push(seen(lines, &line.items, left, y, laid));
        }
    }
    for child in &one.children {
        let x = left + tree.get(*child).layout.location.x;
        see(tree, *child, x, laid, out);
    }
}

fn seen(lines: &Lines, items: &[LineItem], left: f32, y: f32, laid: &Laid) -> Seen {
    let runs = items.iter().filter_map(|item| match item {
        LineItem::Run(run) if !run.is_room => Some(run),
        _ => None,
    });
    let glyphs = runs.clone().flat_map(|run| &run.glyphs);
    let text: String = glyphs
        .filter_map(|glyph| lines.text.get(glyph.text.clone()))
        .collect();
    Seen {
        page: laid.slots.list.partition_point(|slot| slot.end <= y + 0.1),
        x: left + runs.map(|run| run.x).next().unwrap_or(0.0),
        text: text.trim().to_owned(),
    }
}

/// The text of every page.
fn pages(html: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in lines(html) {
        while out.len() <= line.page {
            out.push(String::new());
        }
        let page = &mut out[line.page];
        if !page.is_empty() && !line.text.is_empty() {
            page.push(' ');
        }
        page.push_str(&line.text);
    }
    out
}

/// So many lines, each with its number.
fn numbered(count: usize) -> String {
    let all: Vec<String> = (1..=count).map(|n| n.to_string()).collect();
    all.join("<br>")
}

#[test]
fn lines_go_on_where_a_page_ends() {
    let all = pages(&format!("<p>{}</p>", numbered(12)));
    assert_eq!(all, ["1 2 3 4 5 6 7 8 9 10", "11 12"]);
    let all = pages(&format!("<p>{}</p>", numbered(11)));
    assert_eq!(all, ["1 2 3 4 5 6 7 8 9", "10 11"], "two widows");
    let all = pages(&format!("<p>{}</p><p>a<br>b<br>c", numbered(9)));
    assert_eq!(all, ["1 2 3 4 5 6 7 8 9", "a b c"], "an orphan goes along");
}

#[test]
fn what_belongs_together_stays_together() {
    let head = "<style>h2 { font-size: 10px; break-after: avoid }</style>";
    let all = pages(&format!("{head}<p>{}</p><h2>h</h2><p>a<br>b", numbered(8)));
    assert_eq!(all, ["1 2 3 4 5 6 7 8", "h a b"]);
    let whole = "<div style='break-inside: avoid'><p>a</p><p>b</p><p>c</p></div>";
    let all = pages(&format!("<p>{}</p>{whole}", numbered(8)));
    assert_eq!(all, ["1 2 3 4 5 6 7 8", "a b c"]);
    let all = pages("<p>a</p><p style='break-before: page'>b</p><p>c");
    assert_eq!(all, ["a", "b c"]);
    let all = pages("<p>a</p><p style='break-before: left'>b</p><p style='break-before: left'>c");
    assert_eq!(all, ["a", "b", "", "c"], "left pages are the even ones");
}

#[test]
fn rows_are_whole_and_heads_stand_again() {
    let rows: String = (1..=8).map(|n| format!("<tr><td>{n}a<br>{n}b")).collect();
    let html = format!(
        "<style>td, th {{ padding: 0 }} table {{ border-spacing: 0 }}</style>
        <table><thead><tr><th>h</thead><tbody>{rows}</table>"
    );
    assert_eq!(
        pages(&html),
        [
            "h 1a 1b 2a 2b 3a 3b 4a 4b",
            "5a 5b 6a 6b 7a 7b 8a 8b" // Below the head, which is painted again.
        ]
    );
    let repeats = laid(&html, |tree, _, _| {
        let mut tables = tree.ids().filter_map(|id| match &tree.get(id).kind {
            Kind::Table(table) => Some(table.repeats.clone()),
            _ => None,
        });
        tables.next().unwrap()
    });
    assert_eq!(repeats, [200.0]);
}

#[test]
fn tables_are_made_of_what_there_is() {
    let html = "<style>td { padding: 0; text-align: left } table { border-spacing: 0 }</style>
        <table style='width: 300px; table-layout: fixed'>
        <tr><td>a<td style='width: 100px'>b<td>c<tr><td colspan=2>d<td rowspan=2>e<tr><td>f<td>g</table>";
    let found: Vec<(String, f32)> = lines(html).into_iter().map(|l| (l.text, l.x)).collect();
    let wanted = [
        ("a", 0.0),
        ("b", 100.0),
        ("c", 200.0),
        ("d", 0.0),
        ("e", 200.0),
        ("f", 0.0),
        ("g", 100.0),
    ];
    assert_eq!(found, wanted.map(|(text, x)| (text.to_owned(), x)));
}

#[test]
fn counters_and_quotes_are_written_out() {
    let all = pages(
        "<style>body { counter-reset: h } p::before { counter-increment: h; content: counter(h, upper-roman) ': ' }
        q { quotes: auto } li { list-style: lower-alpha }</style>
        <p>a</p><p lang=de><q>b <q>c</q></q></p><p>d</p><ol start=3><li>e<li value=7>f<li>g</ol>",
    );
    assert_eq!(
        all,
        ["I: a II: „b ‚c‘“ III: d c. e g. f h. g"],
        "numbers come before what they stand beside"
    );
    let nested = pages(
        "<style>ol { counter-reset: x } li { list-style: none } li::before { counter-increment: x; content: counters(x, '.') ' ' }</style>
        <ol><li>a<ol><li>b<li>c</ol><li>d</ol>",
    );
    assert_eq!(nested, ["1 a 1.1 b 1.2 c 2 d"]);
}

#[test]
fn floats_make_lines_shorter() {
    let html = "<div style='float: left; width: 100px; height: 30px'></div><p>a<br>b<br>c";
    let found: Vec<(String, f32)> = lines(html).into_iter().map(|l| (l.text, l.x)).collect();
    let wanted = [("a", 100.0), ("b", 100.0), ("c", 0.0)];
    assert_eq!(found, wanted.map(|(text, x)| (text.to_owned(), x)));
}

#[test]
fn columns_are_balanced() {
    let html = format!(
        "<div style='columns: 3; column-gap: 0'><p>{}</p></div>",
        numbered(9)
    );
    let lines = laid(&html, |tree, _, _| {
        let mut all = tree.ids().filter_map(|id| match &tree.get(id).kind {
            Kind::Columns(columns) => Some(columns.clone()),
            _ => None,
        });
        let columns = all.next().unwrap();
        let fragments = columns.fragments.iter();
        fragments
            .map(|one| (one.left, (one.strip.top / 20.0).round()))
            .collect::<Vec<_>>()
    });
    assert_eq!(lines, [(0.0, 0.0), (100.0, 3.0), (200.0, 6.0)]);
}

#[test]
fn inline_edges_take_room() {
    let html = "<p><b style='margin-left: 5px; border-left: 2px solid; padding-left: 3px'>a</b>";
    // Letters of no size stand for it; they take a little themselves.
    assert!((lines(html)[0].x - 10.0).abs() < 0.02);
}

#[test]
fn what_is_nested_too_deeply_is_laid_out_as_blocks_and_nothing_is_lost() {
    for (open, most) in [("<table><tr><td>", 8), ("<div style='columns: 2'>", 3)] {
        for count in [most, most + 1, 40] {
            let found = pages(&(open.repeat(count) + "found")).concat();
            assert!(found.contains("found"), "{count} times {open}: {found}");
        }
    }
}
