//! Inline elements, as far as they look like something themselves: backgrounds, borders, links, line by line.

use super::border::Borders;
use super::decoration::is_decorated;
use super::shape::{Area, Rounded};
use super::walk::Painter;
use crate::boxes::{Line, LineItem, Lines};
use crate::css::values::keyword::{Direction, Visibility};
use crate::pages::Sides;

/// The first and the last line that each span is on.
pub(super) struct Spans {
    lines: Vec<Option<(usize, usize)>>,
}

impl Spans {
    pub(super) fn new(lines: &Lines) -> Spans {
        let mut out = vec![None; lines.spans.len()];
        if lines.spans.len() > 1 {
            for (at, line) in lines.lines.iter().enumerate() {
                for item in &line.items {
                    let Some(span) = span_of(lines, item) else {
                        continue;
                    };
                    for span in lines.around(span) {
                        let place: &mut Option<(usize, usize)> = &mut out[span as usize];
                        let first = place.map_or(at, |(first, _)| first);
                        *place = Some((first, at));
                    }
                }
            }
        }
        Spans { lines: out }
    }
}

fn span_of(lines: &Lines, item: &LineItem) -> Option<u32> {
    match item {
        LineItem::Run(run) => Some(run.span),
        LineItem::Box(child) => lines.span_of(*child),
    }
}

/// Where a span is on a line: from where to where, and by which letters it is as tall as it is.
struct Place {
    left: f32,
    right: f32,
    baseline: f32,
    ascent: f32,
    descent: f32,
    is_own: bool,
}

impl Painter<'_, '_, '_> {
    /// What spans of a line look like, the outer ones first.
    pub(super) fn spans_of_line(
        &mut self,
        lines: &Lines,
        spans: &Spans,
        at: usize,
        left: f32,
        top: f32,
    ) {
        for span in 1..lines.spans.len() {
            let Some((first, last)) =
                spans.lines[span].filter(|(first, last)| (*first..=*last).contains(&at))
            else {
                continue;
            };
            let own = &lines.spans[span];
            let link = own.node.filter(|node| self.shared.is_link(*node));
            let style = &own.style;
            let is_seen = style.visibility == Visibility::Visible && is_decorated(style);
            if link.is_none() && !is_seen {
                continue;
            }
            let Some(place) = self.place(lines, &lines.lines[at], span as u32) else {
                continue;
            };
            let moved = lines.moved(span as u32);
            let edges = [
                style.padding_top.resolve(0.0) + style.border_top_width,
                style.padding_bottom.resolve(0.0) + style.border_bottom_width,
            ];
            let area = Area {
                x: left + place.left + moved.0,
                y: top + place.baseline - place.ascent - edges[0] + moved.1,
                width: place.right - place.left,
                height: place.ascent + place.descent + edges[0] + edges[1],
            };
            if let Some(node) = link {
                self.shared.note_link(node, self.canvas.matrix().area(area));
            }
            if is_seen {
                let begins = own.begins && at == first;
                let ends = own.ends && at == last;
                self.span(lines, span, area, begins, ends);
            }
        }
    }

    fn span(&mut self, lines: &Lines, span: usize, area: Area, begins: bool, ends: bool) {
        let style = lines.spans[span].style.clone();
        let is_rtl = style.direction == Direction::Rtl;
        let (has_left, has_right) = if is_rtl {
            (ends, begins)
        } else {
            (begins, ends)
        };
        let mut borders = Borders::of(&style);
        let mut outer = Rounded::of(&style, area);
        if !has_left {
            borders.0[3].width = 0.0;
            (outer.radii[0], outer.radii[3]) = ((0.0, 0.0), (0.0, 0.0));
        }
        if !has_right {
            borders.0[1].width = 0.0;
            (outer.radii[1], outer.radii[2]) = ((0.0, 0.0), (0.0, 0.0));
        }
        let padding = Sides {
            top: style.padding_top.resolve(0.0),
            right: if has_right {
                style.padding_right.resolve(0.0)
            } else {
                0.0
            },
            bottom: style.padding_bottom.resolve(0.0),
            left: if has_left {
                style.padding_left.resolve(0.0)
            } else {
                0.0
            },
        };
        self.shadows(&style, &outer);
        self.background(&style, &outer, borders.sides(), padding);
        self.inner_shadows(&style, &outer.inset(borders.sides()));
        self.border(&outer, &borders);
        if style.outline_width > 0.0 && style.outline_style.is_seen() {
            let side = super::border::Side {
                width: style.outline_width,
                style: style.outline_style,
                color: style.outline_color.resolve(style.color),
            };
            let edge = outer.grown(style.outline_offset + style.outline_width);
            self.border(&edge, &Borders([side; 4]));
        }
    }

    fn place(&self, lines: &Lines, line: &Line, span: u32) -> Option<Place> {
        let mut place: Option<Place> = None;
        for item in &line.items {
            let own = span_of(lines, item)?;
            if !lines.around(own).any(|around| around == span) {
                continue;
            }
            let (left, right, letters) = match item {
                LineItem::Run(run) => (run.x, run.x + run.advance, Some(run)),
                LineItem::Box(child) => {
                    let layout = &self.scene.tree.get(*child).layout;
                    let left = layout.location.x - layout.margin.left;
                    (
                        left,
                        layout.location.x + layout.size.width + layout.margin.right,
                        None,
                    )
                }
            };
            let place = place.get_or_insert(Place {
                left,
                right,
                baseline: line.baseline,
                ascent: 0.0,
                descent: 0.0,
                is_own: false,
            });
            place.left = place.left.min(left);
            place.right = place.right.max(right);
            let Some(run) = letters.filter(|run| !run.is_room) else {
                continue;
            };
            let is_own = run.span == span;
            if is_own && !place.is_own {
                (place.ascent, place.descent) = (0.0, 0.0);
                place.is_own = true;
            }
            if is_own == place.is_own {
                place.ascent = place.ascent.max(run.ascent);
                place.descent = place.descent.max(run.descent);
                place.baseline = run.baseline;
            }
        }
        let mut place = place?;
        if place.ascent + place.descent == 0.0 {
            // Nothing but boxes or room: as tall as its letters would be.
            let size = lines.spans[span as usize].style.font_size;
            (place.ascent, place.descent) = (size * 0.9, size * 0.22);
        }
        Some(place)
    }
}
