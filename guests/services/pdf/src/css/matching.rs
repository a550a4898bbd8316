//! Selectors held against elements.

use html5ever::{LocalName, local_name};

use super::nth::holds;
use super::selector::{Combinator, Compound, Nth, Selector, Selectors, Simple, Test};
use crate::dom::{Dom, Element, Kind, NodeId, Space};

/// Whether an element is what the selector, its pseudo-element aside, selects.
pub(crate) fn matches(dom: &Dom, id: NodeId, selector: &Selector) -> bool {
    matches_from(dom, id, selector, 0, None)
}

/// Matches the compounds from `at` on, to the left. For `:has()`, `scope` is the element that the search began at: the
/// leftmost compound stands in the given relation to it.
fn matches_from(
    dom: &Dom,
    id: NodeId,
    selector: &Selector,
    at: usize,
    scope: Option<(NodeId, Combinator)>,
) -> bool {
    let Some((_, compound)) = selector.compounds.get(at) else {
        return true;
    };
    if !matches_compound(dom, id, compound) {
        return false;
    }
    let Some((link, _)) = selector.compounds.get(at + 1) else {
        return scope.is_none_or(|(scope, link)| relates(dom, scope, link, id));
    };
    let further = |other: NodeId| matches_from(dom, other, selector, at + 1, scope);
    match link {
        Combinator::None | Combinator::Descendant => {
            let mut above = dom.parent_element(id);
            while let Some(other) = above {
                if further(other) {
                    return true;
                }
                above = dom.parent_element(other);
            }
            false
        }
        Combinator::Child => dom.parent_element(id).is_some_and(further),
        Combinator::NextSibling => dom.previous_element(id).is_some_and(further),
        Combinator::LaterSibling => dom.siblings_before(id).any(further),
    }
}

fn relates(dom: &Dom, scope: NodeId, link: Combinator, id: NodeId) -> bool {
    match link {
        Combinator::None | Combinator::Descendant => {
            let mut above = dom.parent_element(id);
            while let Some(other) = above {
                if other == scope {
                    return true;
                }
                above = dom.parent_element(other);
            }
            false
        }
        Combinator::Child => dom.parent_element(id) == Some(scope),
        Combinator::NextSibling => dom.previous_element(id) == Some(scope),
        Combinator::LaterSibling => dom.siblings_before(id).any(|other| other == scope),
    }
}

fn matches_compound(dom: &Dom, id: NodeId, compound: &Compound) -> bool {
    let Some(element) = dom.element(id) else {
        return false;
    };
    compound
        .iter()
        .all(|simple| matches_simple(dom, id, element, simple))
}

fn any(dom: &Dom, id: NodeId, selectors: &Selectors) -> bool {
    selectors
        .iter()
        .any(|selector| selector.pseudo.is_none() && matches(dom, id, selector))
}

fn matches_simple(dom: &Dom, id: NodeId, element: &Element, simple: &Simple) -> bool {
    match simple {
        Simple::Universal => true,
        Simple::Tag(name) => {
            element.name == *name
                || (element.space != Space::Html && element.name.eq_ignore_ascii_case(name))
        }
        Simple::Id(wanted) => element.id().is_some_and(|id| same(dom, id, wanted)),
        Simple::Class(wanted) => element.classes().any(|class| same(dom, class, wanted)),
        Simple::Attribute {
            name,
            test,
            any_case,
        } => element
            .attributes
            .iter()
            .filter(|attribute| attribute.name == *name)
            .any(|attribute| holds_test(&attribute.value, test, *any_case)),
        Simple::Is(selectors) => any(dom, id, selectors),
        Simple::Not(selectors) => !any(dom, id, selectors),
        Simple::Has(all) => all
            .iter()
            .any(|(link, selector)| has(dom, id, *link, selector)),
        Simple::Nth(nth) => holds((nth.a, nth.b), place(dom, id, element, nth)),
        Simple::Root => dom.parent_element(id).is_none(),
        Simple::Empty => !dom
            .children(id)
            .iter()
            .any(|child| match &dom.node(*child).kind {
                Kind::Element(_) => true,
                Kind::Text(text) => !text.is_empty(),
                _ => false,
            }),
        Simple::Link => {
            matches!(element.name, local_name!("a") | local_name!("area"))
                && element.attribute(&local_name!("href")).is_some()
        }
        Simple::Checked => {
            has_attribute(element, &local_name!("checked"))
                || (element.name == local_name!("option")
                    && has_attribute(element, &local_name!("selected")))
        }
        Simple::Disabled => has_attribute(element, &local_name!("disabled")),
        Simple::Enabled => {
            matches!(
                element.name,
                local_name!("input")
                    | local_name!("button")
                    | local_name!("select")
                    | local_name!("textarea")
                    | local_name!("option")
                    | local_name!("fieldset")
            ) && !has_attribute(element, &local_name!("disabled"))
        }
        Simple::Lang(names) => {
            language(dom, id).is_some_and(|own| names.iter().any(|wanted| speaks(&own, wanted)))
        }
        Simple::Never => false,
    }
}

fn has_attribute(element: &Element, name: &LocalName) -> bool {
    element.attribute(name).is_some()
}

/// Documents in quirks mode have ids and classes in any case.
fn same(dom: &Dom, found: &str, wanted: &str) -> bool {
    found == wanted || (dom.quirks && found.eq_ignore_ascii_case(wanted))
}

fn holds_test(value: &str, test: &Test, any_case: bool) -> bool {
    let fold = |text: &str| {
        if any_case {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    };
    let value = fold(value);
    match test {
        Test::Exists => true,
        Test::Equals(wanted) => value == fold(wanted),
        Test::Word(wanted) => {
            let wanted = fold(wanted);
            value.split_ascii_whitespace().any(|word| word == wanted)
        }
        Test::Dash(wanted) => value
            .strip_prefix(&*fold(wanted))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        Test::Prefix(wanted) => !wanted.is_empty() && value.starts_with(&*fold(wanted)),
        Test::Suffix(wanted) => !wanted.is_empty() && value.ends_with(&*fold(wanted)),
        Test::Contains(wanted) => !wanted.is_empty() && value.contains(&*fold(wanted)),
    }
}

fn has(dom: &Dom, scope: NodeId, link: Combinator, selector: &Selector) -> bool {
    let holds = |id: NodeId| matches_from(dom, id, selector, 0, Some((scope, link)));
    match link {
        Combinator::None | Combinator::Descendant | Combinator::Child => below(dom, scope, &holds),
        Combinator::NextSibling | Combinator::LaterSibling => dom
            .siblings_after(scope)
            .any(|sibling| holds(sibling) || below(dom, sibling, &holds)),
    }
}

fn below(dom: &Dom, id: NodeId, holds: &impl Fn(NodeId) -> bool) -> bool {
    let mut open: Vec<NodeId> = dom.children(id).to_vec();
    while let Some(id) = open.pop() {
        if dom.element(id).is_some() {
            if holds(id) {
                return true;
            }
            open.extend(dom.children(id));
        }
    }
    false
}

/// The place among the siblings that count, from 1; 0 where the element itself does not count.
fn place(dom: &Dom, id: NodeId, element: &Element, nth: &Nth) -> u32 {
    if !nth.of_type && nth.of.is_none() {
        let all = dom
            .parent(id)
            .and_then(|parent| dom.element(parent))
            .map_or(1, |parent| parent.element_children);
        return if nth.from_end {
            all.saturating_sub(element.index) + 1
        } else {
            element.index
        };
    }
    let counts = |other: NodeId| match &nth.of {
        Some(of) => any(dom, other, of),
        None => dom
            .element(other)
            .is_some_and(|other| other.name == element.name),
    };
    if !counts(id) {
        return 0;
    }
    let before = if nth.from_end {
        dom.siblings_after(id)
            .filter(|other| counts(*other))
            .count()
    } else {
        dom.siblings_before(id)
            .filter(|other| counts(*other))
            .count()
    };
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

/// The language of an element, in lower case: its own or the nearest above.
pub(crate) fn language(dom: &Dom, id: NodeId) -> Option<String> {
    let mut node = Some(id);
    while let Some(id) = node {
        if let Some(own) = dom
            .element(id)
            .and_then(|element| element.attribute(&local_name!("lang")))
        {
            return Some(own.to_ascii_lowercase());
        }
        node = dom.parent(id);
    }
    None
}

fn speaks(own: &str, wanted: &str) -> bool {
    own.strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        && !own.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::cursor::Cursor;
    use super::super::selector::parse;
    use super::super::token::tokenize;
    use super::*;
    use crate::dom;

    const DOCUMENT: &str = r#"<body class="Page"><div id=a lang="de-AT"><p class="x y" data-n="One">1</p>
        <p>2</p><span>s</span><p class=x>3</p><a href="q">l</a><a>n</a><i></i></div>
        <ul><li>1</li><li class=k>2</li><li>3</li><li class=k>4</li></ul><input checked disabled></body>"#;

    /// The texts of what is selected.
    fn selected(selector: &str) -> Option<Vec<String>> {
        let dom = dom::parse(DOCUMENT);
        let tokens = tokenize(selector);
        let selectors = parse(Cursor::new(&tokens), None)?;
        let found = dom.walk().filter(|id| {
            dom.element(*id).is_some()
                && selectors
                    .iter()
                    .any(|selector| matches(&dom, *id, selector))
        });
        Some(
            found
                .map(|id| {
                    let text = dom.text(id);
                    let text = text.trim();
                    let name = &dom.element(id).unwrap().name;
                    if text.len() == 1 {
                        text.to_owned()
                    } else {
                        name.to_string()
                    }
                })
                .collect(),
        )
    }

    fn texts(selector: &str) -> String {
        selected(selector).map_or("invalid".into(), |found| found.join(" "))
    }

    #[test]
    fn simple_selectors_and_combinators() {
        assert_eq!(texts("P"), "1 2 3");
        assert_eq!(texts("#a > .x"), "1 3");
        assert_eq!(texts("p.x.y, span"), "1 s");
        assert_eq!(texts("p + p"), "2");
        assert_eq!(texts("p ~ p"), "2 3");
        assert_eq!(texts("div span + p.x"), "3");
        assert_eq!(texts("body div > *:empty"), "i");
        assert_eq!(texts("ul li.k + li"), "3");
        assert_eq!(texts(".page"), "body", "no doctype: quirks");
    }

    #[test]
    fn attributes() {
        assert_eq!(texts("[data-n]"), "1");
        assert_eq!(texts("[data-n=One]"), "1");
        assert_eq!(texts("[data-n='one' i]"), "1");
        assert_eq!(texts("[data-n=one]"), "");
        assert_eq!(texts("[class~=y]"), "1");
        assert_eq!(texts("[lang|=de]"), "div");
        assert_eq!(texts("[data-n^=O][data-n$=e][data-n*=n]"), "1");
        assert_eq!(texts("[data-n*='']"), "");
        assert_eq!(texts("[data-n"), "1", "the end of the text closes it");
    }

    #[test]
    fn places() {
        assert_eq!(texts("li:first-child"), "1");
        assert_eq!(texts("li:last-child"), "4");
        assert_eq!(texts("li:nth-child(2n)"), "2 4");
        assert_eq!(texts("li:nth-last-child(-n+2)"), "3 4");
        assert_eq!(texts("p:nth-of-type(2)"), "2");
        assert_eq!(texts("p:last-of-type"), "3");
        assert_eq!(texts("div > :only-of-type:not(i)"), "s");
        assert_eq!(texts("li:nth-child(2 of .k)"), "4");
    }

    #[test]
    fn functions() {
        assert_eq!(texts("p:not(.x)"), "2");
        assert_eq!(texts(":is(p, li):not(:first-child):not(.k)"), "2 3 3");
        assert_eq!(texts("p:is(.x, :unknown-thing)"), "1 3");
        assert_eq!(texts("p:not(:unknown-thing)"), "invalid");
        assert_eq!(texts("div:has(> span)"), "div");
        assert_eq!(texts("ul:has(> span)"), "");
        assert_eq!(texts("p:has(+ span)"), "2");
        assert_eq!(texts("p:lang(de)"), "1 2 3");
        assert_eq!(texts("li:lang(de)"), "");
    }

    #[test]
    fn states() {
        assert_eq!(texts("a:link"), "l");
        assert_eq!(texts("a:hover"), "");
        assert_eq!(texts(":checked:disabled"), "input");
        assert_eq!(texts("p::selection"), "");
    }

    #[test]
    fn invalid_ones_are_none_at_all() {
        for wrong in [
            "",
            "p,",
            "p >",
            "> p",
            "p::before span",
            "..x",
            "#1",
            "p:foo",
            "[=x]",
            "p!",
        ] {
            assert_eq!(texts(wrong), "invalid", "{wrong}");
        }
    }

    #[test]
    fn specificity_is_what_the_standard_counts() {
        let of = |text: &str| {
            let tokens = tokenize(text);
            let found = parse(Cursor::new(&tokens), None).unwrap()[0].specificity;
            (found.0, found.1, found.2)
        };
        assert_eq!(of("*"), (0, 0, 0));
        assert_eq!(of("ul li::before"), (0, 0, 3));
        assert_eq!(of("#a.b[c]:first-child d"), (1, 3, 1));
        assert_eq!(of(":is(#a, b)"), (1, 0, 0));
        assert_eq!(of(":where(#a) b"), (0, 0, 1));
        assert_eq!(of("li:nth-child(2 of .k, #z)"), (1, 1, 1));
    }
}
