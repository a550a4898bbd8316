//! Letters, and the lines below, above and through them.

use std::cell::LazyCell;

use krilla::geom::PathBuilder;
use krilla::text::{GlyphId, KrillaGlyph, Tag};

use super::canvas::{Ink, Letters, Pen};
use super::shape::{Area, Matrix};
use super::walk::Painter;
use crate::boxes::{BoxId, Glyph, GlyphRun, Kind, LineItem, Lines};
use crate::css::property::Style;
use crate::css::values::color::Rgba;
use crate::css::values::keyword::Visibility;
use crate::css::values::text::DecorationStyle;

/// Shadows of one text.
const SHADOWS_MAX: usize = 8;
/// Copies of a leader's text on one line.
const LEADERS_MAX: usize = 1_000;

/// A line of letters, and where it is.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    /// The box that the paragraph is; none of a marker's.
    pub(super) id: Option<BoxId>,
    pub(super) left: f32,
    pub(super) top: f32,
    /// Whether nothing stands behind it on its line.
    pub(super) ends: bool,
    /// Where the whole line stands.
    pub(super) baseline: f32,
}

/// One line that goes with letters.
#[derive(Clone, Copy)]
struct Rule {
    style: DecorationStyle,
    color: Rgba,
    is_through: bool,
    /// Below the baseline is more than 0.
    offset: f32,
    thickness: f32,
}

impl Painter<'_, '_, '_> {
    pub(super) fn letters(&mut self, lines: &Lines, run: &GlyphRun, spot: Spot) {
        let style = &lines.spans[run.span as usize].style;
        if run.is_room || style.visibility != Visibility::Visible {
            return;
        }
        let moved = lines.moved(run.span);
        let x = spot.left + run.x + moved.0;
        let y = spot.top + run.baseline + moved.1;
        let width = if spot.ends {
            lines.seen_advance(run)
        } else {
            run.advance
        };
        let ink = self.letter_ink(lines, run, spot, style);
        let rules = self.rules(lines, run, spot.id);
        // Lines stay where the line of text is, also below raised letters.
        let line = spot.top + spot.baseline + moved.1;
        for rule in rules.iter().filter(|rule| !rule.is_through) {
            self.rule(rule, x, line, width);
        }
        for shadow in style.text_shadow.iter().take(SHADOWS_MAX).rev() {
            let mut color = shadow.color.resolve(style.color);
            if shadow.blur > 0.0 {
                // Letters cannot be blurred and stay letters; what is blurred is fainter.
                color.a *= 1.0 / (1.0 + shadow.blur / 4.0);
            }
            self.shadow_of(lines, run, (x + shadow.x, y + shadow.y), color);
        }
        self.glyph_run(lines, run, (x, y), &ink, spot.ends);
        for rule in rules.iter().filter(|rule| rule.is_through) {
            self.rule(rule, x, y, width);
        }
    }

    /// What letters are filled with: their colour, or the background that shows through them.
    fn letter_ink(&self, lines: &Lines, run: &GlyphRun, spot: Spot, style: &Style) -> Ink {
        let color = style.color;
        if color.a >= 1.0 {
            return Ink::Color(color);
        }
        for span in lines.around(run.span).filter(|span| *span != 0) {
            let own = &lines.spans[span as usize].style;
            let area = Area::new(
                spot.left + run.x,
                spot.top + run.baseline - run.ascent,
                run.advance,
                run.ascent + run.descent,
            );
            if let Some(ink) = self.text_background(own, area) {
                return ink;
            }
        }
        let mut at = spot.id;
        while let Some(id) = at {
            let one = self.scene.tree.get(id);
            if let Some(ink) = self.text_background(&one.style, self.scene.area(id)) {
                return ink;
            }
            if one.is_placed() || one.is_floating() {
                break;
            }
            at = one.parent;
        }
        Ink::Color(color)
    }

    /// The same letters in another colour and without text behind them: a shadow is not read aloud twice.
    fn shadow_of(&mut self, lines: &Lines, run: &GlyphRun, at: (f32, f32), color: Rgba) {
        let axes = axes(&lines.spans[run.span as usize].style, run);
        let Some(font) = self.shared.fonts.written(&run.font, &axes) else {
            return;
        };
        let glyphs: Vec<KrillaGlyph> = run
            .glyphs
            .iter()
            .map(|glyph| written(glyph, run.size))
            .collect();
        let depth = self.canvas.depth();
        let at = self.push_skew(run, at);
        let letters = Letters {
            font,
            text: &lines.text,
            size: run.size,
        };
        self.canvas.outlined(at, &glyphs, &letters, color);
        self.canvas.pop_to(depth);
    }

    fn push_skew(&mut self, run: &GlyphRun, at: (f32, f32)) -> (f32, f32) {
        if run.skew == 0.0 {
            return at;
        }
        self.canvas.push_matrix(Matrix::translate(at.0, at.1));
        let slope = run.skew.to_radians().tan();
        self.canvas
            .push_matrix(Matrix([1.0, 0.0, -slope, 1.0, 0.0, 0.0]));
        (0.0, 0.0)
    }

    fn glyph_run(&mut self, lines: &Lines, run: &GlyphRun, at: (f32, f32), ink: &Ink, ends: bool) {
        let style = &lines.spans[run.span as usize].style;
        let axes = axes(style, run);
        let Some(font) = self.shared.fonts.written(&run.font, &axes) else {
            return;
        };
        let letters = Letters {
            font,
            text: &lines.text,
            size: run.size,
        };
        let bold = if run.embolden { run.size / 32.0 } else { 0.0 };
        let depth = self.canvas.depth();
        let (left, y) = self.push_skew(run, at);
        let mut x = left;
        let mut start = x;
        let mut part: Vec<KrillaGlyph> = Vec::with_capacity(run.glyphs.len());
        let last = run.glyphs.len().saturating_sub(1);
        let space = LazyCell::new(|| crate::fonts::space(&run.font));
        for (n, glyph) in run.glyphs.iter().enumerate() {
            let text = lines.text.get(glyph.text.clone()).unwrap_or_default();
            let mut made = written(glyph, run.size);
            if text.chars().all(is_unseen) {
                let hyphen = (text == "\u{ad}" && ends && n == last)
                    .then(|| crate::fonts::hyphen(&run.font))
                    .flatten();
                match hyphen {
                    Some(id) => {
                        made.glyph_id = GlyphId::new(id);
                        made.x_advance = 0.3;
                    }
                    None => {
                        self.canvas.glyphs((start, y), &part, &letters, ink, bold);
                        part.clear();
                        x += glyph.advance;
                        start = x;
                        continue;
                    }
                }
            } else if glyph.id == 0 {
                self.shared.missing(text);
                part.extend(space.map(|space| companion(glyph, space)));
            }
            x += glyph.advance;
            part.push(made);
        }
        self.canvas.glyphs((start, y), &part, &letters, ink, bold);
        self.canvas.pop_to(depth);
    }

    /// All lines that go with letters: their own, and those of everything that they are in.
    fn rules(&self, lines: &Lines, run: &GlyphRun, id: Option<BoxId>) -> Vec<Rule> {
        let mut out = Vec::new();
        for span in lines.around(run.span) {
            rules_of(&lines.spans[span as usize].style, run, &mut out);
        }
        let mut at = id;
        while let Some(id) = at {
            let one = self.scene.tree.get(id);
            let Some(parent) = one
                .parent
                .filter(|_| !one.is_placed() && !one.is_floating())
            else {
                break;
            };
            let above = self.scene.tree.get(parent);
            if matches!(above.kind, Kind::Lines(_)) {
                break;
            }
            rules_of(&above.style, run, &mut out);
            at = Some(parent);
        }
        out
    }

    fn rule(&mut self, rule: &Rule, x: f32, baseline: f32, width: f32) {
        let color = rule.color;
        let (y, thick) = (baseline + rule.offset, rule.thickness);
        if width <= 0.0 || thick <= 0.0 {
            return;
        }
        match rule.style {
            DecorationStyle::Solid => self.plain(Area::new(x, y, width, thick), color),
            DecorationStyle::Double => {
                self.plain(Area::new(x, y, width, thick), color);
                self.plain(Area::new(x, y + thick * 2.0, width, thick), color);
            }
            DecorationStyle::Dotted | DecorationStyle::Dashed => {
                let is_dotted = rule.style == DecorationStyle::Dotted;
                let dash = if is_dotted {
                    (0.0, thick * 2.0)
                } else {
                    (thick * 3.0, thick * 2.0)
                };
                let pen = Pen {
                    width: thick,
                    dash: Some(dash),
                    is_round: is_dotted,
                };
                let mut builder = PathBuilder::new();
                builder.move_to(x, y + thick / 2.0);
                builder.line_to(x + width, y + thick / 2.0);
                if let Some(path) = builder.finish() {
                    self.canvas.stroke(&path, color, &pen);
                }
            }
            DecorationStyle::Wavy => self.wave(x, y + thick, width, thick, color),
        }
    }

    fn wave(&mut self, x: f32, y: f32, width: f32, thick: f32, color: Rgba) {
        let (step, tall) = (thick * 3.0, thick * 1.5);
        let mut builder = PathBuilder::new();
        builder.move_to(x, y);
        let mut at = 0.0;
        let mut up = true;
        while at < width && at / step < 10_000.0 {
            let peak = if up { y - tall } else { y + tall };
            builder.quad_to(x + at + step / 2.0, peak, x + at + step, y);
            at += step;
            up = !up;
        }
        if let Some(path) = builder.finish() {
            let depth = self.canvas.depth();
            self.canvas
                .push_clip_area(Area::new(x, y - 4.0 * thick, width, 8.0 * thick));
            let pen = Pen {
                width: thick,
                ..Pen::default()
            };
            self.canvas.stroke(&path, color, &pen);
            self.canvas.pop_to(depth);
        }
    }

    /// As many copies of a text as there is room for, up to the right end.
    pub(super) fn leader(&mut self, id: BoxId) {
        let tree = self.scene.tree;
        let one = tree.get(id);
        let Some(lines) = one.lines() else { return };
        let unit: f32 = lines.runs().map(|run| run.advance).sum();
        let area = self.scene.area(id);
        if unit.is_nan() || unit <= 0.1 {
            return;
        }
        let count = ((area.width + 0.01) / unit).floor().min(LEADERS_MAX as f32) as usize;
        for n in 0..count {
            let left = area.right() - unit * (n + 1) as f32;
            for line in &lines.lines {
                for item in &line.items {
                    if let LineItem::Run(run) = item {
                        let spot = Spot {
                            id: None,
                            left: left - lines.runs().next().map_or(0.0, |first| first.x),
                            top: area.y,
                            ends: false,
                            baseline: line.baseline,
                        };
                        self.letters(lines, run, spot);
                    }
                }
            }
        }
    }
}

/// The lines of one element along its letters.
fn rules_of(style: &Style, run: &GlyphRun, out: &mut Vec<Rule>) {
    let line = style.decoration_line;
    if line.is_none() {
        return;
    }
    // As the font has it at the size of the element, which may be another than that of the letters.
    let scale = if run.size > 0.0 {
        style.font_size / run.size
    } else {
        1.0
    };
    let thickness = style
        .decoration_thickness
        .unwrap_or((run.underline.1 * scale).max(style.font_size / 24.0))
        .max(0.5);
    let mut add = |offset: f32, is_through: bool| {
        out.push(Rule {
            style: style.decoration_style,
            color: style.decoration_color.resolve(style.color),
            is_through,
            offset,
            thickness,
        });
    };
    if line.under {
        let below = -run.underline.0 * scale;
        add(
            style
                .underline_offset
                .unwrap_or(below.max(style.font_size * 0.08)),
            false,
        );
    }
    if line.over {
        add(-run.ascent * scale, false);
    }
    if line.through {
        add(-run.strike.0 * scale - thickness / 2.0, true);
    }
}

fn axes(style: &Style, run: &GlyphRun) -> Vec<(Tag, f32)> {
    let mut all: Vec<(Tag, f32)> = run
        .axes
        .iter()
        .map(|(tag, value)| (Tag::new(tag), *value))
        .collect();
    for (tag, value) in style.font_variations.0.iter() {
        let tag = Tag::new(tag);
        match all.iter_mut().find(|(own, _)| *own == tag) {
            Some(known) => known.1 = *value,
            None => all.push((tag, *value)),
        }
    }
    all
}

fn written(glyph: &Glyph, size: f32) -> KrillaGlyph {
    let size = size.max(0.001);
    KrillaGlyph::new(
        GlyphId::new(glyph.id),
        glyph.advance / size,
        glyph.x / size,
        -glyph.y / size,
        0.0,
        glyph.text.clone(),
        None,
    )
}

/// What stands before a letter that no font has, and is not seen: a space without width. Readers take no text from what is
/// drawn for the letter, which is the same for all; where two glyphs stand for it, the writer says which one is meant.
fn companion(glyph: &Glyph, space: u32) -> KrillaGlyph {
    let text = glyph.text.clone();
    KrillaGlyph::new(GlyphId::new(space), 0.0, 0.0, 0.0, 0.0, text, None)
}

/// Characters that nothing is drawn for.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
