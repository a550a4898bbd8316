//! Elements that are more than their children: pictures, controls, bars.

use std::fmt::Write as _;
use std::rc::Rc;

use html5ever::{LocalName, local_name};

use super::build::Builder;
use super::pieces::{Content, Piece};
use super::{BoxId, Kind};
use crate::css::property::Style;
use crate::css::values::boxes::Display;
use crate::css::values::color::{Color, Rgba};
use crate::css::values::keyword::{TextAlign, WhiteSpace};
use crate::css::values::length::{Lp, Size};
use crate::css::values::text::LineHeight;
use crate::dom::{Dom, Element, Kind as NodeKind, NodeId, Space};
use crate::picture::Picture;

impl Builder<'_, '_> {
    /// The box of an element that shows a picture; where there is none, of what stands for it.
    pub(super) fn pictured(
        &mut self,
        id: NodeId,
        element: &Element,
        style: &Rc<Style>,
    ) -> Option<BoxId> {
        if element.space == Space::Svg && element.name == local_name!("svg") {
            return Some(self.svg(id, style));
        }
        if element.space != Space::Html {
            return None;
        }
        let attribute = |name: LocalName| element.attribute(&name).map(str::to_owned);
        let (url, alternative) = match element.name {
            local_name!("img") => (attribute(local_name!("src")), attribute(local_name!("alt"))),
            local_name!("input") if attribute(local_name!("type")).as_deref() == Some("image") => {
                (attribute(local_name!("src")), attribute(local_name!("alt")))
            }
            local_name!("video") => (attribute(LocalName::from("poster")), None),
            local_name!("iframe") | local_name!("embed") => (None, None),
            local_name!("object") => {
                // Its children stand for it where it cannot be shown.
                let url = attribute(local_name!("data"))?;
                let picture = self.sources.pictures.load(&url, self.sources.warnings)?;
                return Some(
                    self.tree
                        .add(Some(id), style.clone(), Kind::Picture(picture)),
                );
            }
            _ => return None,
        };
        let picture = url.filter(|url| !url.trim().is_empty()).and_then(|url| {
            self.sources
                .pictures
                .load(url.trim(), self.sources.warnings)
        });
        if let Some(picture) = picture {
            return Some(
                self.tree
                    .add(Some(id), style.clone(), Kind::Picture(picture)),
            );
        }
        let is_img = element.name == local_name!("img");
        if is_img && let Some(text) = alternative.filter(|text| !text.is_empty()) {
            return Some(self.worded(id, style, &text));
        }
        let empty = Picture::empty(
            if is_img { 0.0 } else { 300.0 },
            if is_img { 0.0 } else { 150.0 },
        );
        let empty = Picture {
            ratio: None,
            ..empty
        };
        Some(
            self.tree
                .add(Some(id), style.clone(), Kind::Picture(Rc::new(empty))),
        )
    }

    /// A box with nothing but a text in it.
    fn worded(&mut self, id: NodeId, style: &Rc<Style>, text: &str) -> BoxId {
        let own = Rc::new(Style {
            display: match style.display {
                Display::Inline => Display::InlineBlock,
                other => other,
            },
            ..Style::clone(style)
        });
        self.texted(id, &own, text)
    }

    fn texted(&mut self, id: NodeId, style: &Rc<Style>, text: &str) -> BoxId {
        let made = self.tree.add(Some(id), style.clone(), Kind::Block);
        let mut content = Content::new(style.clone(), false);
        let inner = Rc::new(Style::child_of(style));
        content.run.push(Piece::Text(inner, text.to_owned()));
        self.finish(made, content);
        made
    }

    fn svg(&mut self, id: NodeId, style: &Rc<Style>) -> BoxId {
        let source = svg_source(self.sources.dom, id, style);
        let picture = match self.sources.pictures.inline_svg(&source) {
            Ok(picture) => picture,
            Err(why) => {
                self.sources
                    .warnings
                    .add("pdf.image", format!("a picture in the document: {why}"));
                Picture::empty(0.0, 0.0)
            }
        };
        self.tree
            .add(Some(id), style.clone(), Kind::Picture(Rc::new(picture)))
    }

    /// The box of a form's control. Buttons are like any other element.
    pub(super) fn control(
        &mut self,
        id: NodeId,
        element: &Element,
        style: &Rc<Style>,
    ) -> Option<BoxId> {
        if element.space != Space::Html {
            return None;
        }
        match element.name {
            local_name!("input") => Some(self.input(id, element, style)),
            local_name!("textarea") => {
                let text = self.sources.dom.text(id);
                let number = |name: LocalName, otherwise: f32| {
                    element
                        .attribute(&name)
                        .and_then(|value| value.parse::<f32>().ok())
                        .unwrap_or(otherwise)
                        .clamp(1.0, 500.0)
                };
                let columns = number(local_name!("cols"), 20.0);
                let rows = number(local_name!("rows"), 2.0);
                let size = (
                    columns * style.font_size * 0.6,
                    rows * style.line_height.px(style.font_size),
                );
                let own = sized(style, Some(size.0), Some(size.1));
                Some(self.texted(id, &own, &text))
            }
            local_name!("select") => {
                let text = self.chosen(id);
                Some(self.texted(id, style, &text))
            }
            local_name!("progress") | local_name!("meter") => Some(self.bar(id, element, style)),
            _ => None,
        }
    }

    fn input(&mut self, id: NodeId, element: &Element, style: &Rc<Style>) -> BoxId {
        let attribute = |name: LocalName| element.attribute(&name).unwrap_or_default();
        let kind = attribute(local_name!("type")).to_ascii_lowercase();
        let value = attribute(local_name!("value")).to_owned();
        match &*kind {
            "checkbox" | "radio" => {
                let is_checked = element.attribute(&local_name!("checked")).is_some();
                let mark = match (is_checked, &*kind) {
                    (false, _) => "",
                    (true, "radio") => "●",
                    (true, _) => "✓",
                };
                let own = Rc::new(Style {
                    color: Rgba::opaque(1.0, 1.0, 1.0),
                    font_size: if kind == "radio" { 7.0 } else { 10.0 },
                    line_height: LineHeight::Px(11.0),
                    text_align: TextAlign::Center,
                    white_space: WhiteSpace::Pre,
                    ..Style::clone(style)
                });
                self.texted(id, &own, mark)
            }
            "submit" | "button" | "reset" => {
                let text = match (&*kind, value.is_empty()) {
                    (_, false) => value,
                    ("submit", true) => "Submit".into(),
                    ("reset", true) => "Reset".into(),
                    _ => String::new(),
                };
                self.texted(id, style, &text)
            }
            _ => {
                let size = attribute(local_name!("size"))
                    .parse::<f32>()
                    .unwrap_or(20.0);
                let own = sized(
                    style,
                    Some(size.clamp(1.0, 500.0) * style.font_size * 0.55),
                    None,
                );
                if value.is_empty() {
                    let placeholder = attribute(local_name!("placeholder")).to_owned();
                    let gray = Rc::new(Style {
                        color: Rgba::bytes([117; 3]),
                        ..Style::clone(&own)
                    });
                    return self.texted(id, &gray, &placeholder);
                }
                let value = if kind == "password" {
                    "•".repeat(value.chars().count())
                } else {
                    value
                };
                self.texted(id, &own, &value)
            }
        }
    }

    /// The text of the chosen option of a list, or of the first.
    fn chosen(&self, id: NodeId) -> String {
        let dom = self.sources.dom;
        let mut options = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if dom
                .element(id)
                .is_some_and(|e| e.name == local_name!("option"))
            {
                options.push(id);
            }
            open.extend(dom.children(id).iter().rev());
        }
        let is_chosen = |id: &&NodeId| {
            dom.element(**id)
                .is_some_and(|e| e.attribute(&local_name!("selected")).is_some())
        };
        let chosen = options.iter().find(is_chosen).or(options.first());
        chosen.map_or_else(String::new, |id| dom.text(*id).trim().to_owned())
    }

    /// A bar that is filled as far as its value says.
    fn bar(&mut self, id: NodeId, element: &Element, style: &Rc<Style>) -> BoxId {
        let number = |name: LocalName, otherwise: f32| {
            element
                .attribute(&name)
                .and_then(|value| value.parse::<f32>().ok())
                .filter(|value| value.is_finite())
                .unwrap_or(otherwise)
        };
        let (min, max) = (
            number(local_name!("min"), 0.0),
            number(local_name!("max"), 1.0),
        );
        let value = number(local_name!("value"), min);
        let share = if max > min {
            ((value - min) / (max - min)).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let made = self.tree.add(Some(id), style.clone(), Kind::Block);
        let green = element.name == local_name!("meter");
        let filled = Style {
            display: Display::Block,
            width: Size::Length(Lp::Share(share)),
            height: Size::Length(Lp::Share(1.0)),
            background_color: Color::Rgba(Rgba::bytes(if green {
                [16, 124, 16]
            } else {
                [0, 117, 255]
            })),
            radius_top_left: style.radius_top_left.clone(),
            radius_top_right: style.radius_top_right.clone(),
            radius_bottom_left: style.radius_bottom_left.clone(),
            radius_bottom_right: style.radius_bottom_right.clone(),
            ..Style::child_of(style)
        };
        let inner = self.tree.add(None, Rc::new(filled), Kind::Block);
        self.tree.set_children(made, vec![inner]);
        made
    }
}

/// A style with a size where it has none of its own.
fn sized(style: &Rc<Style>, width: Option<f32>, height: Option<f32>) -> Rc<Style> {
    let mut own = Style::clone(style);
    if let (Size::Auto, Some(width)) = (&own.width, width) {
        own.width = Size::Length(Lp::Px(width));
    }
    if let (Size::Auto, Some(height)) = (&own.height, height) {
        own.height = Size::Length(Lp::Px(height));
    }
    Rc::new(own)
}

/// An SVG element as a text of its own: with what it inherits, and what it uses from elsewhere in the document.
fn svg_source(dom: &Dom, id: NodeId, style: &Style) -> String {
    let mut out = String::new();
    let mut used = Vec::new();
    let [r, g, b] = [style.color.r, style.color.g, style.color.b].map(|part| (part * 255.0) as u8);
    let inherited = format!(
        " color=\"rgb({r},{g},{b})\" font-size=\"{}\" font-family=\"{}\"",
        style.font_size,
        family_names(style)
    );
    write_element(dom, id, &mut out, &mut used, Some(&inherited));
    let missing: Vec<NodeId> = used
        .iter()
        .filter(|wanted| !out.contains(&format!(" id=\"{wanted}\"")))
        .filter_map(|wanted| {
            dom.walk()
                .find(|id| dom.element(*id).is_some_and(|e| e.id() == Some(wanted)))
        })
        .collect();
    if let (false, Some(end)) = (missing.is_empty(), out.rfind("</svg>")) {
        let mut defs = String::from("<defs>");
        for id in missing {
            write_element(dom, id, &mut defs, &mut Vec::new(), None);
        }
        defs.push_str("</defs>");
        out.insert_str(end, &defs);
    }
    out
}

fn family_names(style: &Style) -> String {
    use crate::css::values::font::Family;
    let names = style.font_family.0.iter().map(|family| match family {
        Family::Named(name) => name
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == ' ')
            .collect(),
        Family::Serif => "serif".to_owned(),
        Family::SansSerif => "sans-serif".to_owned(),
        Family::Monospace => "monospace".to_owned(),
    });
    names.collect::<Vec<_>>().join(",")
}

fn write_element(
    dom: &Dom,
    id: NodeId,
    out: &mut String,
    used: &mut Vec<String>,
    inherited: Option<&str>,
) {
    match &dom.node(id).kind {
        NodeKind::Text(text) => escape(text, out),
        NodeKind::Element(element) => {
            let name: String = element
                .name
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
                .collect();
            out.push('<');
            out.push_str(&name);
            if let Some(inherited) = inherited {
                out.push_str(" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
                out.push_str(inherited);
            }
            for attribute in &element.attributes {
                write_attribute(attribute, inherited.is_some(), out, used);
            }
            out.push('>');
            for child in dom.children(id) {
                write_element(dom, *child, out, used, None);
            }
            // Writing into a String does not fail.
            let _ = write!(out, "</{name}>");
        }
        _ => {}
    }
}

fn write_attribute(
    attribute: &crate::dom::Attribute,
    is_root: bool,
    out: &mut String,
    used: &mut Vec<String>,
) {
    let name = &*attribute.name;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_known = name.chars().all(plain) && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_known || name.starts_with("xmlns") || name.starts_with("on") {
        return;
    }
    // Those that the root got from the document are not written twice.
    if is_root && matches!(name, "color" | "font-size" | "font-family") {
        return;
    }
    if name == "href"
        && let Some(wanted) = attribute.value.strip_prefix('#')
    {
        used.push(wanted.to_owned());
    }
    out.push(' ');
    if attribute.prefix.as_deref() == Some("xlink") {
        out.push_str("xlink:");
    } else if attribute.prefix.is_some() {
        // Only prefixes that are declared may be written.
        out.pop();
        return;
    }
    out.push_str(name);
    out.push_str("=\"");
    escape(&attribute.value, out);
    out.push('"');
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}
