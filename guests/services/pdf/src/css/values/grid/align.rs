//! Alignment in flex and grid containers, and the size that a flex item begins with.

use crate::css::cursor::Cursor;
use crate::css::values::length::{Size, SizeValue};
use crate::css::values::{Compute, Context, Parse, plain};

/// How items or tracks stand in the room they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Align {
    /// As it is for this kind of box.
    #[default]
    Normal,
    Auto,
    Start,
    End,
    FlexStart,
    FlexEnd,
    Center,
    Baseline,
    LastBaseline,
    Stretch,
    SpaceBetween,
    SpaceAround,
    SpaceEvenly,
    Left,
    Right,
}

plain!(Align);

impl Parse for Align {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        text.attempt(|ahead| {
            // Whether it may overflow makes no difference on paper.
            ahead.keyword(&[("safe", ()), ("unsafe", ()), ("first", ()), ("legacy", ())]);
            if ahead.is_word("last") {
                return ahead.is_word("baseline").then_some(Align::LastBaseline);
            }
            ahead.keyword(&[
                ("normal", Align::Normal),
                ("auto", Align::Auto),
                ("start", Align::Start),
                ("self-start", Align::Start),
                ("end", Align::End),
                ("self-end", Align::End),
                ("flex-start", Align::FlexStart),
                ("flex-end", Align::FlexEnd),
                ("center", Align::Center),
                ("baseline", Align::Baseline),
                ("stretch", Align::Stretch),
                ("space-between", Align::SpaceBetween),
                ("space-around", Align::SpaceAround),
                ("space-evenly", Align::SpaceEvenly),
                ("left", Align::Left),
                ("right", Align::Right),
            ])
        })
    }
}

/// How large a flex item is before room is shared out; `None` is what it contains.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FlexBasis(pub(crate) Option<SizeValue>);

impl Parse for FlexBasis {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("content") {
            return Some(FlexBasis(None));
        }
        SizeValue::parse(text).map(|size| FlexBasis(Some(size)))
    }
}

impl Compute for FlexBasis {
    type Computed = Option<Size>;

    fn compute(&self, context: &Context) -> Option<Size> {
        self.0.as_ref().map(|size| size.compute(context))
    }
}
