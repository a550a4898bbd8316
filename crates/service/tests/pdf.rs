//! The typed functions, through the box: what they give, what they refuse, and both sides of every limit.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::time::Duration;

use wardian_sandbox::Limits;
use wardian_service::ServiceError;
use wardian_service::pdf::{
    self, ASSET_BYTES_MAX, ASSETS_MAX, HTML_BYTES_MAX, MERGE_FILES_MAX, Margins, Orientation,
    PAGES_MAX, PDF_BYTES_MAX, PageSize, Pdfs, RenderOptions, Rendered, STYLES_MAX, Warning,
    WarningKind,
};

#[path = "common/pdf.rs"]
mod common;
use common::{pdfs, sandbox};

fn render(html: &str, options: RenderOptions) -> Rendered {
    pdfs().render_blocking(html.to_owned(), options).unwrap()
}

/// Points of the first page.
fn sides(made: &Rendered) -> (f64, f64) {
    let info = pdfs().info_blocking(made.bytes.clone()).unwrap();
    (info.width.round(), info.height.round())
}

fn code<T>(answer: Result<T, ServiceError>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

/// A document of that many pages.
fn of_pages(count: u32) -> String {
    "<p style='break-after: page'>x".repeat(count as usize - 1) + "<p>x"
}

#[test]
fn a_document_becomes_a_pdf() {
    let html = "<!doctype html><title>Größe</title><h1>Ωmega</h1><p>and more";
    let made = pdf::render_blocking(&sandbox(), html, RenderOptions::default()).unwrap();
    assert!(made.bytes.starts_with(b"%PDF-1."));
    assert_eq!((made.pages, made.more_warnings), (1, 0));
    assert_eq!(made.warnings, []);
    assert!(made.usage.fuel.unwrap() > 0);
    let info = pdf::info_blocking(&sandbox(), made.bytes.clone()).unwrap();
    assert_eq!(
        (info.width.round(), info.height.round()),
        (595.0, 842.0),
        "A4"
    );
    assert_eq!(
        (info.pages, info.uniform, info.bytes, info.title.as_deref()),
        (1, true, made.bytes.len() as u64, Some("Größe"))
    );
}

#[test]
fn the_same_document_becomes_the_same_bytes() {
    let html = "<p>same <b>bytes</b> <svg width=9 height=9><rect width=9 height=9 /></svg>";
    let (first, second) = (
        render(html, RenderOptions::default()),
        render(html, RenderOptions::default()),
    );
    assert_eq!(first.bytes, second.bytes);
}

#[test]
fn the_caller_has_the_last_word_on_pages() {
    let html = "<style>@page { size: A3 landscape; margin: 3cm }</style><p>x";
    let of = |size, orientation| {
        let options = RenderOptions {
            size,
            orientation,
            ..RenderOptions::default()
        };
        sides(&render(html, options))
    };
    assert_eq!(of(None, None), (1191.0, 842.0));
    let sizes = [
        (PageSize::A3, (842.0, 1191.0)),
        (PageSize::A4, (595.0, 842.0)),
        (PageSize::A5, (420.0, 595.0)),
        (PageSize::A6, (298.0, 420.0)),
        (PageSize::B4, (709.0, 1001.0)),
        (PageSize::B5, (499.0, 709.0)),
        (PageSize::Letter, (612.0, 792.0)),
        (PageSize::Legal, (612.0, 1008.0)),
        (PageSize::Tabloid, (792.0, 1224.0)),
    ];
    assert_eq!(sizes.map(|(size, _)| size), PageSize::NAMED);
    for (size, (width, height)) in sizes {
        assert_eq!(
            of(Some(size), Some(Orientation::Portrait)),
            (width, height),
            "{size:?}"
        );
        assert_eq!(
            of(Some(size), Some(Orientation::Landscape)),
            (height, width),
            "{size:?}"
        );
    }
    let custom = |width, height| PageSize::Custom { width, height };
    assert_eq!(of(Some(custom(300.0, 200.0)), None), (300.0, 200.0));
    assert_eq!(
        of(Some(custom(300.0, 200.0)), Some(Orientation::Portrait)),
        (200.0, 300.0)
    );
}

#[test]
fn margins_take_room() {
    let long = "<p>word ".repeat(60);
    let pages = |points| {
        let options = RenderOptions {
            margins: Some(Margins::all(points)),
            ..RenderOptions::default()
        };
        render(&long, options).pages
    };
    assert!(pages(20.0) < pages(250.0));
}

#[test]
fn sizes_and_margins_out_of_range_are_named_at_once() {
    let options = RenderOptions {
        size: Some(PageSize::Custom {
            width: 9.0,
            height: 14_401.0,
        }),
        margins: Some(Margins::all(2_001.0)),
        title: Some("x".repeat(1_001)),
        ..RenderOptions::default()
    };
    let error = pdfs().render_blocking("<p>x", options).unwrap_err();
    assert_eq!(error.code(), "pdf.options");
    let said = error.to_string();
    for part in ["`width`", "`height`", "`margin`", "`title`"] {
        assert!(said.contains(part), "{part} is not named: {said}");
    }
    let options = RenderOptions {
        size: Some(PageSize::Custom {
            width: 10.0,
            height: 14_400.0,
        }),
        margins: Some(Margins::all(0.0)),
        title: Some("x".repeat(1_000)),
        ..RenderOptions::default()
    };
    assert_eq!(sides(&render("<p>", options)), (10.0, 14_400.0));
}

#[test]
fn what_cannot_be_shown_is_a_warning_and_the_rest_renders() {
    let html = "<img src='broken.png'><img src='https://example.com/a.png'><p style='font-family: Own'>text \u{10ffff}\
                <a href='#nowhere'>link</a><div style='width: 3000px; background: red'>wide</div>\
                <link rel=stylesheet href='missing.css'>";
    let options = RenderOptions::default()
        .asset("broken.png", &b"\x89PNG\r\n\x1a\nbut no more"[..])
        .font("own.ttf", &b"no font at all"[..]);
    let made = render(html, options);
    assert_eq!(made.pages, 1);
    let kinds = |kind| {
        made.warnings
            .iter()
            .filter(|warning| warning.kind == kind)
            .count()
    };
    assert_eq!(kinds(WarningKind::Image), 2, "{:?}", made.warnings);
    assert_eq!(kinds(WarningKind::Font), 1, "{:?}", made.warnings);
    assert_eq!(kinds(WarningKind::Letter), 1, "{:?}", made.warnings);
    assert_eq!(kinds(WarningKind::Link), 1, "{:?}", made.warnings);
    assert_eq!(kinds(WarningKind::Width), 1, "{:?}", made.warnings);
    assert_eq!(kinds(WarningKind::Style), 1, "{:?}", made.warnings);
    let said = |part: &str| {
        made.warnings
            .iter()
            .any(|warning| warning.message.contains(part))
    };
    for part in [
        "broken.png",
        "https://example.com/a.png",
        "own.ttf",
        "missing.css",
    ] {
        assert!(said(part), "{part} is not named: {:?}", made.warnings);
    }
}

#[test]
fn warnings_beyond_fifty_are_counted() {
    let html: String = (0..60).map(|n| format!("<img src='{n}.png'>")).collect();
    let made = render(&html, RenderOptions::default());
    assert_eq!((made.warnings.len(), made.more_warnings), (50, 10));
}

#[test]
fn html_and_styles_have_a_limit_together() {
    let styled = |bytes: usize| {
        let css = "/**/";
        let html = "x".repeat(9) + &" ".repeat(bytes - 9 - css.len());
        code(pdfs().render_blocking(html, RenderOptions::default().style(css)))
    };
    assert_eq!(styled(HTML_BYTES_MAX), "ok");
    assert_eq!(styled(HTML_BYTES_MAX + 1), "pdf.too_many_bytes");
}

#[test]
fn pages_have_a_limit() {
    let made = render(&of_pages(PAGES_MAX), RenderOptions::default());
    assert_eq!(made.pages, PAGES_MAX);
    let answer = pdfs().render_blocking(of_pages(PAGES_MAX + 1), RenderOptions::default());
    assert_eq!(code(answer), "pdf.too_many_pages");
}

#[test]
fn what_comes_along_has_limits() {
    let ask = |options| code(pdfs().render_blocking("<p>x", options));
    let styles = |count| RenderOptions {
        styles: vec!["p {}".into(); count],
        ..RenderOptions::default()
    };
    assert_eq!(ask(styles(STYLES_MAX)), "ok");
    assert_eq!(ask(styles(STYLES_MAX + 1)), "pdf.options");
    let files = |count| (0..count).map(|n| (format!("{n}"), "x".into())).collect();
    let (most, more) = (files(ASSETS_MAX), files(ASSETS_MAX + 1));
    let assets = |assets| RenderOptions {
        assets,
        ..RenderOptions::default()
    };
    assert_eq!(ask(assets(most)), "ok");
    assert_eq!(ask(assets(more)), "pdf.options");
    let (most, more): (Vec<_>, _) = (files(ASSETS_MAX), files(ASSETS_MAX + 1));
    let fonts = |fonts| RenderOptions {
        fonts,
        ..RenderOptions::default()
    };
    assert_eq!(ask(fonts(most)), "ok");
    assert_eq!(ask(fonts(more)), "pdf.options");
    let large = |bytes: usize| RenderOptions::default().asset("a", vec![0; bytes - 1]);
    assert_eq!(ask(large(ASSET_BYTES_MAX)), "ok");
    assert_eq!(ask(large(ASSET_BYTES_MAX + 1)), "pdf.too_many_bytes");
    let twice = RenderOptions::default().asset("a", "x").asset("a", "y");
    assert_eq!(ask(twice), "pdf.options");
}

#[test]
fn several_become_one() {
    let small = |text: &str| render(text, RenderOptions::default()).bytes;
    let files = [small("<p>one"), small(&of_pages(3)), small("<p>two")];
    let merged = pdf::merge_blocking(&sandbox(), files.clone()).unwrap();
    assert_eq!(merged.pages, 5);
    let info = pdfs().info_blocking(merged.bytes.clone()).unwrap();
    assert_eq!(info.pages, 5);
    let again = pdfs()
        .merge_blocking([merged.bytes, files[0].clone()])
        .unwrap();
    assert_eq!(again.pages, 6, "what was merged can be merged");
    assert_eq!(pdfs().merge_blocking(files[..1].to_vec()).unwrap().pages, 1);
}

#[test]
fn merging_has_limits() {
    let one = render("<p>x", RenderOptions::default()).bytes;
    let most = pdfs()
        .merge_blocking(vec![one.clone(); MERGE_FILES_MAX])
        .unwrap();
    assert_eq!(most.pages as usize, MERGE_FILES_MAX);
    let more = pdfs().merge_blocking(vec![one.clone(); MERGE_FILES_MAX + 1]);
    assert_eq!(code(more), "pdf.options");
    assert_eq!(
        code(pdfs().merge_blocking(Vec::<Vec<u8>>::new())),
        "pdf.options"
    );
    let padded = |bytes: usize| {
        // A comment behind the end is what readers look past.
        let mut file = one.to_vec();
        file.resize(bytes, b' ');
        file
    };
    assert_eq!(
        code(pdfs().info_blocking(padded(PDF_BYTES_MAX + 1))),
        "pdf.too_many_bytes"
    );
    let answer = pdfs().merge_blocking([padded(PDF_BYTES_MAX - one.len() + 1), one.to_vec()]);
    assert_eq!(code(answer), "pdf.too_many_bytes");
}

#[test]
fn files_that_are_none_are_named() {
    let one = render("<p>x", RenderOptions::default()).bytes;
    let error = pdfs()
        .merge_blocking([one.clone(), "no PDF".into()])
        .unwrap_err();
    assert_eq!(error.code(), "pdf.malformed");
    assert!(error.to_string().contains("file 2"), "{error}");
    assert_eq!(code(pdfs().info_blocking("no PDF")), "pdf.malformed");
    assert_eq!(code(pdfs().info_blocking("")), "pdf.malformed");
    let half = one.slice(..one.len() / 2);
    let answer = pdfs().info_blocking(half);
    assert!(matches!(code(answer), "pdf.malformed" | "ok"));
    assert_eq!(
        code(pdfs().info_blocking(common::encrypted())),
        "pdf.encrypted"
    );
}

#[test]
fn every_document_is_limited() {
    let limited = |limits: Limits| {
        let pdfs = pdfs().clone().with_limits(limits);
        code(pdfs.render_blocking(of_pages(PAGES_MAX), RenderOptions::default()))
    };
    let usual = pdfs().limits().clone();
    assert_eq!(
        limited(Limits {
            memory_bytes_max: 4 << 20,
            ..usual.clone()
        }),
        "limit.memory"
    );
    assert_eq!(
        limited(Limits {
            fuel: Some(1_000_000),
            ..usual.clone()
        }),
        "limit.fuel"
    );
    assert_eq!(
        limited(usual.clone().with_deadline(Duration::from_millis(1))),
        "limit.deadline"
    );
    assert_eq!(
        limited(Limits {
            output_bytes_max: 1_000,
            ..usual
        }),
        "limit.output"
    );
}

#[tokio::test]
async fn the_functions_are_there_without_blocking_too() {
    let sandbox = sandbox();
    let made = pdf::render(&sandbox, "<p>x", RenderOptions::default())
        .await
        .unwrap();
    let merged = pdf::merge(&sandbox, [made.bytes.clone(), made.bytes])
        .await
        .unwrap();
    let info = pdf::info(&sandbox, merged.bytes).await.unwrap();
    assert_eq!(info.pages, 2);
    assert!(format!("{:?}", Pdfs::load(&sandbox).await.unwrap()).contains("Pdfs"));
}

#[test]
fn however_deeply_it_is_nested_it_fits_on_the_stack() {
    let displays = [
        "flex",
        "inline-flex",
        "grid",
        "inline-grid",
        "table",
        "inline-table",
        "table-cell",
        "table-row",
        "table-caption",
        "inline-block",
        "list-item",
        "flow-root",
        "block; float: left",
        "flex; position: absolute",
        "inline-table; position: relative",
        "block; columns: 2",
    ];
    for display in displays {
        let html = format!("<div style='display: {display}'>").repeat(200) + "found";
        let made = render(&html, RenderOptions::default());
        let deep = |warning: &Warning| warning.kind == WarningKind::Depth;
        assert!(
            made.warnings.iter().any(deep),
            "{display}: {:?}",
            made.warnings
        );
    }
    let tables = "<table><tr><td>".repeat(100) + "found";
    assert_eq!(render(&tables, RenderOptions::default()).pages, 1);
    let mixed = "<div style='display: inline-grid'><div style='display: inline-table'>".repeat(60);
    assert_eq!(render(&mixed, RenderOptions::default()).pages, 1);
}

#[test]
fn what_grows_without_end_ends_in_a_limit() {
    let bombs = [
        // A variable of 4 to the 40th letters.
        format!(
            "<style>:root {{ --a0: xxxxxxxxxx; {} }} p {{ font-family: var(--a40) }}</style><p>x",
            (0..40).map(|n| format!("--a{}: {};", n + 1, format!("var(--a{n}) ").repeat(4))).collect::<String>()
        ),
        // A picture of 10 to the 12th rectangles.
        format!(
            "<svg><defs><g id=a0><rect width=1 height=1 /></g>{}</defs><use href='#a12'/></svg>",
            (0..12).map(|n| format!("<g id=a{}>{}</g>", n + 1, format!("<use href='#a{n}'/>").repeat(10))).collect::<String>()
        ),
        "<style>p::before { content: 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy' }</style>".to_owned() + &"<p>x".repeat(100_000),
        "<div style='display: grid; grid-template-columns: repeat(99999, 1fr)'>".to_owned() + &"<i>a</i>".repeat(50_000),
        "<table>".to_owned() + &"<tr><td rowspan=65000 colspan=1000>a".repeat(10_000),
        "<p style='font-size: 1e9px; border: 1e9px dotted; margin: 1e30px'>x".to_owned(),
        "<p style='border: 0.0001px dotted red; height: 9000px'>x".to_owned(),
        "<svg width=500 height=500><pattern id=p width=0.0001 height=0.0001 patternUnits=userSpaceOnUse><rect width=1 height=1 />\
         </pattern><rect fill='url(#p)' width=500 height=500 /></svg>".to_owned(),
    ];
    for bomb in bombs {
        let begin: String = bomb.chars().take(60).collect();
        let ended = code(pdfs().render_blocking(bomb, RenderOptions::default()));
        let named = [
            "ok",
            "pdf.too_many_pages",
            "limit.memory",
            "limit.fuel",
            "limit.deadline",
        ];
        assert!(named.contains(&ended), "{begin}: {ended}");
    }
}

#[test]
fn pictures_that_unpack_without_end_are_warnings() {
    let png = |width: u32, height: u32| {
        let mut head = b"IHDR".to_vec();
        head.extend(width.to_be_bytes());
        head.extend(height.to_be_bytes());
        head.extend([8, 6, 0, 0, 0]);
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        for chunk in [&head[..], b"IDAT", b"IEND"] {
            out.extend((chunk.len() as u32 - 4).to_be_bytes());
            out.extend(chunk);
            let mut crc = flate2::Crc::new();
            crc.update(chunk);
            out.extend(crc.sum().to_be_bytes());
        }
        out
    };
    let options = RenderOptions::default().asset("a.png", png(60_000, 60_000));
    let made = render("<img src=a.png><p>the rest", options);
    let [warning] = made.warnings.as_slice() else {
        panic!("{:?}", made.warnings)
    };
    assert_eq!(warning.kind, WarningKind::Image);
    assert!(warning.message.contains("\"a.png\""), "{}", warning.message);
}
