//! Where everything lies: one level after the other from the inside out, then places from the outside in.
//!
//! An arrow between two levels goes in parts: the level that holds both its ends has the main one, with the label, and in
//! each state that it leaves or enters a part runs to a port on that state's upper or lower edge.

mod dock;
mod plan;
mod route;

use super::RenderError;
use super::chart::{Chart, Label};
use super::level::{Arranged, BENDS_MAX, Level, Point, arrange};
use super::measure::{Size, width, wrap};
use crate::draft::Kind;
use crate::model::Ix;
use plan::{Item, Plan};

pub(super) const FONT_SIZE: f64 = 12.0;
pub(super) const LABEL_FONT_SIZE: f64 = 11.0;
pub(super) const LINE_HEIGHT: f64 = 16.0;
pub(super) const PADDING: f64 = 14.0;
pub(super) const DOT_RADIUS: f64 = 6.0;
pub(super) const HISTORY_RADIUS: f64 = 13.0;
const LINE_CHARACTERS_MAX: usize = 36;
const LEAF_WIDTH_MIN: f64 = 64.0;
const MARGIN: f64 = 12.0;

/// A box by its upper left corner.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) size: Size,
}

impl Rect {
    pub(super) fn center(&self) -> Point {
        Point {
            x: self.x + self.size.width / 2.0,
            y: self.y + self.size.height / 2.0,
        }
    }

    pub(super) fn bottom(&self) -> f64 {
        self.y + self.size.height
    }
}

/// What stands in a state's box, broken into lines.
pub(super) struct Words {
    pub(super) title: Vec<String>,
    pub(super) lines: Vec<String>,
}

impl Words {
    fn size(&self) -> Size {
        let all = self.title.iter().chain(&self.lines);
        let widths = self.title.iter().map(|line| width(line, FONT_SIZE) * 1.08);
        let widths = widths.chain(self.lines.iter().map(|line| width(line, LABEL_FONT_SIZE)));
        let gap = if self.lines.is_empty() { 0.0 } else { 8.0 };
        Size {
            width: widths.fold(0.0, f64::max),
            height: all.count() as f64 * LINE_HEIGHT + gap,
        }
    }
}

/// An arrow with all its bends.
pub(super) struct Drawn {
    pub(super) line: Vec<Point>,
    pub(super) label: Vec<String>,
    /// The middle of the label.
    pub(super) at: Point,
}

pub(super) struct Layout {
    pub(super) words: Vec<Words>,
    pub(super) rects: Vec<Rect>,
    /// For each state that has one.
    pub(super) dots: Vec<Option<Point>>,
    pub(super) arrows: Vec<Drawn>,
    pub(super) size: Size,
}

/// A level as it was arranged, and where it begins.
struct Inside {
    arranged: Arranged,
    origin: Point,
}

struct Builder<'c> {
    chart: &'c Chart<'c>,
    plan: Plan,
    words: Vec<Words>,
    /// For each arrow.
    labels: Vec<Vec<String>>,
    rects: Vec<Rect>,
    insides: Vec<Option<Inside>>,
    bends_left: usize,
}

pub(super) fn lay_out(chart: &Chart<'_>) -> Result<Layout, RenderError> {
    let words = chart.shapes.iter().map(|shape| Words {
        title: wrap(&shape.title, LINE_CHARACTERS_MAX),
        lines: shape
            .lines
            .iter()
            .flat_map(|line| wrap(line, LINE_CHARACTERS_MAX))
            .collect(),
    });
    let words: Vec<Words> = words.collect();
    let states = chart.shapes.len();
    let mut bends_left = BENDS_MAX;
    let mut builder = Builder {
        chart,
        plan: plan::plan(chart, &mut bends_left)?,
        words,
        labels: labels(chart),
        rects: vec![Rect::default(); states],
        insides: Vec::new(),
        bends_left,
    };
    builder.insides.resize_with(states, || None);
    // What is inside comes later in the order of the document.
    for ix in (0..states as Ix).rev() {
        builder.measure(ix)?;
    }
    Ok(builder.place())
}

impl Builder<'_> {
    fn measure(&mut self, ix: Ix) -> Result<(), RenderError> {
        let text = self.words(ix).map(Words::size).unwrap_or_default();
        let size = match self.chart.model.node(ix).kind {
            Kind::History { .. } => Size {
                width: 2.0 * HISTORY_RADIUS,
                height: 2.0 * HISTORY_RADIUS,
            },
            _ if self.chart.has_inside(ix) => self.inside(ix, text)?,
            _ => Size {
                width: (text.width + 2.0 * PADDING).max(LEAF_WIDTH_MIN),
                height: text.height + 1.4 * PADDING,
            },
        };
        if let Some(rect) = self.rects.get_mut(ix as usize) {
            rect.size = size;
        }
        Ok(())
    }

    fn inside(&mut self, ix: Ix, text: Size) -> Result<Size, RenderError> {
        if self.chart.is_parallel(ix) {
            self.level_regions(ix);
        }
        let arranged = arrange(&self.level(ix), &mut self.bends_left)?;
        let header = text.height + PADDING;
        let within = arranged.size.width.max(text.width) + 2.0 * PADDING;
        let origin = Point {
            x: (within - arranged.size.width) / 2.0,
            y: header + PADDING,
        };
        let size = Size {
            width: within,
            height: origin.y + arranged.size.height + PADDING,
        };
        if let Some(inside) = self.insides.get_mut(ix as usize) {
            *inside = Some(Inside { arranged, origin });
        }
        Ok(size)
    }

    /// Regions beside each other are of one height.
    fn level_regions(&mut self, ix: Ix) {
        let parts = self.plan.parts(ix);
        if parts
            .iter()
            .any(|part| matches!((part.from, part.to), (Item::Child(_), Item::Child(_))))
        {
            return;
        }
        let model = self.chart.model;
        let regions = model
            .node(ix)
            .children
            .iter()
            .filter(|child| !model.is_history(**child));
        let heights = regions
            .clone()
            .filter_map(|child| self.rects.get(*child as usize));
        let height = heights.map(|rect| rect.size.height).fold(0.0, f64::max);
        for child in regions {
            if let Some(rect) = self.rects.get_mut(*child as usize) {
                rect.size.height = height;
            }
        }
    }

    fn level(&self, ix: Ix) -> Level {
        let items = self.plan.items(self.chart, ix);
        let nodes = items.iter().map(|item| match item {
            Item::Child(child) => self
                .rects
                .get(*child as usize)
                .map(|rect| rect.size)
                .unwrap_or_default(),
            Item::Dot => Size {
                width: 2.0 * DOT_RADIUS,
                height: 2.0 * DOT_RADIUS,
            },
            Item::Port { .. } => Size {
                width: 8.0,
                height: 0.0,
            },
        });
        let edges = self.plan.parts(ix).iter().filter_map(|part| {
            let label = self.labels.get(part.arrow).filter(|_| part.is_main);
            let label = label.map(|label| label_size(label)).unwrap_or_default();
            self.plan.edge(self.chart, ix, &items, part, label)
        });
        Level {
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }

    fn inside_of(&self, ix: Ix) -> Option<&Inside> {
        self.insides.get(ix as usize)?.as_ref()
    }

    fn words(&self, ix: Ix) -> Option<&Words> {
        self.words.get(ix as usize)
    }

    fn place(mut self) -> Layout {
        if let Some(root) = self.rects.first_mut() {
            (root.x, root.y) = (MARGIN, MARGIN);
        }
        let mut dots = vec![None; self.rects.len()];
        for (ix, dot) in dots.iter_mut().enumerate() {
            *dot = self.place_inside(ix as Ix);
        }
        let arrows = route::routes(&self, &dots);
        let root = self.rects.first().copied().unwrap_or_default();
        Layout {
            words: self.words,
            rects: self.rects,
            dots,
            arrows,
            size: Size {
                width: root.size.width + 2.0 * MARGIN,
                height: root.size.height + 2.0 * MARGIN,
            },
        }
    }
}

impl Builder<'_> {
    /// What lies directly inside a state that has its place; gives the place of its dot.
    fn place_inside(&mut self, ix: Ix) -> Option<Point> {
        let around = self.rects.get(ix as usize).copied()?;
        let inside = self.insides.get_mut(ix as usize)?.as_mut()?;
        inside.origin.x += around.x;
        inside.origin.y += around.y;
        let mut dot = None;
        let items = self.plan.items(self.chart, ix);
        for (item, center) in items.iter().zip(&inside.arranged.centers) {
            let center = center.moved(inside.origin);
            match item {
                Item::Child(child) => {
                    if let Some(rect) = self.rects.get_mut(*child as usize) {
                        rect.x = center.x - rect.size.width / 2.0;
                        rect.y = center.y - rect.size.height / 2.0;
                    }
                }
                Item::Dot => dot = Some(center),
                Item::Port { .. } => {}
            }
        }
        dot
    }
}

/// The words at each arrow. Loops of one state are drawn as the first of them, with the words of all.
fn labels(chart: &Chart<'_>) -> Vec<Vec<String>> {
    let mut labels: Vec<Vec<String>> = Vec::new();
    for arrow in &chart.arrows {
        let lines = label_lines(&arrow.label);
        match chart
            .first_loop(arrow)
            .and_then(|first| labels.get_mut(first))
        {
            Some(label) => {
                label.extend(lines);
                labels.push(Vec::new());
            }
            None => labels.push(lines),
        }
    }
    labels
}

/// In one line where it is short, otherwise each part in its own.
fn label_lines(label: &Label) -> Vec<String> {
    let whole = label.to_string();
    match whole.chars().count() {
        0 => Vec::new(),
        1..=24 => vec![whole],
        _ => label
            .parts()
            .flat_map(|part| wrap(part, LINE_CHARACTERS_MAX))
            .collect(),
    }
}

fn label_size(lines: &[String]) -> Size {
    match lines {
        [] => Size::default(),
        lines => Size {
            width: lines
                .iter()
                .map(|line| width(line, LABEL_FONT_SIZE))
                .fold(0.0, f64::max)
                + 8.0,
            height: lines.len() as f64 * LINE_HEIGHT,
        },
    }
}
