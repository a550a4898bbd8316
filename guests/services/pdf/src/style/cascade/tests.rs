//! What elements of small documents come to look like.

use super::*;
use crate::css::media::Paper;
use crate::css::values::boxes::Display;
use crate::css::values::color::Rgba;
use crate::css::values::length::{Lp, Size};
use crate::dom;
use crate::style::UA_SHEET;

fn styled(html: &str) -> (Dom, Styles) {
    let dom = dom::parse(html);
    let paper = Paper {
        width: 800.0,
        height: 1_000.0,
    };
    let (mut ua, mut author) = (Sheets::default(), Sheets::default());
    ua.add(UA_SHEET, paper);
    for id in dom.walk() {
        if dom
            .element(id)
            .is_some_and(|e| e.name == local_name!("style"))
        {
            let text: String = dom
                .children(id)
                .iter()
                .filter_map(|child| match &dom.node(*child).kind {
                    dom::Kind::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            author.add(&text, paper);
        }
    }
    let styles = cascade(&dom, &ua, &author, (800.0, 1_000.0));
    (dom, styles)
}

fn of(html: &str, name: &str) -> Rc<Style> {
    let (dom, styles) = styled(html);
    let id = dom
        .walk()
        .find(|id| dom.element(*id).is_some_and(|e| *e.name == *name))
        .unwrap();
    styles.of(id).clone()
}

#[test]
fn the_sheet_of_the_browser_can_be_read() {
    assert_eq!(of("<p>", "p").display, Display::Block);
    assert_eq!(of("<p>", "p").margin_top, Some(Lp::Px(16.0)));
    assert_eq!(of("<h1>", "h1").font_size, 32.0);
    assert_eq!(of("<table><td>", "td").display, Display::TableCell);
    assert_eq!(of("<style>", "style").display, Display::None);
}

#[test]
fn the_stronger_one_wins() {
    let color = |css: &str| {
        of(
            &format!("<style>{css}</style><p id=a class=b style='{}'>", ""),
            "p",
        )
        .color
    };
    let (red, blue) = (Rgba::bytes([255, 0, 0]), Rgba::bytes([0, 0, 255]));
    assert_eq!(color("p.b { color: blue } p { color: red }"), blue);
    assert_eq!(color("p { color: red } p { color: blue }"), blue);
    assert_eq!(
        color("p { color: blue !important } #a { color: red }"),
        blue
    );
    assert_eq!(
        color("@layer x { #a { color: red } } p { color: blue }"),
        blue
    );
    let own = of(
        "<style>#a { color: red }</style><p id=a style='color: blue'>",
        "p",
    );
    assert_eq!(own.color, blue);
    let over = of(
        "<style>p { color: red !important }</style><p style='color: blue'>",
        "p",
    );
    assert_eq!(over.color, red);
}

#[test]
fn sizes_are_measured_by_the_right_font() {
    let html = "<style>html { font-size: 10px } div { font-size: 2em } p { width: 3em; font-size: 1.5em; margin: 1rem }</style><div><p>";
    let style = of(html, "p");
    assert_eq!(style.font_size, 30.0);
    assert_eq!(style.width, Size::Length(Lp::Px(90.0)));
    assert_eq!(style.margin_left, Some(Lp::Px(10.0)));
}

#[test]
fn variables_and_wide_words() {
    let html = "<style>:root { --c: blue; --w: 4px } div { color: red; width: 5px }
        p { color: var(--c); border: var(--w) solid; height: var(--none); width: inherit }</style><div><p>";
    let style = of(html, "p");
    assert_eq!(style.color, Rgba::bytes([0, 0, 255]));
    assert_eq!(style.border_left_width, 4.0);
    assert_eq!(style.height, Size::Auto);
    assert_eq!(style.width, Size::Length(Lp::Px(5.0)));
}

#[test]
fn attributes_hint_and_sheets_overrule() {
    let html = "<style>td { background: white }</style><table bgcolor=red cellpadding=7 border=1><tr><td bgcolor=blue align=right>";
    let cell = of(html, "td");
    assert_eq!(cell.background_color, Color::Rgba(Rgba::bytes([255; 3])));
    assert_eq!(cell.padding_top, Lp::Px(7.0));
    assert_eq!(cell.border_top_width, 1.0);
    let table = of(html, "table");
    assert_eq!(
        table.background_color,
        Color::Rgba(Rgba::bytes([255, 0, 0]))
    );
}

#[test]
fn generated_content_is_there_only_with_content() {
    let (dom, styles) =
        styled("<style>p::before { content: 'x' } p::after { color: red }</style><p>");
    let id = dom
        .walk()
        .find(|id| dom.element(*id).is_some_and(|e| e.name == local_name!("p")))
        .unwrap();
    assert!(styles.pseudo(id, PseudoElement::Before).is_some());
    assert!(styles.pseudo(id, PseudoElement::After).is_none());
}

#[test]
fn nothing_is_seen_of_a_border_without_a_style() {
    assert_eq!(
        of("<p style='border-width: 5px'>", "p").border_top_width,
        0.0
    );
    let floated = of("<b style='float: left'>", "b");
    assert_eq!(floated.display, Display::Block);
}

#[test]
fn a_drawing_says_of_its_own_text_what_goes_before_the_document() {
    let size = |html: &str| of(html, "svg").font_size;
    assert_eq!(size("<div style='font-size: 30px'><svg font-size=9>"), 9.0);
    assert_eq!(
        size("<div style='font-size: 30px'><svg font-size='2em'>"),
        60.0
    );
    assert_eq!(
        size("<style>svg { font-size: 7px }</style><svg font-size=9>"),
        7.0
    );
    assert_eq!(
        size("<div style='font-size: 30px'><svg font-size='1;x'>"),
        30.0
    );
}
