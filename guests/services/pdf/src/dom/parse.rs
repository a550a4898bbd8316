//! HTML to a tree, by the standard's algorithm: what is broken becomes what browsers make of it. Nothing runs: a script
//! is text that nobody reads.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};

use html5ever::interface::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_document};

use super::{Attribute, Dom, Element, Kind, Node, NodeId, Space};
use crate::budget::{DEPTH_MAX, NODES_MAX};

/// Parses a whole document.
pub(crate) fn parse(html: &str) -> Dom {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            // So that what stands in `<noscript>` is shown.
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let mut dom = parse_document(Sink::new(), options).one(html);
    dom.count();
    dom
}

impl Dom {
    /// Gives each element its place among its siblings.
    fn count(&mut self) {
        for at in 0..self.nodes.len() {
            let children = std::mem::take(&mut self.nodes[at].children);
            let mut index = 0;
            for child in &children {
                if let Kind::Element(element) = &mut self.nodes[child.index()].kind {
                    index += 1;
                    element.index = index;
                }
            }
            if let Kind::Element(element) = &mut self.nodes[at].kind {
                element.element_children = index;
            }
            self.nodes[at].children = children;
        }
    }
}

struct Sink {
    dom: RefCell<Dom>,
    /// Names as the parser wants them back, by node; text and comments have none.
    names: RefCell<Vec<Option<QualName>>>,
}

impl Sink {
    fn new() -> Sink {
        let dom = Dom {
            nodes: vec![Node {
                parent: None,
                children: Vec::new(),
                kind: Kind::Document,
            }],
            quirks: false,
            dropped: 0,
            flattened: 0,
        };
        Sink {
            dom: RefCell::new(dom),
            names: RefCell::new(vec![None]),
        }
    }

    fn make(&self, kind: Kind, name: Option<QualName>) -> NodeId {
        let mut dom = self.dom.borrow_mut();
        let id = NodeId(u32::try_from(dom.nodes.len()).unwrap_or(u32::MAX));
        dom.nodes.push(Node {
            parent: None,
            children: Vec::new(),
            kind,
        });
        self.names.borrow_mut().push(name);
        id
    }

    /// Puts a node or text into a parent, before the child at `at`, or last.
    fn insert(&self, parent: NodeId, at: Option<usize>, child: NodeOrText<NodeId>) {
        let parent = self.within_depth(parent, &child);
        let mut dom = self.dom.borrow_mut();
        let at = at.unwrap_or(dom.nodes[parent.index()].children.len());
        let at = at.min(dom.nodes[parent.index()].children.len());
        let child = match child {
            NodeOrText::AppendNode(child) => child,
            NodeOrText::AppendText(text) => {
                let before = at
                    .checked_sub(1)
                    .and_then(|before| dom.nodes[parent.index()].children.get(before).copied());
                if let Some(before) = before
                    && let Kind::Text(old) = &mut dom.nodes[before.index()].kind
                {
                    old.push_str(&text);
                    return;
                }
                drop(dom);
                let child = self.make(Kind::Text(text.to_string()), None);
                dom = self.dom.borrow_mut();
                child
            }
        };
        if dom.nodes.len() > NODES_MAX {
            dom.dropped += 1;
            return;
        }
        dom.nodes[child.index()].parent = Some(parent);
        dom.nodes[parent.index()].children.insert(at, child);
    }

    /// The parent itself, or the ancestor of it that is not too deep to have elements as children.
    fn within_depth(&self, parent: NodeId, child: &NodeOrText<NodeId>) -> NodeId {
        if matches!(child, NodeOrText::AppendText(_)) {
            return parent;
        }
        let mut dom = self.dom.borrow_mut();
        let mut chain = Vec::new();
        let mut node = Some(parent);
        while let Some(id) = node {
            chain.push(id);
            node = dom.nodes[id.index()].parent;
        }
        if chain.len() <= DEPTH_MAX {
            return parent;
        }
        dom.flattened += 1;
        chain[chain.len() - DEPTH_MAX]
    }

    fn detach(&self, id: NodeId) {
        let mut dom = self.dom.borrow_mut();
        if let Some(parent) = dom.nodes[id.index()].parent.take() {
            dom.nodes[parent.index()]
                .children
                .retain(|other| *other != id);
        }
    }
}

fn attributes(from: Vec<html5ever::Attribute>) -> Vec<Attribute> {
    from.into_iter()
        .map(|attribute| Attribute {
            name: attribute.name.local,
            prefix: attribute
                .name
                .prefix
                .map(|prefix| prefix.to_string().into()),
            value: attribute.value.to_string().into(),
        })
        .collect()
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Dom;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Dom {
        self.dom.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        Dom::ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        const NONE: &QualName = &QualName {
            prefix: None,
            ns: ns!(),
            local: local_name!(""),
        };
        Ref::map(self.names.borrow(), |names| {
            names
                .get(target.index())
                .and_then(Option::as_ref)
                .unwrap_or(NONE)
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attrs: Vec<html5ever::Attribute>,
        _: ElementFlags,
    ) -> NodeId {
        let space = match name.ns {
            ns!(html) => Space::Html,
            ns!(svg) => Space::Svg,
            _ => Space::Other,
        };
        let element = Element {
            name: name.local.clone(),
            space,
            attributes: attributes(attrs),
            index: 0,
            element_children: 0,
        };
        self.make(Kind::Element(element), Some(name))
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.make(Kind::Other, None)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.make(Kind::Other, None)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.insert(*parent, None, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        if self.dom.borrow().parent(*element).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// What a template holds is not part of the document, so it hangs on a node that is not.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.dom.borrow_mut().quirks = mode == QuirksMode::Quirks;
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        if let NodeOrText::AppendNode(child) = &child {
            self.detach(*child);
        }
        let dom = self.dom.borrow();
        let Some(parent) = dom.parent(*sibling) else {
            return;
        };
        let at = dom.nodes[parent.index()]
            .children
            .iter()
            .rposition(|other| other == sibling);
        drop(dom);
        self.insert(parent, at, child);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<html5ever::Attribute>) {
        let mut dom = self.dom.borrow_mut();
        if let Kind::Element(element) = &mut dom.nodes[target.index()].kind {
            for new in attributes(attrs) {
                if element.attribute(&new.name).is_none() {
                    element.attributes.push(new);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut dom = self.dom.borrow_mut();
        let children = std::mem::take(&mut dom.nodes[node.index()].children);
        for child in &children {
            dom.nodes[child.index()].parent = Some(*new_parent);
        }
        dom.nodes[new_parent.index()].children.extend(children);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as text: names in brackets, text in quotes.
    fn shown(dom: &Dom, id: NodeId) -> String {
        let children: String = dom.children(id).iter().map(|c| shown(dom, *c)).collect();
        match &dom.node(id).kind {
            Kind::Element(element) => format!("{}({children})", &*element.name),
            Kind::Text(text) => format!("{text:?}"),
            _ => children,
        }
    }

    #[test]
    fn broken_html_becomes_what_browsers_make_of_it() {
        let shows = |html: &str| shown(&parse(html), Dom::ROOT);
        assert_eq!(shows("<p>a<p>b"), r#"html(head()body(p("a")p("b")))"#);
        assert_eq!(
            shows("<table><b>x<tr><td>1</table>"),
            r#"html(head()body(b("x")table(tbody(tr(td("1"))))))"#
        );
        assert_eq!(
            shows("<b>1<i>2</b>3</i>"),
            r#"html(head()body(b("1"i("2"))i("3")))"#
        );
        assert_eq!(
            shows("<noscript><p>seen</noscript>"),
            r#"html(head(noscript())body(p("seen")))"#
        );
        assert_eq!(shows(""), "html(head()body())");
    }

    #[test]
    fn depth_and_number_of_nodes_are_limited() {
        let deep = parse(&"<div>".repeat(DEPTH_MAX * 3));
        let mut depth = 0;
        let mut node = deep.root_child(&local_name!("body"));
        while let Some(id) = node {
            depth += 1;
            node = deep.children(id).first().copied();
        }
        assert!(depth <= DEPTH_MAX, "{depth}");
        assert!(deep.flattened > 0);
        let shallow = parse(&"<div>".repeat(DEPTH_MAX - 10));
        assert_eq!(shallow.flattened, 0);
        let many = parse(&"<br>".repeat(NODES_MAX + 1_000));
        assert!(many.dropped > 0);
        assert_eq!(parse(&"<br>".repeat(1_000)).dropped, 0);
    }

    #[test]
    fn siblings_are_found_in_both_directions() {
        let dom = parse("<ul><li>1 text<li>2<!-- c --><li>3</ul>");
        let lists: Vec<NodeId> = dom
            .walk()
            .filter(|id| {
                dom.element(*id)
                    .is_some_and(|e| e.name == local_name!("li"))
            })
            .collect();
        assert_eq!(dom.previous_element(lists[2]), Some(lists[1]));
        assert_eq!(dom.previous_element(lists[0]), None);
        assert_eq!(dom.siblings_after(lists[0]).collect::<Vec<_>>(), lists[1..]);
        let element = dom.element(lists[1]).unwrap();
        assert_eq!(element.index, 2);
    }
}
