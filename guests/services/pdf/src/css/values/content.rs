//! Generated content: texts, counters, quotes, and what page margins repeat.

use std::rc::Rc;

use super::image::{Image, ImageValue};
use super::{Compute, Context, Parse, plain};
use crate::css::cursor::Cursor;

/// What stands in a pseudo-element or a page's margin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Content {
    /// Nothing unless it is an element's own.
    #[default]
    Normal,
    None,
    Items(Rc<[Item]>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Text(Rc<str>),
    Attribute(Rc<str>),
    Counter(Rc<str>, ListStyle),
    /// All counters of that name around it, with a text between them.
    Counters(Rc<str>, Rc<str>, ListStyle),
    OpenQuote,
    CloseQuote,
    NoQuote(bool),
    Image(Image),
    /// The text of a named string, in page margins.
    String(Rc<str>, Which),
    /// The page that an address of this document is on, or its text.
    Target(Rc<TargetRef>),
    /// An element that runs in page margins.
    Element(Rc<str>, Which),
    /// Of `string-set` alone: the text of the element itself.
    OwnText,
    /// Dots or the like, as wide as there is room.
    Leader(Rc<str>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TargetRef {
    /// The address itself, or the name of the attribute that holds it.
    pub(crate) address: Result<Rc<str>, Rc<str>>,
    /// A counter's name and style; `None` is the target's text.
    pub(crate) counter: Option<(Rc<str>, ListStyle)>,
}

/// Which of a page's values of a named string is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Which {
    #[default]
    First,
    Start,
    Last,
    FirstExcept,
}

plain!(Content);

impl Parse for Content {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("normal") {
            return Some(Content::Normal);
        }
        if text.is_word("none") {
            return Some(Content::None);
        }
        let items = items(text)?;
        // What stands behind a slash is said aloud instead of shown.
        if text.delim('/') {
            self::items(text)?;
        }
        Some(Content::Items(items.into()))
    }
}

fn items(text: &mut Cursor<'_, '_>) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    while let Some(item) = item(text) {
        items.push(item);
    }
    (!items.is_empty()).then_some(items)
}

fn item(text: &mut Cursor<'_, '_>) -> Option<Item> {
    if let Some(string) = text.string() {
        return Some(Item::Text(string.into()));
    }
    let quote = text.keyword(&[
        ("open-quote", 0),
        ("close-quote", 1),
        ("no-open-quote", 2),
        ("no-close-quote", 3),
    ]);
    match quote {
        Some(0) => return Some(Item::OpenQuote),
        Some(1) => return Some(Item::CloseQuote),
        Some(other) => return Some(Item::NoQuote(other == 2)),
        None => {}
    }
    text.attempt(|ahead| {
        if let Some(image) = ahead.attempt(ImageValue::parse) {
            return match image {
                ImageValue::None => None,
                // A gradient here has no size, so nothing depends on the element.
                ImageValue::Url(url) => Some(Item::Image(Image::Url(url))),
                ImageValue::Gradient(_) => Some(Item::Image(Image::None)),
            };
        }
        let (name, inside) = ahead.function()?;
        inside.whole(|text| function(&name, text))
    })
}

fn function(name: &str, text: &mut Cursor<'_, '_>) -> Option<Item> {
    Some(match name {
        "attr" => {
            let name = text.ident()?.to_ascii_lowercase();
            // A type and a fallback may follow; text is what is shown.
            text.until(|_| false);
            Item::Attribute(name.into())
        }
        "counter" => Item::Counter(text.ident()?.into(), style_behind_comma(text)?),
        "counters" => {
            let name = text.ident()?.into();
            if !text.comma() {
                return None;
            }
            Item::Counters(name, text.string()?.into(), style_behind_comma(text)?)
        }
        "string" => Item::String(text.ident()?.into(), which(text)?),
        "element" => Item::Element(text.ident()?.into(), which(text)?),
        "content" => {
            text.until(|_| false);
            Item::OwnText
        }
        "leader" => {
            let dots = text.keyword(&[("dotted", "."), ("solid", "_"), ("space", " ")]);
            Item::Leader(match dots {
                Some(dots) => dots.into(),
                None => text.string()?.into(),
            })
        }
        "target-counter" | "target-text" => {
            let address = match text.url().or_else(|| text.string()) {
                Some(address) => Ok(address.into()),
                None => {
                    let (name, mut inside) = text.function()?;
                    if &*name != "attr" {
                        return None;
                    }
                    Err(inside.ident()?.to_ascii_lowercase().into())
                }
            };
            let counter = if name == "target-counter" {
                if !text.comma() {
                    return None;
                }
                Some((text.ident()?.into(), style_behind_comma(text)?))
            } else {
                text.until(|_| false);
                None
            };
            Item::Target(Rc::new(TargetRef { address, counter }))
        }
        _ => return None,
    })
}

fn style_behind_comma(text: &mut Cursor<'_, '_>) -> Option<ListStyle> {
    if text.comma() {
        ListStyle::parse(text)
    } else {
        Some(ListStyle::Decimal)
    }
}

fn which(text: &mut Cursor<'_, '_>) -> Option<Which> {
    if !text.comma() {
        return Some(Which::First);
    }
    text.keyword(&[
        ("first", Which::First),
        ("start", Which::Start),
        ("last", Which::Last),
        ("first-except", Which::FirstExcept),
    ])
}

/// How a number of a list or a counter looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum ListStyle {
    #[default]
    Disc,
    Circle,
    Square,
    DisclosureOpen,
    DisclosureClosed,
    None,
    Decimal,
    DecimalLeadingZero,
    LowerRoman,
    UpperRoman,
    LowerAlpha,
    UpperAlpha,
    LowerGreek,
    /// A text of its own.
    Text(Rc<str>),
}

plain!(ListStyle);

impl Parse for ListStyle {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if let Some(string) = text.string() {
            return Some(ListStyle::Text(string.into()));
        }
        text.attempt(|ahead| {
            Some(match &*ahead.word()? {
                "disc" => ListStyle::Disc,
                "circle" => ListStyle::Circle,
                "square" => ListStyle::Square,
                "disclosure-open" => ListStyle::DisclosureOpen,
                "disclosure-closed" => ListStyle::DisclosureClosed,
                "none" => ListStyle::None,
                "decimal" => ListStyle::Decimal,
                "decimal-leading-zero" => ListStyle::DecimalLeadingZero,
                "lower-roman" => ListStyle::LowerRoman,
                "upper-roman" => ListStyle::UpperRoman,
                "lower-alpha" | "lower-latin" => ListStyle::LowerAlpha,
                "upper-alpha" | "upper-latin" => ListStyle::UpperAlpha,
                "lower-greek" => ListStyle::LowerGreek,
                _ => return None,
            })
        })
    }
}

/// Counters that an element makes, moves on or sets, with the number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counters<const DEFAULT: i32>(pub(crate) Rc<[(Rc<str>, i32)]>);

impl<const DEFAULT: i32> Parse for Counters<DEFAULT> {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(Counters(Rc::from([])));
        }
        let mut all = Vec::new();
        while let Some(name) = text.ident() {
            all.push((name.into(), text.integer().unwrap_or(DEFAULT)));
        }
        (!all.is_empty()).then(|| Counters(all.into()))
    }
}

impl<const DEFAULT: i32> Compute for Counters<DEFAULT> {
    type Computed = Rc<[(Rc<str>, i32)]>;

    fn compute(&self, _: &Context) -> Rc<[(Rc<str>, i32)]> {
        self.0.clone()
    }
}

/// Pairs of quotes, the outermost first; `None` is as the language has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Quotes(pub(crate) Option<Rc<[QuotePair]>>);

/// What opens, and what closes.
type QuotePair = (Rc<str>, Rc<str>);

plain!(Quotes);

impl Parse for Quotes {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("auto") {
            return Some(Quotes(None));
        }
        if text.is_word("none") {
            return Some(Quotes(Some(Rc::from([]))));
        }
        let mut pairs = Vec::new();
        while let Some(open) = text.string() {
            pairs.push((open.into(), text.string()?.into()));
        }
        (!pairs.is_empty()).then(|| Quotes(Some(pairs.into())))
    }
}

/// Strings that an element names for page margins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StringSet(pub(crate) Rc<[NamedItems]>);

/// A string: its name, and what it consists of.
type NamedItems = (Rc<str>, Rc<[Item]>);

plain!(StringSet);

impl Parse for StringSet {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("none") {
            return Some(StringSet::default());
        }
        let mut all = Vec::new();
        loop {
            let name = text.ident()?.into();
            all.push((name, items(text)?.into()));
            if !text.comma() {
                return Some(StringSet(all.into()));
            }
        }
    }
}

/// A name that an author chose, or `auto`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Name(pub(crate) Option<Rc<str>>);

plain!(Name);

impl Parse for Name {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        if text.is_word("auto") {
            return Some(Name(None));
        }
        text.ident().map(|name| Name(Some(name.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn read(text: &str) -> Option<Content> {
        let tokens = tokenize(text);
        Cursor::new(&tokens).whole(Content::parse)
    }

    #[test]
    fn everything_that_can_stand_there() {
        let Some(Content::Items(items)) = read(
            r#""a" attr(Data-X) counter(page) counters(c, ".", upper-roman) open-quote string(s, last) leader('.')"#,
        ) else {
            unreachable!()
        };
        assert_eq!(
            *items,
            [
                Item::Text("a".into()),
                Item::Attribute("data-x".into()),
                Item::Counter("page".into(), ListStyle::Decimal),
                Item::Counters("c".into(), ".".into(), ListStyle::UpperRoman),
                Item::OpenQuote,
                Item::String("s".into(), Which::Last),
                Item::Leader(".".into()),
            ]
        );
        assert_eq!(read("none"), Some(Content::None));
        for wrong in ["", "counter()", "counters(a)", "blah", "\"a\" none"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn counters() {
        let tokens = tokenize("a 3 b c -1");
        let found = Cursor::new(&tokens).whole(Counters::<1>::parse).unwrap();
        let found: Vec<_> = found.0.iter().map(|(name, n)| (&**name, *n)).collect();
        assert_eq!(found, [("a", 3), ("b", 1), ("c", -1)]);
    }
}
