//! Generated content: what `content` says, counters on the way, and strings for page margins.

use std::rc::Rc;

use html5ever::{LocalName, local_name};

use super::build::Builder;
use super::format_counter;
use super::pieces::{Content, Piece};
use crate::css::property::Style;
use crate::css::selector::PseudoElement;
use crate::css::values::boxes::Display;
use crate::css::values::content::{Content as Said, Item, TargetRef, Which};
use crate::css::values::image::Image;
use crate::css::values::keyword::Float;
use crate::dom::{Element, Kind as NodeKind, NodeId};

/// What the margins of one page know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strings {
    /// From 1.
    pub(crate) page: usize,
    pub(crate) pages: usize,
    /// Strings by name.
    pub(crate) named: Vec<(Rc<str>, Named<Rc<str>>)>,
    /// Elements that run in margins, by name.
    pub(crate) elements: Vec<(Rc<str>, Named<NodeId>)>,
}

/// A value as the page begins, the first and the last that it sets.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    pub(crate) start: Option<T>,
    pub(crate) first: Option<T>,
    pub(crate) last: Option<T>,
}

impl<T> Named<T> {
    pub(crate) fn get(&self, which: Which) -> Option<&T> {
        match which {
            Which::First => self.first.as_ref().or(self.start.as_ref()),
            Which::Start => self.start.as_ref(),
            Which::Last => self.last.as_ref().or(self.start.as_ref()),
            Which::FirstExcept => match &self.first {
                Some(_) => None,
                None => self.start.as_ref(),
            },
        }
    }
}

impl Builder<'_, '_> {
    /// Moves counters on at an element.
    pub(super) fn count(&mut self, id: NodeId, element: &Element, style: &Style, depth: usize) {
        let list_item: Rc<str> = "list-item".into();
        let mentions = |all: &[(Rc<str>, i32)]| all.iter().any(|(name, _)| *name == list_item);
        let whole = |name: &LocalName| {
            element
                .attribute(name)
                .and_then(|value| value.trim().parse::<i32>().ok())
                .map(|value| value.clamp(-1_000_000, 1_000_000))
        };
        let is_list = matches!(
            element.name,
            local_name!("ol") | local_name!("ul") | local_name!("menu") | local_name!("dir")
        );
        let is_reversed = element.attribute(&local_name!("reversed")).is_some();
        if is_list && !mentions(&style.counter_reset) {
            let first = match whole(&local_name!("start")) {
                Some(start) => start - if is_reversed { -1 } else { 1 },
                None if is_reversed => i32::try_from(element.element_children).unwrap_or(0) + 1,
                None => 0,
            };
            self.counters.reset(&list_item, first, depth);
        }
        for (name, value) in style.counter_reset.iter() {
            self.counters.reset(name, *value, depth);
        }
        if style.display == Display::ListItem && !mentions(&style.counter_increment) {
            let by = if self.is_in_reversed(id) { -1 } else { 1 };
            self.counters.increment(&list_item, by, depth);
        }
        for (name, by) in style.counter_increment.iter() {
            self.counters.increment(name, *by, depth);
        }
        if element.name == local_name!("li")
            && let Some(value) = whole(&local_name!("value"))
        {
            self.counters.set(&list_item, value, depth);
        }
        for (name, value) in style.counter_set.iter() {
            self.counters.set(name, *value, depth);
        }
    }

    fn is_in_reversed(&self, id: NodeId) -> bool {
        let dom = self.sources.dom;
        dom.parent_element(id)
            .and_then(|parent| dom.element(parent))
            .is_some_and(|parent| parent.attribute(&local_name!("reversed")).is_some())
    }

    /// Notes the strings that an element names.
    pub(super) fn name_strings(&mut self, id: NodeId, style: &Rc<Style>) {
        if style.string_set.0.is_empty() || self.margins.is_some() {
            return;
        }
        for (name, items) in style.string_set.0.clone().iter() {
            let text = self.text_of(id, items);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.strings.push((name.clone(), text.into()));
        }
    }

    /// The text of `::before` and the like, where an element has one.
    pub(super) fn generated(
        &mut self,
        id: NodeId,
        pseudo: PseudoElement,
        content: &mut Content,
        depth: usize,
    ) {
        let Some(style) = self.sources.styles.pseudo(id, pseudo).cloned() else {
            return;
        };
        if style.display == Display::None {
            return;
        }
        for (name, value) in style.counter_reset.iter() {
            self.counters.reset(name, *value, depth);
        }
        for (name, by) in style.counter_increment.iter() {
            self.counters.increment(name, *by, depth);
        }
        let Said::Items(items) = &style.content else {
            return;
        };
        self.flush_parts(content);
        let is_inline = style.display == Display::Inline && style.float == Float::None;
        if is_inline && !content.items {
            content.open(None, style.clone());
            self.pieces(id, &style, items, content);
            content.close();
            return;
        }
        let kind = match style.display {
            Display::Flex | Display::InlineFlex => super::Kind::Flex,
            Display::Grid | Display::InlineGrid => super::Kind::Grid,
            _ => super::Kind::Block,
        };
        let is_items = !matches!(kind, super::Kind::Block);
        let made = self.tree.add(None, style.clone(), kind);
        let mut inner = Content::new(style.clone(), is_items);
        self.pieces(id, &style, items, &mut inner);
        self.finish(made, inner);
        self.place(made, &style, content);
    }

    /// The items of a `content`, as pieces of a line.
    pub(super) fn pieces(
        &mut self,
        id: NodeId,
        style: &Rc<Style>,
        items: &[Item],
        content: &mut Content,
    ) {
        for item in items {
            match item {
                Item::Image(Image::Url(url)) => {
                    if let Some(picture) = self.sources.pictures.load(url, self.sources.warnings) {
                        let inline = Rc::new(Style {
                            display: Display::InlineBlock,
                            ..Style::child_of(style)
                        });
                        let made = self.tree.add(None, inline, super::Kind::Picture(picture));
                        content.run.push(Piece::Atomic(made));
                    }
                }
                Item::Element(name, which) => {
                    let found = self.margins.and_then(|margins| {
                        let (_, named) = margins.elements.iter().find(|(own, _)| own == name)?;
                        named.get(*which).copied()
                    });
                    if let Some(found) = found {
                        self.child(found, style, content, 1);
                    }
                }
                Item::Leader(text) => {
                    content.run.push(Piece::Leader(style.clone(), text.clone()));
                }
                other => {
                    let text = self.text_of(id, std::slice::from_ref(other));
                    if !text.is_empty() {
                        content.run.push(Piece::Text(style.clone(), text));
                    }
                }
            }
        }
    }

    /// What a marker's own `content` says; `None` where it says nothing.
    pub(super) fn items_of(&mut self, id: NodeId, style: &Rc<Style>) -> Option<String> {
        match &style.content {
            Said::Items(items) => Some(self.text_of(id, &items.clone())),
            Said::None => Some(String::new()),
            Said::Normal => None,
        }
    }

    /// The text of items; pictures have none.
    pub(super) fn text_of(&mut self, id: NodeId, items: &[Item]) -> String {
        let mut out = String::new();
        for item in items {
            match item {
                Item::Text(text) => out.push_str(text),
                Item::Attribute(name) => {
                    let value = self
                        .sources
                        .dom
                        .element(id)
                        .and_then(|element| element.attribute(&LocalName::from(&**name)));
                    out.push_str(value.unwrap_or_default());
                }
                Item::Counter(name, style) => {
                    out += &format_counter(self.counter(name), style);
                }
                Item::Counters(name, between, style) => {
                    let all: Vec<String> = self
                        .counters
                        .values(name)
                        .into_iter()
                        .map(|value| format_counter(value, style))
                        .collect();
                    out += &all.join(between);
                }
                Item::OpenQuote | Item::CloseQuote => {
                    out += &self.quote(id, *item == Item::OpenQuote);
                }
                Item::NoQuote(open) => {
                    let quotes = &mut self.counters.quotes;
                    *quotes = if *open {
                        *quotes + 1
                    } else {
                        quotes.saturating_sub(1)
                    };
                }
                Item::String(name, which) => {
                    let found = self.margins.and_then(|margins| {
                        let (_, named) = margins.named.iter().find(|(n, _)| n == name)?;
                        named.get(*which)
                    });
                    out.push_str(found.map_or("", |text| text));
                }
                Item::Target(target) => out += &self.target(id, target),
                Item::OwnText => out += &self.sources.dom.text(id),
                Item::Image(_) | Item::Element(..) | Item::Leader(_) => {}
            }
        }
        out
    }

    /// A counter's value; those of pages are known in page margins alone.
    fn counter(&self, name: &str) -> i32 {
        let of = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        match (name, self.margins) {
            ("page", Some(margins)) => of(margins.page),
            ("pages", Some(margins)) => of(margins.pages),
            _ => self.counters.value(name),
        }
    }

    /// What another place in the document is: its page, or its text.
    fn target(&mut self, id: NodeId, target: &TargetRef) -> String {
        let dom = self.sources.dom;
        let address = match &target.address {
            Ok(address) => address.to_string(),
            Err(name) => {
                let value = dom
                    .element(id)
                    .and_then(|element| element.attribute(&LocalName::from(&**name)));
                value.unwrap_or_default().to_owned()
            }
        };
        let Some(wanted) = address.strip_prefix('#') else {
            return String::new();
        };
        let found = dom.walk().find(|id| {
            dom.element(*id)
                .is_some_and(|element| element.id() == Some(wanted))
        });
        let Some(found) = found else {
            return String::new();
        };
        match &target.counter {
            None => dom
                .text(found)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            Some((_, style)) => {
                self.asks_for_pages = true;
                let page = self.sources.pages_of.get(&found).copied().unwrap_or(0);
                format_counter(i32::try_from(page).unwrap_or(i32::MAX), style)
            }
        }
    }

    /// An opening or a closing quote, as the style or the language has it at this depth.
    fn quote(&mut self, id: NodeId, opens: bool) -> String {
        if !opens {
            self.counters.quotes = self.counters.quotes.saturating_sub(1);
        }
        let depth = self.counters.quotes;
        if opens {
            self.counters.quotes += 1;
        }
        let style = self.sources.styles.of(id);
        let pair =
            |(open, close): &(Rc<str>, Rc<str>)| if opens { open } else { close }.to_string();
        match &style.quotes.0 {
            Some(pairs) => pairs
                .get(depth.min(pairs.len().saturating_sub(1)))
                .map(pair)
                .unwrap_or_default(),
            None => {
                let language = crate::css::matching::language(self.sources.dom, id);
                let [outer, inner] = quotes_of(language.as_deref().unwrap_or("en"));
                let (open, close) = if depth == 0 { outer } else { inner };
                if opens { open } else { close }.to_owned()
            }
        }
    }

    /// The first letter of a block where it looks different. Says whether the children were taken care of.
    pub(super) fn first_letter(&mut self, id: NodeId, content: &mut Content, depth: usize) -> bool {
        let Some(style) = self
            .sources
            .styles
            .pseudo(id, PseudoElement::FirstLetter)
            .cloned()
        else {
            return false;
        };
        let children = self.sources.dom.children(id).to_vec();
        let own = self.sources.styles.of(id).clone();
        let first = children.iter().position(|child| {
            !matches!(&self.sources.dom.node(*child).kind, NodeKind::Text(text) if text.trim().is_empty())
                && !matches!(self.sources.dom.node(*child).kind, NodeKind::Other)
        });
        let Some(at) = first else { return false };
        let NodeKind::Text(text) = &self.sources.dom.node(children[at]).kind else {
            return false;
        };
        let text = text.trim_start();
        let end = letter_end(text);
        let (letter, rest) = text.split_at(end);
        let (letter, rest) = (letter.to_owned(), rest.to_owned());
        if style.float == Float::None {
            content.open(None, style.clone());
            content.run.push(Piece::Text(style.clone(), letter));
            content.close();
        } else {
            let made = self.tree.add(None, style.clone(), super::Kind::Block);
            let mut inner = Content::new(style.clone(), false);
            inner.run.push(Piece::Text(style.clone(), letter));
            self.finish(made, inner);
            self.place(made, &style, content);
        }
        self.text(&own, rest, content);
        for child in &children[at + 1..] {
            self.child(*child, &own, content, depth);
        }
        true
    }
}

/// Where the first letter ends: punctuation around it belongs to it.
fn letter_end(text: &str) -> usize {
    let is_punctuation = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    let mut seen = false;
    for (at, c) in text.char_indices() {
        if seen && !(is_punctuation(c) && c != '-' && c != '–' && c != '—') {
            return at;
        }
        if c.is_whitespace() {
            return at;
        }
        if !is_punctuation(c) {
            seen = true;
        }
    }
    text.len()
}

type Pair = (&'static str, &'static str);

/// Quotes of a language: the outer ones, and those within.
fn quotes_of(language: &str) -> [Pair; 2] {
    let english = [("“", "”"), ("‘", "’")];
    match language.split('-').next().unwrap_or_default() {
        "de" | "cs" | "sk" | "sl" | "bg" | "lt" | "is" => [("„", "“"), ("‚", "‘")],
        "fr" => [("«", "»"), ("‹", "›")],
        "es" | "it" | "pt" | "el" | "no" | "nb" | "nn" | "ca" | "uk" | "ru" | "be" => {
            [("«", "»"), ("“", "”")]
        }
        "pl" | "ro" | "hr" | "hu" => [("„", "”"), ("«", "»")],
        "da" => [("»", "«"), ("›", "‹")],
        "sv" | "fi" => [("”", "”"), ("’", "’")],
        "ja" | "zh" => [("「", "」"), ("『", "』")],
        "he" => [("”", "”"), ("’", "’")],
        "nl" => [("‘", "’"), ("“", "”")],
        _ => english,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_letters_have_their_punctuation() {
        for (text, wanted) in [
            ("Abc", "A"),
            ("“Abc”", "“A"),
            ("Łódź", "Ł"),
            ("A” b", "A”"),
            ("-x", "-x"),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(&text[..letter_end(text)], wanted, "{text}");
        }
    }
}
