//! What a container's children have become so far: boxes of their own, and pieces of lines between them.

use std::rc::Rc;

use super::BoxId;
use crate::css::property::Style;
use crate::css::values::keyword::WhiteSpace;
use crate::dom::NodeId;

/// A piece of a paragraph.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// An inline element begins.
    Open(Opened),
    /// The innermost inline element ends, or goes on behind a block.
    Close {
        goes_on: bool,
    },
    Text(Rc<Style>, String),
    /// A box that stands in the line like a letter.
    Atomic(BoxId),
    Float(BoxId),
    Placed(BoxId),
    /// A line ends here.
    Break,
    /// A place where a line may be broken.
    Opportunity,
    /// As many of this text as there is room for.
    Leader(Rc<Style>, Rc<str>),
}

#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) node: Option<NodeId>,
    pub(super) style: Rc<Style>,
    /// It began before a block that it contains.
    pub(super) is_rest: bool,
}

/// The children of one container.
#[derive(Debug)]
pub(super) struct Content {
    /// How the container looks, and so what stands loose in it.
    pub(super) style: Rc<Style>,
    pub(super) boxes: Vec<BoxId>,
    pub(super) run: Vec<Piece>,
    open: Vec<Opened>,
    /// Whether children are items of a flex or grid container.
    pub(super) items: bool,
    /// Parts of a table that nobody made.
    pub(super) parts: Vec<NodeId>,
    /// Set on the box that comes next.
    pub(super) anchors: Vec<NodeId>,
}

impl Content {
    pub(super) fn new(style: Rc<Style>, items: bool) -> Content {
        Content {
            style,
            boxes: Vec::new(),
            run: Vec::new(),
            open: Vec::new(),
            items,
            parts: Vec::new(),
            anchors: Vec::new(),
        }
    }

    pub(super) fn open(&mut self, node: Option<NodeId>, style: Rc<Style>) {
        let opened = Opened {
            node,
            style,
            is_rest: false,
        };
        self.run.push(Piece::Open(opened.clone()));
        self.open.push(Opened {
            is_rest: true,
            ..opened
        });
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
        self.run.push(Piece::Close { goes_on: false });
    }

    /// Takes the pieces so far; elements that are open end here and go on in the next ones.
    pub(super) fn cut(&mut self) -> Vec<Piece> {
        let mut run = std::mem::take(&mut self.run);
        run.extend(self.open.iter().map(|_| Piece::Close { goes_on: true }));
        self.run.extend(self.open.iter().cloned().map(Piece::Open));
        run
    }

    /// Whether anything of the pieces would be seen in a line.
    pub(super) fn is_seen(run: &[Piece]) -> bool {
        run.iter().any(|piece| match piece {
            Piece::Text(style, text) => !is_blank(style, text),
            Piece::Atomic(_) | Piece::Break | Piece::Leader(..) => true,
            Piece::Open(opened) => has_edges(&opened.style) && !opened.is_rest,
            Piece::Close { .. } | Piece::Float(_) | Piece::Placed(_) | Piece::Opportunity => false,
        })
    }
}

/// Whether a text is nothing but white space that goes away.
pub(super) fn is_blank(style: &Style, text: &str) -> bool {
    let collapses = |c: char| match style.white_space {
        WhiteSpace::Normal | WhiteSpace::Nowrap => matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c'),
        WhiteSpace::PreLine => matches!(c, ' ' | '\t' | '\x0c'),
        WhiteSpace::Pre | WhiteSpace::PreWrap | WhiteSpace::BreakSpaces => false,
    };
    text.chars().all(collapses)
}

/// Whether an inline element takes room of its own at its ends.
pub(super) fn has_edges(style: &Style) -> bool {
    let some = |lp: &crate::css::values::length::Lp| !lp.is_zero();
    some(&style.padding_left)
        || some(&style.padding_right)
        || style.border_left_width > 0.0
        || style.border_right_width > 0.0
        || style.margin_left.as_ref().is_some_and(some)
        || style.margin_right.as_ref().is_some_and(some)
}
