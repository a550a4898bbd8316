//! Attributes that say what elements look like: old pages and mails are full of them. They come to declarations that
//! every style sheet of the document overrules.

use std::fmt::Write as _;

use html5ever::{LocalName, local_name};

use crate::css::declaration::{Declaration, inline};
use crate::dom::{Dom, Element, NodeId, Space};

/// What the attributes of an element come to.
pub(crate) fn hints(dom: &Dom, id: NodeId, element: &Element) -> Vec<Declaration> {
    if element.attributes.is_empty() && element.name != local_name!("th") {
        return cell_hints(dom, id, element);
    }
    let mut out = String::new();
    if element.space == Space::Html {
        sizes(element, &mut out);
        colors(element, &mut out);
        alignment(element, &mut out);
        lists(element, &mut out);
        table(element, &mut out);
        font(element, &mut out);
    } else if element.space == Space::Svg && element.name == local_name!("svg") {
        sizes(element, &mut out);
        drawing(element, &mut out);
    }
    let mut declarations = if out.is_empty() {
        Vec::new()
    } else {
        inline(&out)
    };
    declarations.extend(cell_hints(dom, id, element));
    declarations
}

/// A number of pixels or a share, as HTML reads them: what follows the digits does not count.
fn dimension(value: &str) -> Option<String> {
    let value = value.trim_start();
    let end = value
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(value.len());
    let number: f32 = value.get(..end)?.parse().ok()?;
    let is_share = value.get(end..)?.starts_with('%');
    Some(format!("{number}{}", if is_share { "%" } else { "px" }))
}

/// A colour by its name or its digits, the `#` forgotten or not. Anything that could end the declaration is refused.
fn color(value: &str) -> Option<String> {
    let value = value.trim();
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
    let digits = value.strip_prefix('#').unwrap_or(value);
    if !plain(digits) || digits.is_empty() {
        return None;
    }
    let is_hex = matches!(digits.len(), 3 | 6) && digits.chars().all(|c| c.is_ascii_hexdigit());
    Some(if is_hex {
        format!("#{digits}")
    } else {
        value.to_owned()
    })
}

fn set(out: &mut String, property: &str, value: impl std::fmt::Display) {
    // Writing into a String does not fail.
    let _ = write!(out, "{property}:{value};");
}

fn sizes(element: &Element, out: &mut String) {
    let sized = matches!(
        element.name,
        local_name!("img")
            | local_name!("svg")
            | local_name!("table")
            | local_name!("td")
            | local_name!("th")
            | local_name!("col")
            | local_name!("colgroup")
            | local_name!("tr")
            | local_name!("hr")
            | local_name!("iframe")
            | local_name!("video")
            | local_name!("canvas")
            | local_name!("object")
            | local_name!("embed")
            | local_name!("pre")
    );
    if !sized {
        return;
    }
    let given = |name: &LocalName| element.attribute(name).and_then(dimension);
    if let Some(width) = given(&local_name!("width")) {
        set(out, "width", width);
    }
    if let Some(height) = given(&local_name!("height")) {
        set(out, "height", height);
    }
    if element.name == local_name!("img") {
        for (name, first, second) in [
            (local_name!("hspace"), "margin-left", "margin-right"),
            (local_name!("vspace"), "margin-top", "margin-bottom"),
        ] {
            if let Some(space) = given(&name) {
                set(out, first, &space);
                set(out, second, &space);
            }
        }
        if let Some(border) = given(&local_name!("border")) {
            set(out, "border", format_args!("{border} solid"));
        }
    }
    if element.name == local_name!("hr")
        && let Some(size) = given(&local_name!("size"))
    {
        set(out, "height", size);
    }
}

fn colors(element: &Element, out: &mut String) {
    let given = |name: &LocalName| element.attribute(name).and_then(color);
    let has_background = matches!(
        element.name,
        local_name!("body")
            | local_name!("table")
            | local_name!("thead")
            | local_name!("tbody")
            | local_name!("tfoot")
            | local_name!("tr")
            | local_name!("td")
            | local_name!("th")
    );
    if has_background && let Some(background) = given(&local_name!("bgcolor")) {
        set(out, "background-color", background);
    }
    if element.name == local_name!("body")
        && let Some(text) = given(&local_name!("text"))
    {
        set(out, "color", text);
    }
    if element.name == local_name!("hr")
        && let Some(line) = given(&local_name!("color"))
    {
        set(out, "border-color", &line);
        set(out, "border-style", "solid");
    }
}

fn alignment(element: &Element, out: &mut String) {
    if let Some(align) = element.attribute(&local_name!("align")) {
        across(element, &align.to_ascii_lowercase(), out);
    }
    let is_part = matches!(
        element.name,
        local_name!("td")
            | local_name!("th")
            | local_name!("tr")
            | local_name!("thead")
            | local_name!("tbody")
            | local_name!("tfoot")
            | local_name!("col")
    );
    if is_part && let Some(valign) = element.attribute(&local_name!("valign")) {
        let valign = valign.to_ascii_lowercase();
        if matches!(&*valign, "top" | "middle" | "bottom" | "baseline") {
            set(out, "vertical-align", valign);
        }
    }
    if matches!(element.name, local_name!("td") | local_name!("th"))
        && element.attribute(&local_name!("nowrap")).is_some()
    {
        set(out, "white-space", "nowrap");
    }
    if matches!(element.name, local_name!("br"))
        && let Some(clear) = element.attribute(&local_name!("clear"))
    {
        match &*clear.to_ascii_lowercase() {
            side @ ("left" | "right") => set(out, "clear", side),
            "all" | "both" => set(out, "clear", "both"),
            _ => {}
        }
    }
}

/// What `align` says, which is another thing for pictures, tables, lines and text.
fn across(element: &Element, align: &str, out: &mut String) {
    match (&element.name, align) {
        (name, "left" | "right")
            if matches!(
                *name,
                local_name!("img") | local_name!("table") | local_name!("object")
            ) =>
        {
            set(out, "float", align);
        }
        (name, "center") if *name == local_name!("table") => {
            set(out, "margin-left", "auto");
            set(out, "margin-right", "auto");
        }
        (name, _) if *name == local_name!("hr") => match align {
            "left" => set(out, "margin-left", "0"),
            "right" => set(out, "margin-right", "0"),
            _ => {}
        },
        (name, "top" | "middle" | "bottom" | "absmiddle" | "texttop")
            if *name == local_name!("img") =>
        {
            let at = match align {
                "absmiddle" => "middle",
                "texttop" => "text-top",
                other => other,
            };
            set(out, "vertical-align", at);
        }
        (_, "left" | "right" | "center") => {
            set(out, "text-align", format_args!("-webkit-{align}"));
        }
        (_, "middle") => set(out, "text-align", "-webkit-center"),
        (_, "justify") => set(out, "text-align", "justify"),
        _ => {}
    }
}

fn lists(element: &Element, out: &mut String) {
    if !matches!(
        element.name,
        local_name!("ol") | local_name!("ul") | local_name!("li")
    ) {
        return;
    }
    if let Some(kind) = element.attribute(&local_name!("type")) {
        let style = match kind {
            "1" => "decimal",
            "a" => "lower-alpha",
            "A" => "upper-alpha",
            "i" => "lower-roman",
            "I" => "upper-roman",
            other => match &*other.to_ascii_lowercase() {
                "disc" => "disc",
                "circle" => "circle",
                "square" => "square",
                "none" => "none",
                _ => "",
            },
        };
        if !style.is_empty() {
            set(out, "list-style-type", style);
        }
    }
}

fn table(element: &Element, out: &mut String) {
    if element.name != local_name!("table") {
        return;
    }
    let given = |name: &LocalName| element.attribute(name).and_then(dimension);
    if let Some(border) = element.attribute(&local_name!("border")) {
        let width = dimension(border).unwrap_or_else(|| "1px".into());
        set(out, "border", format_args!("{width} outset gray"));
    }
    if let Some(spacing) = given(&local_name!("cellspacing")) {
        set(out, "border-spacing", spacing);
    }
}

/// What a table says of its cells.
fn cell_hints(dom: &Dom, id: NodeId, element: &Element) -> Vec<Declaration> {
    if !matches!(element.name, local_name!("td") | local_name!("th")) {
        return Vec::new();
    }
    let mut above = dom.parent_element(id);
    while let Some(outer) = above {
        let Some(table) = dom.element(outer) else {
            break;
        };
        if table.is_html(&local_name!("table")) {
            let mut out = String::new();
            if let Some(padding) = table
                .attribute(&local_name!("cellpadding"))
                .and_then(dimension)
            {
                set(&mut out, "padding", padding);
            }
            let border = table.attribute(&local_name!("border"));
            if border.is_some_and(|border| border.trim() != "0") {
                set(&mut out, "border", "1px inset gray");
            }
            return if out.is_empty() {
                Vec::new()
            } else {
                inline(&out)
            };
        }
        above = dom.parent_element(outer);
    }
    Vec::new()
}

/// What a drawing says of its text: it goes before what the document around it says.
fn drawing(element: &Element, out: &mut String) {
    let size = element.attribute(&local_name!("font-size")).map(str::trim);
    if let Some(size) = size.filter(|size| {
        size.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | '-'))
    }) {
        let unit = if size.ends_with(|c: char| c.is_ascii_digit()) {
            "px"
        } else {
            ""
        };
        set(out, "font-size", format!("{size}{unit}"));
    }
    let family = element.attribute(&local_name!("font-family"));
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '-' | '_' | '\'');
    if let Some(family) = family.filter(|family| family.chars().all(plain)) {
        set(out, "font-family", family);
    }
    if let Some(color) = element.attribute(&local_name!("color")).and_then(color) {
        set(out, "color", color);
    }
}

fn font(element: &Element, out: &mut String) {
    if element.name != local_name!("font") {
        return;
    }
    if let Some(color) = element.attribute(&local_name!("color")).and_then(color) {
        set(out, "color", color);
    }
    if let Some(face) = element.attribute(&local_name!("face")) {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '-' | '_');
        if face.chars().all(plain) {
            set(out, "font-family", face);
        }
    }
    let size = element.attribute(&local_name!("size")).map(str::trim);
    if let Some(size) = size {
        let relative = size.starts_with(['+', '-']);
        let number: i32 = size.trim_start_matches('+').parse().unwrap_or(3);
        let size = if relative {
            3 + number.clamp(-9, 9)
        } else {
            number
        };
        let name = match size.clamp(1, 7) {
            1 => "x-small",
            2 => "small",
            3 => "medium",
            4 => "large",
            5 => "x-large",
            6 => "xx-large",
            _ => "xxx-large",
        };
        set(out, "font-size", name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_read_as_html_reads_them() {
        assert_eq!(dimension("50%").as_deref(), Some("50%"));
        assert_eq!(dimension(" 12.5em").as_deref(), Some("12.5px"));
        assert_eq!(dimension("px"), None);
        assert_eq!(dimension("-3"), None);
    }

    #[test]
    fn colors_cannot_end_the_declaration() {
        assert_eq!(color("ffeecc").as_deref(), Some("#ffeecc"));
        assert_eq!(color("#abc").as_deref(), Some("#abc"));
        assert_eq!(color("red").as_deref(), Some("red"));
        assert_eq!(color("red;}x{"), None);
        assert_eq!(color("url(x)"), None);
    }
}
