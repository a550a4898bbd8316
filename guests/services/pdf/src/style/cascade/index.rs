//! Rules by what they may select, so that an element is held against few of them.

use std::collections::HashMap;

use html5ever::LocalName;

use super::Origin;
use crate::css::selector::{Selector, Simple};
use crate::css::sheet::{Rule, Sheets};
use crate::dom::Element;

/// Rules by what their rightmost part must be.
#[derive(Default)]
pub(super) struct Index<'a> {
    ids: HashMap<&'a str, Vec<Entry<'a>>>,
    classes: HashMap<&'a str, Vec<Entry<'a>>>,
    tags: HashMap<&'a LocalName, Vec<Entry<'a>>>,
    others: Vec<Entry<'a>>,
}

/// A selector of a rule.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) origin: Origin,
    pub(super) rule: &'a Rule,
    pub(super) selector: &'a Selector,
    pub(super) order: usize,
}

impl<'a> Index<'a> {
    /// Adds the rules of sheets. Where a document is old, ids and classes are not told apart by case.
    pub(super) fn add(&mut self, origin: Origin, sheets: &'a Sheets, quirks: bool) {
        for (order, rule) in sheets.rules.iter().enumerate() {
            for selector in rule.selectors.iter() {
                let entry = Entry {
                    origin,
                    rule,
                    selector,
                    order,
                };
                self.place(selector, quirks).push(entry);
            }
        }
    }

    fn place(&mut self, selector: &'a Selector, quirks: bool) -> &mut Vec<Entry<'a>> {
        let simples = selector.compounds.first().map_or(&[][..], |(_, all)| all);
        let find = |wanted: fn(&Simple) -> bool| simples.iter().find(|simple| wanted(simple));
        if !quirks {
            if let Some(Simple::Id(id)) = find(|simple| matches!(simple, Simple::Id(_))) {
                return self.ids.entry(id).or_default();
            }
            if let Some(Simple::Class(class)) = find(|simple| matches!(simple, Simple::Class(_))) {
                return self.classes.entry(class).or_default();
            }
        }
        if let Some(Simple::Tag(name)) = find(|simple| matches!(simple, Simple::Tag(_))) {
            return self.tags.entry(name).or_default();
        }
        &mut self.others
    }

    /// Whatever may select the element.
    pub(super) fn candidates(&self, element: &Element) -> impl Iterator<Item = &Entry<'a>> {
        let by_id = element.id().and_then(|id| self.ids.get(id));
        let by_tag = self.tags.get(&element.name);
        let by_class = element
            .classes()
            .filter_map(|class| self.classes.get(class));
        by_id
            .into_iter()
            .chain(by_class)
            .chain(by_tag)
            .flatten()
            .chain(&self.others)
    }
}
