//! What page margins know of their page: named strings and running elements, as they are on it.

use std::collections::HashMap;
use std::rc::Rc;

use super::Slots;
use crate::boxes::{BoxId, Named, Strings, Tree};
use crate::dom::NodeId;

/// For every page, from the first.
pub(crate) fn strings(
    tree: &Tree,
    running: &[(Rc<str>, NodeId, BoxId)],
    slots: &mut Slots,
    pages: usize,
) -> Vec<Strings> {
    let mut texts: Vec<(usize, Rc<str>, Rc<str>)> = Vec::new();
    for id in tree.ids() {
        let one = tree.get(id);
        if one.strings.is_empty() {
            continue;
        }
        let page = slots.index_at(one.strip.top);
        texts.extend(
            one.strings
                .iter()
                .map(|(name, text)| (page, name.clone(), text.clone())),
        );
    }
    texts.sort_by_key(|(page, ..)| *page);
    let mut elements: Vec<(usize, Rc<str>, NodeId)> = running
        .iter()
        .map(|(name, node, mark)| {
            (
                slots.index_at(tree.get(*mark).strip.top),
                name.clone(),
                *node,
            )
        })
        .collect();
    elements.sort_by_key(|(page, ..)| *page);
    let mut texts = Running::new(texts);
    let mut elements = Running::new(elements);
    (0..pages)
        .map(|page| Strings {
            page: page + 1,
            pages,
            named: texts.page(page),
            elements: elements.page(page),
        })
        .collect()
}

/// Values by name, from page to page.
struct Running<T> {
    all: std::vec::IntoIter<(usize, Rc<str>, T)>,
    next: Option<(usize, Rc<str>, T)>,
    last: HashMap<Rc<str>, T>,
}

impl<T: Clone> Running<T> {
    fn new(all: Vec<(usize, Rc<str>, T)>) -> Running<T> {
        let mut all = all.into_iter();
        let next = all.next();
        Running {
            all,
            next,
            last: HashMap::new(),
        }
    }

    /// What the names mean on the page that comes next.
    fn page(&mut self, page: usize) -> Vec<(Rc<str>, Named<T>)> {
        let mut out: Vec<(Rc<str>, Named<T>)> = self
            .last
            .iter()
            .map(|(name, value)| {
                let named = Named {
                    start: Some(value.clone()),
                    first: None,
                    last: None,
                };
                (name.clone(), named)
            })
            .collect();
        while let Some((_, name, value)) = self.next.take_if(|(own, ..)| *own <= page) {
            self.last.insert(name.clone(), value.clone());
            match out.iter_mut().find(|(known, _)| *known == name) {
                Some((_, named)) => {
                    named.first.get_or_insert_with(|| value.clone());
                    named.last = Some(value);
                }
                None => out.push((
                    name,
                    Named {
                        start: None,
                        first: Some(value.clone()),
                        last: Some(value),
                    },
                )),
            }
            self.next = self.all.next();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::values::content::Which;

    #[test]
    fn values_are_carried_over_pages() {
        let name: Rc<str> = "title".into();
        let all = vec![
            (0, name.clone(), "a"),
            (2, name.clone(), "b"),
            (2, name.clone(), "c"),
        ];
        let mut running = Running::new(all);
        let mut seen = Vec::new();
        for page in 0..4 {
            let named = running.page(page).remove(0).1;
            seen.push(
                [Which::First, Which::Start, Which::Last, Which::FirstExcept]
                    .map(|which| named.get(which).copied()),
            );
        }
        assert_eq!(seen[0], [Some("a"), None, Some("a"), None]);
        assert_eq!(seen[1], [Some("a"), Some("a"), Some("a"), Some("a")]);
        assert_eq!(seen[2], [Some("b"), Some("a"), Some("c"), None]);
        assert_eq!(seen[3], [Some("c"), Some("c"), Some("c"), Some("c")]);
    }
}
