//! What kind of box an element makes, what its background consists of, and how far apart the borders of cells are.

use std::rc::Rc;

use super::length::{Length, LengthPercentage, Lp};
use super::{Compute, Context, Parse, keywords, plain};
use crate::css::cursor::Cursor;

keywords! {
    /// The kind of box, outside and inside in one word, as authors write it.
    Display {
        Inline | "inline" | "ruby", None | "none", Contents | "contents", Block | "block" | "-webkit-box" | "math",
        InlineBlock | "inline-block" | "-webkit-inline-box", FlowRoot | "flow-root", ListItem | "list-item",
        Flex | "flex" | "-webkit-flex", InlineFlex | "inline-flex" | "-webkit-inline-flex",
        Grid | "grid", InlineGrid | "inline-grid",
        Table | "table", InlineTable | "inline-table", TableRowGroup | "table-row-group",
        TableHeaderGroup | "table-header-group", TableFooterGroup | "table-footer-group", TableRow | "table-row",
        TableCell | "table-cell", TableColumn | "table-column", TableColumnGroup | "table-column-group",
        TableCaption | "table-caption",
    }
    /// The part of a box that a background reaches, or is placed in.
    AreaBox { Border | "border-box", Padding | "padding-box", Content | "content-box", Text | "text" }
    RepeatStyle { Repeat | "repeat", NoRepeat | "no-repeat", Space | "space", Round | "round" }
    Attachment { Scroll | "scroll", Fixed | "fixed", Local | "local" }
    TextWrap { Wrap | "wrap" | "balance" | "pretty" | "stable", Nowrap | "nowrap" }
}

impl Display {
    /// What it is where only boxes of their own may stand: floats, items, what is placed.
    pub(crate) fn blockified(self) -> Display {
        match self {
            Display::Inline | Display::InlineBlock => Display::Block,
            Display::InlineFlex => Display::Flex,
            Display::InlineGrid => Display::Grid,
            Display::InlineTable => Display::Table,
            other if other.is_table_part() => Display::Block,
            other => other,
        }
    }

    pub(crate) fn is_table_part(self) -> bool {
        matches!(
            self,
            Display::TableRowGroup
                | Display::TableHeaderGroup
                | Display::TableFooterGroup
                | Display::TableRow
                | Display::TableCell
                | Display::TableColumn
                | Display::TableColumnGroup
                | Display::TableCaption
        )
    }

    /// Whether it stands in a line of text.
    pub(crate) fn is_inline(self) -> bool {
        matches!(
            self,
            Display::Inline
                | Display::InlineBlock
                | Display::InlineFlex
                | Display::InlineGrid
                | Display::InlineTable
        )
    }
}

/// One value for each layer of a background.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layers<T>(pub(crate) Vec<T>);

impl<T: Parse> Parse for Layers<T> {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        super::list(text).map(Layers)
    }
}

impl<T: Compute> Compute for Layers<T> {
    type Computed = Rc<[T::Computed]>;

    fn compute(&self, context: &Context) -> Rc<[T::Computed]> {
        self.0.iter().map(|layer| layer.compute(context)).collect()
    }
}

/// How a picture fills what is behind a box, across and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Repeat2(pub(crate) RepeatStyle, pub(crate) RepeatStyle);

plain!(Repeat2);

impl Parse for Repeat2 {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("repeat-x") {
            return Some(Repeat2(RepeatStyle::Repeat, RepeatStyle::NoRepeat));
        }
        if text.is_word("repeat-y") {
            return Some(Repeat2(RepeatStyle::NoRepeat, RepeatStyle::Repeat));
        }
        let x = RepeatStyle::parse(text)?;
        Some(Repeat2(x, RepeatStyle::parse(text).unwrap_or(x)))
    }
}

/// How large a picture of a background is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BackgroundSizeValue {
    Cover,
    Contain,
    /// `None` is `auto`.
    Sides(Option<LengthPercentage>, Option<LengthPercentage>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BackgroundSize {
    Cover,
    Contain,
    Sides(Option<Lp>, Option<Lp>),
}

impl Parse for BackgroundSizeValue {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("cover") {
            return Some(BackgroundSizeValue::Cover);
        }
        if text.is_word("contain") {
            return Some(BackgroundSizeValue::Contain);
        }
        let side = |text: &mut Cursor<'_, '_>| {
            if text.is_word("auto") {
                return Some(None);
            }
            LengthPercentage::parse_positive(text).map(Some)
        };
        let x = side(text)?;
        Some(BackgroundSizeValue::Sides(x, side(text).flatten()))
    }
}

impl Compute for BackgroundSizeValue {
    type Computed = BackgroundSize;

    fn compute(&self, context: &Context) -> BackgroundSize {
        let side = |side: &Option<LengthPercentage>| side.as_ref().map(|s| s.compute(context));
        match self {
            BackgroundSizeValue::Cover => BackgroundSize::Cover,
            BackgroundSizeValue::Contain => BackgroundSize::Contain,
            BackgroundSizeValue::Sides(x, y) => BackgroundSize::Sides(side(x), side(y)),
        }
    }
}

/// Room between the cells of a table: across, and down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spacing(Length, Length);

impl Parse for Spacing {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        let x = Length::parse(text)?;
        let y = Length::parse(text).unwrap_or_else(|| x.clone());
        Some(Spacing(x, y))
    }
}

impl Compute for Spacing {
    type Computed = (f32, f32);

    fn compute(&self, context: &Context) -> (f32, f32) {
        (
            self.0.compute(context).max(0.0),
            self.1.compute(context).max(0.0),
        )
    }
}
