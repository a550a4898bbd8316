//! Selectors: read once, then held against elements from right to left.

mod read;

use std::rc::Rc;

use html5ever::LocalName;

pub(crate) use read::parse;

/// One selector of a list, with what it counts.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    /// The rightmost compound first; each but that one with the combinator to its right.
    pub(crate) compounds: Vec<(Combinator, Compound)>,
    pub(crate) pseudo: Option<PseudoElement>,
    pub(crate) specificity: Specificity,
}

pub(crate) type Selectors = Rc<[Selector]>;

/// Ids, classes, elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Specificity(pub(crate) u16, pub(crate) u16, pub(crate) u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Combinator {
    /// The rightmost compound has nothing to its right.
    None,
    Descendant,
    Child,
    NextSibling,
    LaterSibling,
}

pub(crate) type Compound = Vec<Simple>;

#[derive(Clone, Debug)]
pub(crate) enum Simple {
    Universal,
    Tag(LocalName),
    Id(Box<str>),
    Class(Box<str>),
    Attribute {
        name: LocalName,
        test: Test,
        any_case: bool,
    },
    Is(Selectors),
    Not(Selectors),
    /// Each with the combinator that it begins with.
    Has(Rc<[(Combinator, Selector)]>),
    Nth(Nth),
    Root,
    Empty,
    Link,
    Checked,
    Disabled,
    Enabled,
    Lang(Rc<[Box<str>]>),
    /// What nothing printed is: hovered, focused, visited, and whatever is not known.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Exists,
    Equals(Box<str>),
    Word(Box<str>),
    Dash(Box<str>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    Contains(Box<str>),
}

/// `an + b`, counted from either end, among all siblings, those of one name, or those that match.
#[derive(Clone, Debug)]
pub(crate) struct Nth {
    pub(crate) a: i32,
    pub(crate) b: i32,
    pub(crate) from_end: bool,
    pub(crate) of_type: bool,
    pub(crate) of: Option<Selectors>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PseudoElement {
    Before,
    After,
    Marker,
    FirstLetter,
}

/// What a selector counts: the sum over its parts, as far as numbers go.
fn specificity(selector: &Selector) -> Specificity {
    let mut sum = Specificity::default();
    let most = |selectors: &Selectors| {
        selectors
            .iter()
            .map(|selector| selector.specificity)
            .max()
            .unwrap_or_default()
    };
    for simple in selector.compounds.iter().flat_map(|(_, compound)| compound) {
        let own = match simple {
            Simple::Universal | Simple::Never => Specificity::default(),
            Simple::Tag(_) => Specificity(0, 0, 1),
            Simple::Id(_) => Specificity(1, 0, 0),
            Simple::Is(selectors) | Simple::Not(selectors) => most(selectors),
            Simple::Has(all) => all
                .iter()
                .map(|(_, selector)| selector.specificity)
                .max()
                .unwrap_or_default(),
            Simple::Nth(nth) => {
                let of = nth.of.as_ref().map(most).unwrap_or_default();
                Specificity(of.0, of.1.saturating_add(1), of.2)
            }
            _ => Specificity(0, 1, 0),
        };
        sum = Specificity(
            sum.0.saturating_add(own.0),
            sum.1.saturating_add(own.1),
            sum.2.saturating_add(own.2),
        );
    }
    if selector.pseudo.is_some() {
        sum.2 = sum.2.saturating_add(1);
    }
    sum
}
