//! Boxes: what is laid out. Elements make them; so do texts, markers and generated content. A tree in one vector, as the
//! document is.

mod build;
mod counters;
mod form;
mod generated;
mod lines;
mod nesting;
mod numbers;
mod pieces;
mod table;

use std::rc::Rc;

use crate::css::property::Style;
use crate::dom::NodeId;
use crate::layout::{Calcs, Flow};
use crate::pages::Strip;
use crate::picture::Picture;

pub(crate) use build::{Built, Sources, build, build_margins};
pub(crate) use counters::Counters;
pub(crate) use generated::{Named, Strings};
pub(crate) use lines::{Broken, Glyph, GlyphRun, Line, LineItem, Lines};
pub(crate) use numbers::format_counter;
pub(crate) use table::{Cell, Table};

/// A box's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BoxId(u32);

impl BoxId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<BoxId> for taffy::NodeId {
    fn from(id: BoxId) -> taffy::NodeId {
        taffy::NodeId::from(u64::from(id.0))
    }
}

impl From<taffy::NodeId> for BoxId {
    fn from(id: taffy::NodeId) -> BoxId {
        BoxId(u32::try_from(u64::from(id)).unwrap_or(u32::MAX))
    }
}

/// A box: what it is, and where it came to lie.
#[derive(Debug)]
pub(crate) struct LayoutBox {
    /// The element that made it; none of those that stand around loose text.
    pub(crate) node: Option<NodeId>,
    pub(crate) style: Rc<Style>,
    pub(crate) flow: Flow,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) parent: Option<BoxId>,
    pub(crate) children: Vec<BoxId>,
    /// A list item's number or bullet, beside it.
    pub(crate) marker: Option<BoxId>,
    /// Values of strings that page margins show, from here on.
    pub(crate) strings: Vec<(Rc<str>, Rc<str>)>,
    /// Elements that have an id and are no box of their own, or whose box this is.
    pub(crate) anchors: Vec<NodeId>,
    pub(crate) layout: taffy::Layout,
    pub(crate) cache: taffy::Cache,
    /// Boxes that this one places although they are not its children.
    pub(crate) hoisted: Vec<BoxId>,
    /// Whether floats in it may reach beside what comes behind it.
    pub(crate) floats: bool,
    pub(crate) strip: Strip,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Blocks below each other.
    Block,
    /// Lines of text.
    Lines(Box<Lines>),
    Flex,
    Grid,
    Table(Box<Table>),
    /// A table and its captions.
    Captioned,
    Picture(Rc<Picture>),
    /// Blocks below each other, in several columns.
    Columns(Columns),
}

/// Columns, as they were laid out and cut.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Columns {
    pub(crate) count: usize,
    /// Of each, and between two.
    pub(crate) width: f32,
    pub(crate) gap: f32,
    /// Of each, where all stand on one page.
    pub(crate) height: f32,
    pub(crate) fragments: Vec<ColumnFragment>,
}

/// A column: a part of its own strip, and where that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ColumnFragment {
    pub(crate) strip: Strip,
    /// How far what is in it is moved to the right.
    pub(crate) x: f32,
    /// Its left edge within the box.
    pub(crate) left: f32,
    /// Its top, on the strip that the box is on.
    pub(crate) y: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    None,
    Caption,
    Group(Group),
    Row,
    Cell(Cell),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Head,
    Body,
    Foot,
}

/// All boxes of a document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    boxes: Vec<LayoutBox>,
    pub(crate) calcs: Calcs,
    /// Boxes that are laid out for another width than they would have: that one, and how they were before.
    widths: Vec<(BoxId, f32, Before)>,
}

/// What a box's width was before it was given another.
#[derive(Clone, Copy, Debug)]
struct Before {
    natural: f32,
    size: taffy::Dimension,
    sizing: taffy::BoxSizing,
}

impl Tree {
    pub(crate) fn get(&self, id: BoxId) -> &LayoutBox {
        &self.boxes[id.index()]
    }

    pub(crate) fn get_mut(&mut self, id: BoxId) -> &mut LayoutBox {
        &mut self.boxes[id.index()]
    }

    pub(crate) fn len(&self) -> usize {
        self.boxes.len()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = BoxId> + use<> {
        (0..u32::try_from(self.boxes.len()).unwrap_or(u32::MAX)).map(BoxId)
    }

    /// Adds a box without children.
    pub(crate) fn add(&mut self, node: Option<NodeId>, style: Rc<Style>, kind: Kind) -> BoxId {
        let mut flow = self.calcs.flow(&style);
        if matches!(kind, Kind::Picture(_)) {
            flow.item_is_replaced = true;
            flow.item_is_compressible_replaced = true;
        }
        let id = BoxId(u32::try_from(self.boxes.len()).unwrap_or(u32::MAX));
        self.boxes.push(LayoutBox {
            node,
            style,
            flow,
            kind,
            role: Role::None,
            parent: None,
            children: Vec::new(),
            marker: None,
            strings: Vec::new(),
            anchors: node.into_iter().collect(),
            layout: taffy::Layout::new(),
            cache: taffy::Cache::new(),
            hoisted: Vec::new(),
            floats: false,
            strip: Strip::default(),
        });
        id
    }

    pub(crate) fn set_children(&mut self, id: BoxId, children: Vec<BoxId>) {
        for child in &children {
            self.get_mut(*child).parent = Some(id);
        }
        self.get_mut(id).children = children;
    }

    /// Whether a box itself is something to see, whatever is in it.
    pub(crate) fn shows(&self, id: BoxId) -> bool {
        let one = self.get(id);
        let style = &one.style;
        let has_size = one.layout.size.width > 0.0 && one.layout.size.height > 0.0;
        let is_root = one.parent.is_none()
            || one
                .parent
                .is_some_and(|parent| self.get(parent).parent.is_none());
        let has_border = style.border_top_width > 0.0
            || style.border_bottom_width > 0.0
            || style.border_left_width > 0.0
            || style.border_right_width > 0.0;
        let has_background = !style.background_color.resolve(style.color).is_transparent()
            || style
                .background_image
                .iter()
                .any(|image| *image != crate::css::values::image::Image::None);
        matches!(one.kind, Kind::Picture(_))
            || (has_size && (has_border || (has_background && !is_root)))
    }

    /// Notes which boxes have floats in them that may reach out.
    pub(crate) fn note_floats(&mut self) {
        // Children come behind their parents.
        for at in (0..self.boxes.len()).rev() {
            let one = &self.boxes[at];
            let own = one.children.iter().any(|child| {
                let child = self.get(*child);
                child.is_floating() || (child.floats && child.flow.display == taffy::Display::Block)
            });
            self.boxes[at].floats = own;
        }
    }

    /// Gives boxes these widths, and back their own to those that are not named any more. Whether anything changed.
    pub(crate) fn set_widths(&mut self, widths: Vec<(BoxId, f32)>) -> bool {
        let is_same = widths.len() == self.widths.len()
            && widths
                .iter()
                .zip(&self.widths)
                .all(|(new, old)| new.0 == old.0 && (new.1 - old.1).abs() < 0.5);
        if is_same {
            return false;
        }
        let natural: Vec<f32> = widths
            .iter()
            .map(|(id, _)| self.natural_width(*id))
            .collect();
        for (id, _, before) in std::mem::take(&mut self.widths) {
            let flow = &mut self.get_mut(id).flow;
            flow.size.width = before.size;
            flow.box_sizing = before.sizing;
        }
        for ((id, width), natural) in widths.into_iter().zip(natural) {
            let flow = &mut self.get_mut(id).flow;
            let before = Before {
                natural,
                size: flow.size.width,
                sizing: flow.box_sizing,
            };
            flow.size.width = taffy::Dimension::length(width);
            flow.box_sizing = taffy::BoxSizing::BorderBox;
            self.widths.push((id, width, before));
        }
        true
    }

    pub(crate) fn is_given_width(&self, id: BoxId) -> bool {
        self.widths.iter().any(|(own, ..)| *own == id)
    }

    pub(crate) fn has_widths(&self) -> bool {
        !self.widths.is_empty()
    }

    /// How wide a box is, or would be if nobody had given it another width.
    pub(crate) fn natural_width(&self, id: BoxId) -> f32 {
        let given = self.widths.iter().find(|(own, ..)| *own == id);
        given.map_or(self.get(id).layout.size.width, |(_, _, before)| {
            before.natural
        })
    }

    /// Forgets what was laid out, so that it can be laid out for another width. Lines know themselves what they were
    /// broken for.
    pub(crate) fn clear_layout(&mut self) {
        for one in &mut self.boxes {
            one.cache = taffy::Cache::new();
            one.hoisted.clear();
            one.layout = taffy::Layout::new();
        }
    }
}

impl LayoutBox {
    /// Whether it is taken out of the flow and placed.
    pub(crate) fn is_placed(&self) -> bool {
        self.flow.position.is_out_of_flow()
    }

    pub(crate) fn is_floating(&self) -> bool {
        self.flow.float != taffy::Float::None
    }

    pub(crate) fn lines(&self) -> Option<&Lines> {
        match &self.kind {
            Kind::Lines(lines) => Some(lines),
            _ => None,
        }
    }
}
