//! `@page`: how large pages are, which margins they have, and what stands in them.

use std::rc::Rc;

use crate::css::cursor::{Cursor, lower};
use crate::css::declaration::{Declaration, block, descriptors};
use crate::css::token::Token;
use crate::css::values::Parse as _;
use crate::css::values::length::Length;

/// A rule for pages.
#[derive(Clone, Debug)]
pub(crate) struct PageRule {
    /// Each a page that the rule is for; none is every page.
    pub(crate) selectors: Vec<PageSelector>,
    pub(crate) size: Option<PageSize>,
    /// Margins, and what else a page's box has.
    pub(crate) declarations: Rc<[Declaration]>,
    pub(crate) boxes: Vec<(MarginBox, Rc<[Declaration]>)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PageSelector {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) first: bool,
    pub(crate) blank: bool,
    /// Left is `Some(true)`.
    pub(crate) left: Option<bool>,
}

/// What `size` says. Lengths are measured later.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PageSize {
    /// Whatever the caller chose, turned.
    Turned(Orientation),
    /// A size by name, in points, and turned if it is asked for.
    Named((f32, f32), Option<Orientation>),
    Lengths(Length, Length),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Orientation {
    Portrait,
    Landscape,
}

/// The sixteen boxes around a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum MarginBox {
    TopLeftCorner,
    TopLeft,
    TopCenter,
    TopRight,
    TopRightCorner,
    RightTop,
    RightMiddle,
    RightBottom,
    BottomRightCorner,
    BottomRight,
    BottomCenter,
    BottomLeft,
    BottomLeftCorner,
    LeftBottom,
    LeftMiddle,
    LeftTop,
}

impl MarginBox {
    pub(crate) fn of(name: &str) -> Option<MarginBox> {
        Some(match name {
            "top-left-corner" => MarginBox::TopLeftCorner,
            "top-left" => MarginBox::TopLeft,
            "top-center" => MarginBox::TopCenter,
            "top-right" => MarginBox::TopRight,
            "top-right-corner" => MarginBox::TopRightCorner,
            "right-top" => MarginBox::RightTop,
            "right-middle" => MarginBox::RightMiddle,
            "right-bottom" => MarginBox::RightBottom,
            "bottom-right-corner" => MarginBox::BottomRightCorner,
            "bottom-right" => MarginBox::BottomRight,
            "bottom-center" => MarginBox::BottomCenter,
            "bottom-left" => MarginBox::BottomLeft,
            "bottom-left-corner" => MarginBox::BottomLeftCorner,
            "left-bottom" => MarginBox::LeftBottom,
            "left-middle" => MarginBox::LeftMiddle,
            "left-top" => MarginBox::LeftTop,
            _ => return None,
        })
    }
}

/// Points of a size by name, upright.
pub(crate) fn named_size(name: &str) -> Option<(f32, f32)> {
    let mm = |width: f32, height: f32| (width * 72.0 / 25.4, height * 72.0 / 25.4);
    Some(match name {
        "a3" => mm(297.0, 420.0),
        "a4" => mm(210.0, 297.0),
        "a5" => mm(148.0, 210.0),
        "a6" => mm(105.0, 148.0),
        "b4" => mm(250.0, 353.0),
        "b5" => mm(176.0, 250.0),
        "jis-b4" => mm(257.0, 364.0),
        "jis-b5" => mm(182.0, 257.0),
        "letter" => (612.0, 792.0),
        "legal" => (612.0, 1_008.0),
        "ledger" | "tabloid" => (792.0, 1_224.0),
        _ => return None,
    })
}

pub(super) fn read(
    source: &str,
    prelude: Cursor<'_, '_>,
    inside: Cursor<'_, '_>,
) -> Option<PageRule> {
    let selectors = if prelude.is_done() {
        Vec::new()
    } else {
        prelude
            .parts()
            .into_iter()
            .map(selector)
            .collect::<Option<Vec<_>>>()?
    };
    let size = descriptors(inside)
        .into_iter()
        .rev()
        .filter(|(name, _)| name == "size")
        .find_map(|(_, value)| value.whole(page_size));
    let mut boxes = Vec::new();
    let declarations = block(
        source,
        inside,
        |_, _| {},
        |name, _, inside| {
            if let (Some(place), Some(inside)) = (MarginBox::of(name), inside) {
                let declarations = block(source, inside, |_, _| {}, |_, _, _| {});
                boxes.push((place, declarations.into()));
            }
        },
    );
    Some(PageRule {
        selectors,
        size,
        declarations: declarations.into(),
        boxes,
    })
}

fn selector(mut text: Cursor<'_, '_>) -> Option<PageSelector> {
    text.space();
    let mut out = PageSelector::default();
    if let Some(Token::Ident(name)) = text.peek() {
        text.next();
        out.name = Some((**name).into());
    }
    while text.peek() == Some(&Token::Colon) {
        text.next();
        match text.next()? {
            Token::Ident(name) => match &*lower(name) {
                "first" => out.first = true,
                "blank" => out.blank = true,
                "left" => out.left = Some(true),
                "right" => out.left = Some(false),
                _ => return None,
            },
            _ => return None,
        }
    }
    text.is_done().then_some(out)
}

fn page_size(text: &mut Cursor<'_, '_>) -> Option<PageSize> {
    if text.is_word("auto") {
        return Some(PageSize::Turned(Orientation::Portrait));
    }
    if let Some(width) = Length::parse(text) {
        let height = Length::parse(text).unwrap_or_else(|| width.clone());
        return Some(PageSize::Lengths(width, height));
    }
    let (mut size, mut orientation) = (None, None);
    while let Some(word) = text.word() {
        match &*word {
            "portrait" => orientation = Some(Orientation::Portrait),
            "landscape" => orientation = Some(Orientation::Landscape),
            name => size = Some(named_size(name)?),
        }
    }
    match (size, orientation) {
        (Some(size), orientation) => Some(PageSize::Named(size, orientation)),
        (None, orientation) => orientation.map(PageSize::Turned),
    }
}

impl PageSelector {
    /// How much it says; a rule that says more wins.
    pub(crate) fn weight(&self) -> (u8, u8, u8) {
        (
            u8::from(self.name.is_some()),
            u8::from(self.first) + u8::from(self.blank),
            u8::from(self.left.is_some()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn rule(text: &str) -> Option<PageRule> {
        let tokens = tokenize(text);
        let mut cursor = Cursor::new(&tokens);
        let prelude = cursor.until(|t| matches!(t, Token::Open(_)));
        cursor.next();
        read(
            text,
            prelude,
            cursor.inside(crate::css::token::Bracket::Curly),
        )
    }

    #[test]
    fn sizes_selectors_and_boxes() {
        let found = rule(
            "wide:first { size: A5 landscape; margin: 1cm 2cm; @top-left { content: 'x' } @nowhere { content: 'y' } }",
        )
        .unwrap();
        assert_eq!(found.selectors[0].name.as_deref(), Some("wide"));
        assert!(found.selectors[0].first);
        assert!(matches!(
            found.size,
            Some(PageSize::Named((w, _), Some(Orientation::Landscape))) if (w - 419.5).abs() < 0.1
        ));
        assert_eq!(found.boxes.len(), 1);
        assert_eq!(found.declarations.len(), 1);
        assert!(matches!(
            rule("{ size: 10cm }").unwrap().size,
            Some(PageSize::Lengths(..))
        ));
        assert_eq!(rule("{ size: a99 }").unwrap().size, None);
        assert!(rule(":second { }").is_none());
        assert_eq!(rule(":left, :right { }").unwrap().selectors.len(), 2);
    }
}
