//! Shapes and arrows with their places, written down as SVG.
//!
//! Colours stand at each shape, so that they hold where a page forbids style sheets; the sheet only knows better for
//! viewers that prefer dark.

use std::fmt::{self, Display, Write};

use super::chart::Chart;
use super::layout::{
    DOT_RADIUS, Drawn, FONT_SIZE, HISTORY_RADIUS, LABEL_FONT_SIZE, LINE_HEIGHT, Layout, PADDING,
    Rect, Words,
};
use super::level::Point;
use super::measure::width;
use crate::draft::Kind;
use crate::model::Ix;

const CANVAS: &str = "#ffffff";
const LEAF: &str = "#f1f5f9";
const LINE: &str = "#475569";
const TEXT: &str = "#0f172a";
const ACTIVE: &str = "#fde68a";
const ACTIVE_LINE: &str = "#b45309";
const DARK: &str = "@media (prefers-color-scheme: dark) {\
    .canvas { fill: #0f172a } .leaf { fill: #1e293b } .line { stroke: #94a3b8 } .solid { fill: #94a3b8 } \
    .text { fill: #e2e8f0 } .rim { stroke: #0f172a } .on { fill: #78350f } .on-line { stroke: #fbbf24 } }";
/// Of the bends of arrows.
const CORNER_RADIUS: f64 = 8.0;

pub(super) fn write(chart: &Chart<'_>, layout: &Layout, is_active: &[bool]) -> String {
    let mut writer = Writer {
        chart,
        layout,
        is_active,
        out: String::new(),
    };
    writer.head();
    let states = 0..layout.rects.len() as Ix;
    states
        .clone()
        .filter(|ix| chart.has_inside(*ix))
        .for_each(|ix| writer.container(ix));
    layout.arrows.iter().for_each(|arrow| writer.arrow(arrow));
    states
        .clone()
        .filter(|ix| !chart.has_inside(*ix))
        .for_each(|ix| writer.leaf(ix));
    states
        .filter(|ix| chart.has_inside(*ix))
        .for_each(|ix| writer.header(ix));
    layout.arrows.iter().for_each(|arrow| writer.label(arrow));
    writer.out.push_str("</svg>\n");
    writer.out
}

/// How words are written.
#[derive(Clone, Copy)]
struct Style {
    size: f64,
    is_centered: bool,
    is_title: bool,
    /// In the colour of the ground, so that an arrow behind does not make them unreadable.
    has_rim: bool,
}

const TITLE: Style = Style {
    size: FONT_SIZE,
    is_centered: true,
    is_title: true,
    has_rim: false,
};
const LINES: Style = Style {
    size: LABEL_FONT_SIZE,
    is_centered: false,
    is_title: false,
    has_rim: false,
};
const LABEL: Style = Style {
    is_centered: true,
    ..LINES
};

struct Writer<'c> {
    chart: &'c Chart<'c>,
    layout: &'c Layout,
    is_active: &'c [bool],
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = self.out.write_fmt(line);
        self.out.push('\n');
    }

    fn head(&mut self) {
        let (width, height) = (
            Number(self.layout.size.width),
            Number(self.layout.size.height),
        );
        self.line(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif\">"
        ));
        let title = self.chart.shapes.first().map(|shape| shape.title.as_str());
        self.line(format_args!(
            "<title>State machine {}</title>",
            Text(title.unwrap_or_default())
        ));
        self.line(format_args!("<style>{DARK}</style>"));
        self.line(format_args!(
            "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"8\" \
             markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"solid\" \
             d=\"M0 0.5L8 4L0 7.5Z\" fill=\"{LINE}\"/></marker></defs>"
        ));
        self.line(format_args!(
            "<rect class=\"canvas\" width=\"{width}\" height=\"{height}\" fill=\"{CANVAS}\"/>"
        ));
    }

    fn container(&mut self, ix: Ix) {
        let Some(rect) = self.layout.rects.get(ix as usize) else {
            return;
        };
        let parent = self.chart.model.node(ix).parent;
        let is_region = parent.is_some_and(|parent| self.chart.is_parallel(parent));
        self.rect(
            rect,
            "canvas",
            CANVAS,
            8.0,
            ix,
            if is_region {
                " stroke-dasharray=\"6 4\""
            } else {
                ""
            },
        );
        if let Some(Some(dot)) = self.layout.dots.get(ix as usize) {
            let (x, y) = (Number(dot.x), Number(dot.y));
            self.line(format_args!(
                "<circle class=\"solid\" cx=\"{x}\" cy=\"{y}\" r=\"{DOT_RADIUS}\" fill=\"{LINE}\"/>"
            ));
        }
    }

    fn rect(&mut self, rect: &Rect, class: &str, fill: &str, radius: f64, ix: Ix, more: &str) {
        let (x, y) = (Number(rect.x), Number(rect.y));
        let (width, height, radius) = (
            Number(rect.size.width),
            Number(rect.size.height),
            Number(radius),
        );
        let (line, stroke, stroke_width) = match self.is_active(ix) {
            true => ("on-line", ACTIVE_LINE, 2),
            false => ("line", LINE, 1),
        };
        self.line(format_args!(
            "<rect class=\"{class} {line}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\" \
             fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{stroke_width}\"{more}/>"
        ));
    }

    fn leaf(&mut self, ix: Ix) {
        let (Some(rect), Some(words)) = (
            self.layout.rects.get(ix as usize),
            self.layout.words.get(ix as usize),
        ) else {
            return;
        };
        let (class, fill) = match self.is_active(ix) {
            true => ("on", ACTIVE),
            false => ("leaf", LEAF),
        };
        let parent = self.chart.model.node(ix).parent;
        let is_region = parent.is_some_and(|parent| self.chart.is_parallel(parent));
        let dashes = if is_region {
            " stroke-dasharray=\"6 4\""
        } else {
            ""
        };
        match self.chart.model.node(ix).kind {
            Kind::History { .. } => {
                self.rect(rect, class, fill, HISTORY_RADIUS, ix, "");
                let center = rect.center();
                let top = center.y - LINE_HEIGHT / 2.0;
                let style = Style {
                    is_title: false,
                    ..TITLE
                };
                return self.texts(
                    &words.title,
                    Point {
                        x: center.x,
                        y: top,
                    },
                    style,
                );
            }
            Kind::Final => {
                let radius = (rect.size.height / 2.0).min(20.0);
                self.rect(rect, class, fill, radius, ix, "");
                let mut inner = *rect;
                (inner.x, inner.y) = (rect.x + 3.0, rect.y + 3.0);
                (inner.size.width, inner.size.height) =
                    (rect.size.width - 6.0, rect.size.height - 6.0);
                self.rect(&inner, class, fill, radius - 3.0, ix, "");
            }
            _ => self.rect(rect, class, fill, 8.0, ix, dashes),
        }
        self.words(rect, words, 0.7 * PADDING, false);
    }

    fn header(&mut self, ix: Ix) {
        if let (Some(rect), Some(words)) = (
            self.layout.rects.get(ix as usize),
            self.layout.words.get(ix as usize),
        ) {
            let lines = words.title.len() + words.lines.len();
            let gap = if words.lines.is_empty() { 0.0 } else { 8.0 };
            let y = Number(rect.y + lines as f64 * LINE_HEIGHT + gap + PADDING);
            let (from, to) = (Number(rect.x), Number(rect.x + rect.size.width));
            let (class, stroke) = match self.is_active(ix) {
                true => ("on-line", ACTIVE_LINE),
                false => ("line", LINE),
            };
            self.line(format_args!(
                "<path class=\"{class}\" d=\"M{from} {y}H{to}\" stroke=\"{stroke}\" stroke-opacity=\"0.4\"/>"
            ));
            self.words(rect, words, 0.5 * PADDING, true);
        }
    }

    /// The title in the middle, the rest below from the left.
    fn words(&mut self, rect: &Rect, words: &Words, top: f64, has_rim: bool) {
        let y = rect.y + top;
        let title = Point {
            x: rect.center().x,
            y,
        };
        self.texts(&words.title, title, Style { has_rim, ..TITLE });
        let below = y + words.title.len() as f64 * LINE_HEIGHT + 8.0;
        let widest = words
            .lines
            .iter()
            .map(|line| width(line, LABEL_FONT_SIZE))
            .fold(0.0, f64::max);
        let x = rect.x + PADDING.min((rect.size.width - widest) / 2.0);
        self.texts(
            &words.lines,
            Point { x, y: below },
            Style { has_rim, ..LINES },
        );
    }

    fn texts(&mut self, lines: &[String], top: Point, style: Style) {
        let size = style.size;
        let anchor = if style.is_centered { "middle" } else { "start" };
        let weight = if style.is_title {
            " font-weight=\"600\""
        } else {
            ""
        };
        let (class, rim) = match style.has_rim {
            true => (
                "text rim",
                " stroke=\"#ffffff\" stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            ),
            false => ("text", ""),
        };
        for (place, text) in lines.iter().enumerate() {
            let (x, y) = (
                Number(top.x),
                Number(top.y + place as f64 * LINE_HEIGHT + 12.0),
            );
            self.line(format_args!(
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
                 fill=\"{TEXT}\"{weight}{rim}>{}</text>",
                Text(text)
            ));
        }
    }

    fn arrow(&mut self, arrow: &Drawn) {
        if !arrow.line.is_empty() {
            let path = Path(&arrow.line);
            self.line(format_args!(
                "<path class=\"line\" d=\"{path}\" fill=\"none\" stroke=\"{LINE}\" marker-end=\"url(#arrow)\"/>"
            ));
        }
    }

    fn label(&mut self, arrow: &Drawn) {
        if arrow.label.is_empty() {
            return;
        }
        let widest = arrow
            .label
            .iter()
            .map(|line| width(line, LABEL_FONT_SIZE))
            .fold(0.0, f64::max);
        let height = arrow.label.len() as f64 * LINE_HEIGHT;
        let top = arrow.at.y - height / 2.0;
        let (x, y) = (Number(arrow.at.x - widest / 2.0), Number(top));
        let (width, height) = (Number(widest), Number(height));
        self.line(format_args!(
            "<rect class=\"canvas\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\" \
             fill=\"{CANVAS}\" fill-opacity=\"0.85\"/>"
        ));
        self.texts(
            &arrow.label,
            Point {
                x: arrow.at.x,
                y: top,
            },
            LABEL,
        );
    }

    fn is_active(&self, ix: Ix) -> bool {
        self.is_active.get(ix as usize).copied().unwrap_or_default()
    }
}

/// With one digit behind the point: enough for eyes, and the same on every machine.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() / 10.0;
        // Without a sign where it is nothing.
        write!(f, "{}", tenths + 0.0)
    }
}

/// Straight lines with round bends.
struct Path<'a>(&'a [Point]);

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |f: &mut fmt::Formatter<'_>, command: &str, point: Point| {
            write!(f, "{command}{} {}", Number(point.x), Number(point.y))
        };
        if let [first, ..] = self.0 {
            write(f, "M", *first)?;
        }
        for bend in self.0.windows(3) {
            if let [before, at, after] = bend {
                write(f, "L", towards(*at, *before))?;
                write(f, "Q", *at)?;
                write(f, " ", towards(*at, *after))?;
            }
        }
        match self.0 {
            [_, .., last] => write(f, "L", *last),
            _ => Ok(()),
        }
    }
}

/// A bend's radius away from it, and no further than half the way.
fn towards(from: Point, to: Point) -> Point {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let part = (CORNER_RADIUS / x.hypot(y).max(f64::MIN_POSITIVE)).min(0.5);
    from.moved(Point {
        x: x * part,
        y: y * part,
    })
}

/// Inside an element or an attribute. What XML cannot hold was taken out before.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}
