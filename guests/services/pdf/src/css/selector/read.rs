//! Reading selectors, from left to right.

use std::rc::Rc;

use html5ever::LocalName;

use super::{
    Combinator, Compound, Nth, PseudoElement, Selector, Selectors, Simple, Specificity, Test,
    specificity,
};
use crate::budget::NESTING_MAX;
use crate::css::cursor::{Cursor, lower};
use crate::css::token::{Bracket, Token};

/// Compounds of one selector: the matcher goes down a level for each.
const COMPOUNDS_MAX: usize = 32;

/// Reads a list of selectors. `None` where one of them is invalid: the rule is then none at all.
pub(crate) fn parse(text: Cursor<'_, '_>, parent: Option<&Selectors>) -> Option<Selectors> {
    list(text, parent, 0).filter(|selectors| !selectors.is_empty())
}

fn list(text: Cursor<'_, '_>, parent: Option<&Selectors>, depth: usize) -> Option<Selectors> {
    if depth > NESTING_MAX {
        return None;
    }
    let read = Read { parent, depth };
    text.parts()
        .into_iter()
        .map(|part| read.complex(part))
        .collect::<Option<Vec<_>>>()
        .map(Rc::from)
}

/// `:is()` and `:where()` forgive what they do not know.
fn forgiving(text: Cursor<'_, '_>, parent: Option<&Selectors>, depth: usize) -> Selectors {
    let read = Read { parent, depth };
    if depth > NESTING_MAX {
        return Rc::from([]);
    }
    text.parts()
        .into_iter()
        .filter_map(|part| read.complex(part))
        .collect::<Vec<_>>()
        .into()
}

struct Read<'p> {
    /// What `&` stands for.
    parent: Option<&'p Selectors>,
    depth: usize,
}

impl Read<'_> {
    fn complex(&self, text: Cursor<'_, '_>) -> Option<Selector> {
        let nested = text
            .rest()
            .iter()
            .any(|spanned| spanned.token == Token::Delim('&'));
        let (first, mut selector) = self.relative(text)?;
        // A rule within a rule stands below it, unless it says otherwise.
        let link = match first {
            Combinator::None if nested => None,
            Combinator::None => self.parent.map(|_| Combinator::Descendant),
            first => Some(first),
        };
        if let Some(link) = link {
            let parent = self.parent?;
            selector
                .compounds
                .push((link, vec![Simple::Is(parent.clone())]));
        }
        selector.specificity = specificity(&selector);
        Some(selector)
    }

    /// A selector and the combinator it begins with.
    fn relative(&self, mut text: Cursor<'_, '_>) -> Option<(Combinator, Selector)> {
        text.space();
        let first = combinator(&mut text).unwrap_or(Combinator::None);
        text.space();
        let mut compounds: Vec<(Combinator, Compound)> = Vec::new();
        let mut link = Combinator::None;
        let mut pseudo = None;
        loop {
            let compound = self.compound(&mut text, &mut pseudo)?;
            compounds.push((link, compound));
            if compounds.len() > COMPOUNDS_MAX {
                return None;
            }
            let spaced = text.space();
            if text.is_done() {
                break;
            }
            if pseudo.is_some() {
                return None;
            }
            link = match combinator(&mut text) {
                Some(found) => found,
                None if spaced => Combinator::Descendant,
                None => return None,
            };
            text.space();
        }
        let mut selector = Selector {
            compounds,
            pseudo,
            specificity: Specificity::default(),
        };
        selector.compounds.reverse();
        // Read from the left, a combinator came with the compound to its right; it belongs to the one to its left.
        let links: Vec<Combinator> = selector.compounds.iter().map(|(link, _)| *link).collect();
        for (at, compound) in selector.compounds.iter_mut().enumerate() {
            compound.0 = match at.checked_sub(1) {
                Some(before) => links[before],
                None => Combinator::None,
            };
        }
        selector.specificity = specificity(&selector);
        Some((first, selector))
    }

    fn compound(
        &self,
        text: &mut Cursor<'_, '_>,
        pseudo: &mut Option<PseudoElement>,
    ) -> Option<Compound> {
        let mut compound = Compound::new();
        loop {
            let simple = match text.peek() {
                Some(Token::Ident(name)) if compound.is_empty() => {
                    text.next();
                    Simple::Tag(LocalName::from(&*lower(name)))
                }
                Some(Token::Delim('*')) if compound.is_empty() => {
                    text.next();
                    Simple::Universal
                }
                Some(Token::Delim('&')) => {
                    text.next();
                    match self.parent {
                        Some(parent) => Simple::Is(parent.clone()),
                        None => Simple::Root,
                    }
                }
                Some(Token::Hash(id, true)) => {
                    text.next();
                    Simple::Id((**id).into())
                }
                Some(Token::Delim('.')) => {
                    text.next();
                    match text.next()? {
                        Token::Ident(name) => Simple::Class((**name).into()),
                        _ => return None,
                    }
                }
                Some(Token::Open(Bracket::Square)) => {
                    text.next();
                    attribute(text.inside(Bracket::Square))?
                }
                Some(Token::Colon) => {
                    text.next();
                    match self.pseudo(text, pseudo)? {
                        Some(simple) => simple,
                        None => Simple::Universal,
                    }
                }
                _ => break,
            };
            compound.push(simple);
        }
        (!compound.is_empty()).then_some(compound)
    }

    /// A pseudo-class, or `None` inside where it was a pseudo-element.
    fn pseudo(
        &self,
        text: &mut Cursor<'_, '_>,
        pseudo: &mut Option<PseudoElement>,
    ) -> Option<Option<Simple>> {
        let doubled = text.peek() == Some(&Token::Colon);
        if doubled {
            text.next();
        }
        match text.next()? {
            Token::Ident(name) => {
                let name = lower(name);
                if let Some(element) = pseudo_element(&name, doubled) {
                    *pseudo = Some(element);
                    return Some(None);
                }
                if doubled {
                    // A pseudo-element that nothing printed has.
                    return Some(Some(Simple::Never));
                }
                plain_class(&name).map(Some)
            }
            Token::Function(name) => {
                let name = lower(name);
                let inside = text.inside(Bracket::Round);
                if doubled {
                    return Some(Some(Simple::Never));
                }
                self.functional(&name, inside).map(Some)
            }
            _ => None,
        }
    }

    fn functional(&self, name: &str, inside: Cursor<'_, '_>) -> Option<Simple> {
        let depth = self.depth + 1;
        Some(match name {
            "is" | "matches" | "-webkit-any" | "-moz-any" => {
                Simple::Is(forgiving(inside, self.parent, depth))
            }
            "where" => Simple::Is(
                forgiving(inside, self.parent, depth)
                    .iter()
                    .map(|selector| Selector {
                        specificity: Specificity::default(),
                        ..selector.clone()
                    })
                    .collect(),
            ),
            "not" => Simple::Not(list(inside, self.parent, depth)?),
            "has" => {
                let read = Read {
                    parent: self.parent,
                    depth,
                };
                if depth > NESTING_MAX {
                    return None;
                }
                let all: Option<Vec<_>> = inside
                    .parts()
                    .into_iter()
                    .map(|part| read.relative(part))
                    .collect();
                Simple::Has(all?.into())
            }
            "nth-child" => nth(inside, false, false, self.parent, depth)?,
            "nth-last-child" => nth(inside, true, false, self.parent, depth)?,
            "nth-of-type" => nth(inside, false, true, self.parent, depth)?,
            "nth-last-of-type" => nth(inside, true, true, self.parent, depth)?,
            "lang" => {
                let mut names: Vec<Box<str>> = Vec::new();
                for mut part in inside.parts() {
                    let name = part.string().or_else(|| part.ident())?;
                    names.push(name.to_ascii_lowercase().into());
                }
                Simple::Lang(names.into())
            }
            _ => return None,
        })
    }
}

fn combinator(text: &mut Cursor<'_, '_>) -> Option<Combinator> {
    let found = match text.peek()? {
        Token::Delim('>') => Combinator::Child,
        Token::Delim('+') => Combinator::NextSibling,
        Token::Delim('~') => Combinator::LaterSibling,
        _ => return None,
    };
    text.next();
    Some(found)
}

fn pseudo_element(name: &str, doubled: bool) -> Option<PseudoElement> {
    Some(match name {
        "before" => PseudoElement::Before,
        "after" => PseudoElement::After,
        "first-letter" => PseudoElement::FirstLetter,
        "marker" if doubled => PseudoElement::Marker,
        _ => return None,
    })
}

fn plain_class(name: &str) -> Option<Simple> {
    let nth = |b, from_end, of_type| {
        Simple::Nth(Nth {
            a: 0,
            b,
            from_end,
            of_type,
            of: None,
        })
    };
    let both = |of_type| {
        Simple::Is(Rc::from([Selector {
            compounds: vec![(
                Combinator::None,
                vec![nth(1, false, of_type), nth(1, true, of_type)],
            )],
            pseudo: None,
            specificity: Specificity(0, 1, 0),
        }]))
    };
    Some(match name {
        "root" | "scope" => Simple::Root,
        "empty" => Simple::Empty,
        "first-child" => nth(1, false, false),
        "last-child" => nth(1, true, false),
        "only-child" => both(false),
        "first-of-type" => nth(1, false, true),
        "last-of-type" => nth(1, true, true),
        "only-of-type" => both(true),
        "link" | "any-link" => Simple::Link,
        "checked" => Simple::Checked,
        "disabled" => Simple::Disabled,
        "enabled" => Simple::Enabled,
        "defined" => Simple::Universal,
        "hover" | "focus" | "active" | "visited" | "target" | "focus-within" | "focus-visible"
        | "placeholder-shown" | "invalid" | "valid" | "required" | "optional" | "read-only"
        | "read-write" | "indeterminate" | "default" | "autofill" | "fullscreen" | "open"
        | "popover-open" | "modal" | "target-within" | "in-range" | "out-of-range"
        | "user-invalid" | "user-valid" | "blank" | "host" | "playing" | "paused" => Simple::Never,
        _ => return None,
    })
}

fn attribute(mut text: Cursor<'_, '_>) -> Option<Simple> {
    let mut name = text.ident()?;
    // A namespace before the name is passed over: `[xlink|href]`, `[*|href]`.
    if text.peek() == Some(&Token::Delim('|')) {
        let mut ahead = text;
        ahead.next();
        if let Some(Token::Ident(local)) = ahead.peek() {
            ahead.next();
            name = local;
            text = ahead;
        }
    }
    let name = LocalName::from(&*lower(name));
    text.space();
    if text.peek().is_none() {
        return Some(Simple::Attribute {
            name,
            test: Test::Exists,
            any_case: false,
        });
    }
    let make: fn(Box<str>) -> Test = match text.next()? {
        Token::Delim('=') => Test::Equals,
        Token::Delim(sign) => {
            if text.next() != Some(&Token::Delim('=')) {
                return None;
            }
            match sign {
                '~' => Test::Word,
                '|' => Test::Dash,
                '^' => Test::Prefix,
                '$' => Test::Suffix,
                '*' => Test::Contains,
                _ => return None,
            }
        }
        _ => return None,
    };
    let value: Box<str> = text.string().or_else(|| text.ident())?.into();
    let any_case = match text.word().as_deref() {
        None => false,
        Some("i") => true,
        Some("s") => false,
        Some(_) => return None,
    };
    text.is_done().then_some(Simple::Attribute {
        name,
        test: make(value),
        any_case,
    })
}

fn nth(
    mut text: Cursor<'_, '_>,
    from_end: bool,
    of_type: bool,
    parent: Option<&Selectors>,
    depth: usize,
) -> Option<Simple> {
    let (a, b) = crate::css::nth::read(&mut text)?;
    let of = if text.is_done() {
        None
    } else if !of_type && text.is_word("of") {
        text.space();
        Some(list(Cursor::new(text.rest()), parent, depth)?)
    } else {
        return None;
    };
    Some(Simple::Nth(Nth {
        a,
        b,
        from_end,
        of_type,
        of,
    }))
}
