//! From elements to boxes: what stands in lines, what stands by itself, and what is wrapped so that both can.

use std::collections::HashMap;
use std::rc::Rc;

use html5ever::local_name;

use super::generated::Strings;
use super::pieces::{Content, Piece};
use super::{BoxId, Columns, Counters, Kind, Tree, numbers};
use crate::css::property::Style;
use crate::css::selector::PseudoElement;
use crate::css::sheet::MarginBox;
use crate::css::values::boxes::Display;
use crate::css::values::content::{Content as Said, ListStyle};
use crate::css::values::image::Image;
use crate::css::values::keyword::{Float, ListStylePosition, Position};
use crate::dom::{Dom, Element, Kind as NodeKind, NodeId, Space};
use crate::fonts::Fonts;
use crate::picture::Pictures;
use crate::style::Styles;
use crate::warning::Warnings;

/// What a document's boxes are made from.
pub(crate) struct Sources<'a> {
    pub(crate) dom: &'a Dom,
    pub(crate) styles: &'a Styles,
    pub(crate) fonts: &'a mut Fonts,
    pub(crate) pictures: &'a mut Pictures,
    pub(crate) warnings: &'a mut Warnings,
    /// What an earlier run found out about places in the document: the page that each is on.
    pub(crate) pages_of: &'a HashMap<NodeId, usize>,
}

/// A document's boxes.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) tree: Tree,
    pub(crate) root: BoxId,
    /// Elements that run in page margins: by name, where they would have stood.
    pub(crate) running: Vec<(Rc<str>, NodeId, BoxId)>,
    /// Whether something in it depends on which page another thing is on.
    pub(crate) asks_for_pages: bool,
}

pub(super) struct Builder<'a, 'b> {
    pub(super) sources: &'b mut Sources<'a>,
    pub(super) tree: &'b mut Tree,
    pub(super) counters: Counters,
    pub(super) running: Vec<(Rc<str>, NodeId, BoxId)>,
    pub(super) asks_for_pages: bool,
    /// Strings that were named since the last box.
    pub(super) strings: Vec<(Rc<str>, Rc<str>)>,
    /// What page margins know: none while the document itself is built.
    pub(super) margins: Option<&'b Strings>,
    /// Tables, and boxes of columns, around what is built.
    pub(super) around: super::nesting::Around,
}

/// Makes the boxes of a document.
pub(crate) fn build(sources: &mut Sources<'_>) -> Built {
    let mut tree = Tree::default();
    let mut builder = Builder::new(sources, &mut tree, None);
    let root_style = Rc::new(Style {
        display: Display::Block,
        ..Style::initial()
    });
    let root = builder.tree.add(None, root_style.clone(), Kind::Block);
    let mut content = Content::new(root_style.clone(), false);
    for child in builder.sources.dom.children(Dom::ROOT).to_vec() {
        builder.child(child, &root_style, &mut content, 0);
    }
    builder.finish(root, content);
    let (running, asks_for_pages) = (std::mem::take(&mut builder.running), builder.asks_for_pages);
    tree.note_floats();
    Built {
        tree,
        root,
        running,
        asks_for_pages,
    }
}

/// Makes the boxes of a page's margins.
pub(crate) fn build_margins(
    sources: &mut Sources<'_>,
    boxes: &[(MarginBox, Rc<Style>)],
    strings: &Strings,
) -> (Tree, Vec<(MarginBox, BoxId)>) {
    let mut tree = Tree::default();
    let mut builder = Builder::new(sources, &mut tree, Some(strings));
    let root = builder.sources.dom.root_element().unwrap_or(Dom::ROOT);
    let mut made = Vec::new();
    for (place, style) in boxes {
        let Said::Items(items) = &style.content else {
            continue;
        };
        let id = builder.tree.add(None, style.clone(), Kind::Block);
        let mut content = Content::new(style.clone(), false);
        builder.pieces(root, style, items, &mut content);
        builder.finish(id, content);
        made.push((*place, id));
    }
    tree.note_floats();
    (tree, made)
}

impl<'a, 'b> Builder<'a, 'b> {
    pub(super) fn new(
        sources: &'b mut Sources<'a>,
        tree: &'b mut Tree,
        margins: Option<&'b Strings>,
    ) -> Self {
        Builder {
            sources,
            tree,
            counters: Counters::default(),
            running: Vec::new(),
            asks_for_pages: false,
            strings: Vec::new(),
            margins,
            around: super::nesting::Around::default(),
        }
    }

    pub(super) fn child(
        &mut self,
        id: NodeId,
        parent: &Rc<Style>,
        content: &mut Content,
        depth: usize,
    ) {
        match &self.sources.dom.node(id).kind {
            NodeKind::Text(text) => self.text(parent, text.clone(), content),
            NodeKind::Element(_) => self.element(id, content, depth),
            NodeKind::Document | NodeKind::Other => {}
        }
    }

    pub(super) fn text(&mut self, style: &Rc<Style>, text: String, content: &mut Content) {
        if super::pieces::is_blank(style, &text) && content.parts.is_empty() {
            // Between items white space is nothing.
            if content.items && !Content::is_seen(&content.run) {
                return;
            }
        } else if !super::pieces::is_blank(style, &text) {
            self.flush_parts(content);
        }
        content.run.push(Piece::Text(style.clone(), text));
    }

    fn element(&mut self, id: NodeId, content: &mut Content, depth: usize) {
        let Some(element) = self.sources.dom.element(id) else {
            return;
        };
        let style = self.within_nesting(self.sources.styles.of(id).clone());
        if style.display == Display::None {
            return;
        }
        self.count(id, element, &style, depth);
        self.name_strings(id, &style);
        if let Some(name) = style.running.0.clone()
            && self.margins.is_none()
        {
            self.run(name, id, content);
            return;
        }
        if style.display.is_table_part() && self.is_loose_part(&style) {
            content.parts.push(id);
            return;
        }
        self.flush_parts(content);
        if self.is_line_break(id, element, content) {
            return;
        }
        match style.display {
            Display::Contents => {
                content.anchors.push(id);
                self.inside(id, &style, content, depth);
            }
            Display::Inline if self.is_plain(element) => {
                content.open(Some(id), style.clone());
                self.inside(id, &style, content, depth);
                content.close();
            }
            _ => {
                let made = self.boxed(id, element, &style, depth);
                self.place(made, &style, content);
            }
        }
    }

    /// Whether a part of a table stands where there is no table around it.
    fn is_loose_part(&self, style: &Style) -> bool {
        !matches!(style.position, Position::Absolute | Position::Fixed)
            && style.float == Float::None
    }

    /// Elements whose content are their children, and not a picture or a control.
    fn is_plain(&self, element: &Element) -> bool {
        if element.space == Space::Svg {
            return false;
        }
        !matches!(
            element.name,
            local_name!("img")
                | local_name!("input")
                | local_name!("textarea")
                | local_name!("select")
                | local_name!("video")
                | local_name!("iframe")
                | local_name!("embed")
        )
    }

    fn is_line_break(&mut self, id: NodeId, element: &Element, content: &mut Content) -> bool {
        if element.space != Space::Html {
            return false;
        }
        match element.name {
            local_name!("br") => {
                content.anchors.push(id);
                content.run.push(Piece::Break);
            }
            local_name!("wbr") => content.run.push(Piece::Opportunity),
            _ => return false,
        }
        true
    }

    /// The children of an element, and what is generated before and behind them.
    pub(super) fn inside(
        &mut self,
        id: NodeId,
        style: &Rc<Style>,
        content: &mut Content,
        depth: usize,
    ) {
        self.generated(id, PseudoElement::Before, content, depth + 1);
        if !self.first_letter(id, content, depth + 1) {
            for child in self.shown_children(id) {
                self.child(child, style, content, depth + 1);
            }
        }
        self.generated(id, PseudoElement::After, content, depth + 1);
        self.counters.leave(depth);
    }

    /// The children of an element; of one that is folded, its summary.
    fn shown_children(&self, id: NodeId) -> Vec<NodeId> {
        let dom = self.sources.dom;
        let children = dom.children(id);
        let is_folded = dom.element(id).is_some_and(|element| {
            element.is_html(&local_name!("details"))
                && element.attribute(&local_name!("open")).is_none()
        });
        if !is_folded {
            return children.to_vec();
        }
        let is_summary = |id: &NodeId| {
            dom.element(*id)
                .is_some_and(|element| element.is_html(&local_name!("summary")))
        };
        children
            .iter()
            .copied()
            .find(is_summary)
            .into_iter()
            .collect()
    }

    /// Puts a box where its style wants it: into the line, beside it, or on a line of its own.
    pub(super) fn place(&mut self, id: BoxId, style: &Style, content: &mut Content) {
        let anchors = std::mem::take(&mut content.anchors);
        let strings = std::mem::take(&mut self.strings);
        let made = self.tree.get_mut(id);
        made.anchors.extend(anchors);
        made.strings.splice(0..0, strings);
        if matches!(style.position, Position::Absolute | Position::Fixed) {
            if content.items {
                content.boxes.push(id);
            } else {
                content.run.push(Piece::Placed(id));
            }
        } else if content.items {
            self.flush(content);
            content.boxes.push(id);
        } else if style.float != Float::None {
            content.run.push(Piece::Float(id));
        } else if style.display.is_inline() {
            content.run.push(Piece::Atomic(id));
        } else {
            self.flush(content);
            content.boxes.push(id);
        }
    }

    /// Makes of the pieces so far a box of lines, if anything of them would be seen.
    pub(super) fn flush(&mut self, content: &mut Content) {
        let run = content.cut();
        if !Content::is_seen(&run) {
            content
                .boxes
                .extend(run.iter().filter_map(|piece| match piece {
                    Piece::Float(id) | Piece::Placed(id) => Some(*id),
                    _ => None,
                }));
            return;
        }
        let id = self.anonymous(&content.style, Kind::Block);
        self.lines(id, run);
        content.boxes.push(id);
    }

    /// A box that no element made, below an element of this style.
    pub(super) fn anonymous(&mut self, parent: &Style, kind: Kind) -> BoxId {
        let style = Style {
            display: Display::Block,
            ..Style::child_of(parent)
        };
        self.tree.add(None, Rc::new(style), kind)
    }

    /// Gives a container its children.
    pub(super) fn finish(&mut self, id: BoxId, mut content: Content) {
        self.flush_parts(&mut content);
        if content.boxes.is_empty() && !content.items && Content::is_seen(&content.run) {
            let run = std::mem::take(&mut content.run);
            self.lines(id, run);
        } else {
            self.flush(&mut content);
            if content.items {
                self.in_order(&mut content.boxes);
            }
            self.tree.set_children(id, content.boxes);
        }
        self.tree.get_mut(id).anchors.append(&mut content.anchors);
    }

    /// Items stand in the order that `order` says.
    fn in_order(&self, boxes: &mut [BoxId]) {
        boxes.sort_by_key(|id| self.tree.get(*id).style.order);
    }

    /// The box of an element that has one.
    pub(super) fn boxed(
        &mut self,
        id: NodeId,
        element: &Element,
        style: &Rc<Style>,
        depth: usize,
    ) -> BoxId {
        if let Some(picture) = self.pictured(id, element, style) {
            return picture;
        }
        if let Some(control) = self.control(id, element, style) {
            return control;
        }
        match style.display {
            Display::Table | Display::InlineTable => {
                self.table(Some(id), style, self.sources.dom.children(id), depth)
            }
            Display::Flex | Display::InlineFlex => {
                self.container(id, style, Kind::Flex, true, depth)
            }
            Display::Grid | Display::InlineGrid => {
                self.container(id, style, Kind::Grid, true, depth)
            }
            _ => {
                let columns = style.column_count.is_some() || style.column_width.is_some();
                let kind = if columns {
                    Kind::Columns(Columns::default())
                } else {
                    Kind::Block
                };
                self.container(id, style, kind, false, depth)
            }
        }
    }

    fn container(
        &mut self,
        id: NodeId,
        style: &Rc<Style>,
        kind: Kind,
        items: bool,
        depth: usize,
    ) -> BoxId {
        let is_columns = matches!(kind, Kind::Columns(_));
        let made = self.tree.add(Some(id), style.clone(), kind);
        let strings = std::mem::take(&mut self.strings);
        self.tree.get_mut(made).strings = strings;
        let mut content = Content::new(style.clone(), items);
        if style.display == Display::ListItem {
            self.marker(made, id, style, &mut content);
        }
        self.around.columns += usize::from(is_columns);
        self.inside(id, style, &mut content, depth);
        self.around.columns -= usize::from(is_columns);
        let is_empty =
            content.boxes.is_empty() && content.parts.is_empty() && !Content::is_seen(&content.run);
        if is_empty && self.tree.get(made).marker.is_some() {
            // A number stands on a line, even if nothing else does.
            content
                .run
                .push(Piece::Text(style.clone(), "\u{200b}".into()));
        }
        if is_columns {
            // Columns hold boxes, never bare lines.
            self.flush_parts(&mut content);
            self.flush(&mut content);
        }
        self.finish(made, content);
        made
    }

    /// A list item's number or bullet.
    fn marker(&mut self, item: BoxId, id: NodeId, style: &Rc<Style>, content: &mut Content) {
        let pseudo = self
            .sources
            .styles
            .pseudo(id, PseudoElement::Marker)
            .cloned();
        let own = pseudo.unwrap_or_else(|| Rc::new(Style::child_of(style)));
        let text = match self.items_of(id, &own) {
            Some(text) => text,
            None => numbers::marker(self.counters.value("list-item"), &style.list_style),
        };
        let picture = match &style.list_image {
            Image::Url(url) => self.sources.pictures.load(url, self.sources.warnings),
            _ => None,
        };
        if text.is_empty() && picture.is_none() {
            return;
        }
        let is_bullet = matches!(
            style.list_style,
            ListStyle::Disc
                | ListStyle::Circle
                | ListStyle::Square
                | ListStyle::DisclosureOpen
                | ListStyle::DisclosureClosed
        );
        let mut run = Vec::new();
        match picture {
            Some(picture) => {
                let inline = Rc::new(Style {
                    display: Display::InlineBlock,
                    ..Style::child_of(&own)
                });
                let made = self.tree.add(None, inline, Kind::Picture(picture));
                run.push(Piece::Atomic(made));
            }
            None => run.push(Piece::Text(own.clone(), text)),
        }
        let gap = if is_bullet { "\u{a0}\u{a0}" } else { "\u{a0}" };
        run.push(Piece::Text(own.clone(), gap.to_owned()));
        if style.list_position == ListStylePosition::Inside {
            content.run.splice(0..0, run);
            return;
        }
        let marker = self.anonymous(&own, Kind::Block);
        self.lines(marker, run);
        self.tree.get_mut(item).marker = Some(marker);
    }

    /// Leaves a mark where an element would stand that runs in page margins instead.
    fn run(&mut self, name: Rc<str>, id: NodeId, content: &mut Content) {
        let mark = self.anonymous(&Style::initial(), Kind::Block);
        self.flush(content);
        content.boxes.push(mark);
        self.running.push((name, id, mark));
    }
}
