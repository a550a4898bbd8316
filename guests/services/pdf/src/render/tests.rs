//! Small documents, up to where their lines stand on pages of ten lines each.

use super::*;
use crate::boxes::{BoxId, Kind, Line, LineItem, Lines};

const SHEET: &str = "@page { size: 300px 200px; margin: 0 } body, p, h2, ul, ol { margin: 0 }
    body { font: 10px/20px sans-serif; orphans: 2; widows: 2 }";

/// Makes the boxes of a document.
fn made<T>(html: &str, look: impl FnOnce(&Job<'_>, &mut Built, &mut Sources<'_>) -> T) -> T {
    let (mut warnings, mut fonts) = (Warnings::default(), Fonts::new());
    let mut pictures = Pictures::new(HashMap::new());
    let dom = parse(html);
    let more = [SHEET.to_owned()];
    let (ua, sheets, geometry) = sheets(&dom, &more, Asked::default(), &pictures, &mut warnings);
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
    look(&job, &mut built, &mut sources)
}

/// Lays a document out, cuts it, and looks at what came of it.
fn laid<T>(html: &str, look: impl FnOnce(&Tree, BoxId, &Laid) -> T) -> T {
    made(html, |job, built, sources| {
        let laid = job.lay_out(built, sources).unwrap();
        look(&built.tree, built.root, &laid)
    })
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

/// The text of each line that can be seen.
fn shown_lines(html: &str) -> Vec<String> {
    lines(html).into_iter().map(|line| line.text).collect()
}

#[test]
fn what_a_sheet_asks_of_pages_holds_for_the_pages_that_sheets_make() {
    const BODY: &str = "<p class=wide>wide</p><p class=narrow>narrow</p>";
    let wide = shown_lines(&format!(
        "<style>@media (min-width: 400px) {{ .narrow {{ display: none }} }}
        @media (max-width: 399px) {{ .wide {{ display: none }} }}</style>{BODY}"
    ));
    assert_eq!(wide, ["narrow"], "pages are 300 pixels wide, A4 is not");
    let attribute = shown_lines(&format!(
        "<style media='(min-width: 400px)'>.narrow {{ display: none }}</style>
        <style media='(max-width: 399px)'>.wide {{ display: none }}</style>{BODY}"
    ));
    assert_eq!(attribute, ["narrow"]);
    // Nothing in what holds for every document may ask: it is read once, before pages are known.
    let mut ua = Sheets::default();
    ua.add(
        UA_SHEET,
        Paper {
            width: 1.0,
            height: 1.0,
        },
    );
    assert!(!ua.has_conditions);
}

#[test]
fn what_a_sheet_refers_to_stands_before_it_wherever_it_refers() {
    let sheet = |css: &str| format!("data:text/css,{}", css.replace(' ', "%20"));
    let (show, hide) = (sheet("b { display: inline }"), sheet("b { display: none }"));
    for (css, expected) in [
        (format!("@import '{hide}';"), "ac"),
        (format!("@\\69MPORT '{hide}';"), "ac"),
        (format!("@import '{hide}'; b {{ display: inline }}"), "abc"),
        (format!("@import '{hide}'; @import '{show}';"), "abc"),
        (
            format!("/* @import '{hide}'; */ i {{ content: '@import' }}"),
            "abc",
        ),
    ] {
        let html = format!("<style>{css}</style><p>a<b>b</b>c</p>");
        assert_eq!(shown_lines(&html), [expected], "{css}");
    }
}

/// Everything that is known of the lines once they are laid out for these widths, one after the other.
fn written(html: &str, widths: &[f32]) -> Vec<String> {
    made(html, |_, built, _| {
        for width in widths {
            built.tree.clear_layout();
            lay_out(&mut built.tree, built.root, *width, 200.0);
        }
        let tree = &built.tree;
        let all = tree.ids().filter_map(|id| tree.get(id).lines());
        let all = all.flat_map(|lines| lines.lines.iter().map(|line| (&lines.text, line)));
        all.map(|(text, line)| {
            let items = line.items.iter().map(|item| match item {
                LineItem::Run(run) => format!("{} {} {:?}", run.x, run.baseline, run.glyphs),
                LineItem::Box(id) => {
                    let layout = &tree.get(*id).layout;
                    format!("{id:?} {:?} {:?}", layout.location, layout.size)
                }
            });
            let items: Vec<String> = items.collect();
            let Line { top, bottom, .. } = line;
            format!("{text}: {top} {bottom} {} {items:?}", line.shift)
        })
        .collect()
    })
}

#[test]
fn lines_that_were_broken_before_are_as_if_they_were_broken_now() {
    let words = "several words that do not stay on one line ".repeat(4);
    const FLOAT: &str = "<div style='float: left; width: 40%; height: 90px'>f</div>";
    for html in [
        format!("<p>{words}</p><p style='text-align: justify; text-indent: 10%'>{words}"),
        format!("<p dir=rtl style='text-align: end'>{words}"),
        format!("<p>a <i style='display: inline-block; width: 20px'>b</i> {words}"),
        format!("{FLOAT}<p style='width: 150px'>{words}</p><p>{words}"),
        format!("<table><tr><th>a<td>{words}<td rowspan=2>{words}<tr><td>c</table>"),
        format!("<div style='display: flex'><p>{words}</p><p style='padding: 5%'>{words}</div>"),
        format!("<div style='columns: 2'><p>{words}</p><p>{words}</div>"),
    ] {
        for width in [300.0, 180.0] {
            let fresh = written(&html, &[width]);
            assert!(fresh.len() > 1, "{fresh:?}");
            for before in [&[300.0][..], &[180.0], &[300.0, 180.0], &[180.0, 240.0]] {
                let again = written(&html, &[before, &[width]].concat());
                assert_eq!(again, fresh, "{html} at {before:?}, then at {width}");
            }
        }
    }
}

#[test]
fn cells_lie_where_their_style_has_them_in_a_taller_row() {
    for (align, expected) in [("top", 0.0), ("middle", 20.0), ("bottom", 40.0)] {
        let html = format!(
            "<style>td {{ padding: 0; vertical-align: {align} }} table {{ border-spacing: 0 }}</style>
            <table><tr><td>a<td>b<br>c<br>d</table>"
        );
        let top = laid(&html, |tree, _, _| {
            let mut all = tree.ids().filter_map(|id| tree.get(id).lines());
            all.find(|lines| &*lines.text == "a").unwrap().lines[0].top
        });
        assert_eq!(top, expected, "{align}");
    }
}
