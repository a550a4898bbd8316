//! The document's tree: elements and text in one vector, found by number.
//!
//! Numbers instead of references, because a tree that points at its parents would need counting; and nothing is ever
//! removed from the vector, because a document lives for one call.

mod decode;
mod parse;

use html5ever::{LocalName, local_name};

pub(crate) use decode::decode;
pub(crate) use parse::parse;

/// A node's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

/// What a namespace means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Html,
    Svg,
    Other,
}

#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: LocalName,
    /// `xlink:` and the like, where the name has one.
    pub(crate) prefix: Option<Box<str>>,
    pub(crate) value: Box<str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) name: LocalName,
    pub(crate) space: Space,
    pub(crate) attributes: Vec<Attribute>,
    /// Its place among its siblings that are elements, from 1.
    pub(crate) index: u32,
    /// Elements among the children.
    pub(crate) element_children: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Document,
    Element(Element),
    Text(String),
    /// Comments and what else is neither seen nor matched.
    Other,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<NodeId>,
    pub(crate) children: Vec<NodeId>,
    pub(crate) kind: Kind,
}

/// A parsed document.
#[derive(Clone, Debug)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
    /// Whether the document asks for the rules of old browsers: class names then match in any case.
    pub(crate) quirks: bool,
    /// Nodes that were left out, because the document has more than [`crate::budget::NODES_MAX`].
    pub(crate) dropped: usize,
    /// Elements that were hung higher up, because they were nested deeper than [`crate::budget::DEPTH_MAX`].
    pub(crate) flattened: usize,
}

impl Dom {
    pub(crate) const ROOT: NodeId = NodeId(0);

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).parent
    }

    pub(crate) fn parent_element(&self, id: NodeId) -> Option<NodeId> {
        self.parent(id)
            .filter(|parent| self.element(*parent).is_some())
    }

    pub(crate) fn children(&self, id: NodeId) -> &[NodeId] {
        &self.node(id).children
    }

    /// The element before this one among its siblings.
    pub(crate) fn previous_element(&self, id: NodeId) -> Option<NodeId> {
        self.siblings_before(id).next()
    }

    /// The elements before this one among its siblings, nearest first.
    pub(crate) fn siblings_before(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let siblings = self.siblings(id);
        let at = self.position(siblings, id).unwrap_or(0);
        siblings[..at]
            .iter()
            .rev()
            .copied()
            .filter(|other| self.element(*other).is_some())
    }

    /// The elements behind this one among its siblings, nearest first.
    pub(crate) fn siblings_after(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let siblings = self.siblings(id);
        let at = self
            .position(siblings, id)
            .map_or(siblings.len(), |at| at + 1);
        siblings[at..]
            .iter()
            .copied()
            .filter(|other| self.element(*other).is_some())
    }

    fn siblings(&self, id: NodeId) -> &[NodeId] {
        self.parent(id).map_or(&[], |parent| self.children(parent))
    }

    /// Where a node stands among its siblings. Its place among the elements bounds the search from below.
    fn position(&self, siblings: &[NodeId], id: NodeId) -> Option<usize> {
        let from = self.element(id).map_or(0, |element| {
            (element.index as usize)
                .saturating_sub(1)
                .min(siblings.len())
        });
        siblings[from..]
            .iter()
            .position(|other| *other == id)
            .map(|at| from + at)
    }

    /// The `<html>` element.
    pub(crate) fn root_element(&self) -> Option<NodeId> {
        self.children(Dom::ROOT)
            .iter()
            .copied()
            .find(|id| self.element(*id).is_some())
    }

    /// A child of the root, such as `<head>` or `<body>`.
    pub(crate) fn root_child(&self, name: &LocalName) -> Option<NodeId> {
        let root = self.root_element()?;
        self.children(root)
            .iter()
            .copied()
            .find(|id| self.element(*id).is_some_and(|e| e.name == *name))
    }

    /// The text below a node, without what scripts and styles consist of.
    pub(crate) fn text(&self, from: NodeId) -> String {
        let mut out = String::new();
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            match &self.node(id).kind {
                Kind::Text(text) => out.push_str(text),
                Kind::Element(element)
                    if id != from
                        && matches!(
                            element.name,
                            local_name!("script") | local_name!("style") | local_name!("template")
                        ) => {}
                _ => open.extend(self.children(id).iter().rev()),
            }
        }
        out
    }

    /// Every node in the document's order.
    pub(crate) fn walk(&self) -> impl Iterator<Item = NodeId> {
        let mut open = vec![Dom::ROOT];
        std::iter::from_fn(move || {
            let id = open.pop()?;
            open.extend(self.children(id).iter().rev());
            Some(id)
        })
    }
}

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl Element {
    pub(crate) fn attribute(&self, name: &LocalName) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.prefix.is_none() && attribute.name == *name)
            .map(|attribute| &*attribute.value)
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.attribute(&local_name!("id"))
    }

    pub(crate) fn classes(&self) -> impl Iterator<Item = &str> {
        self.attribute(&local_name!("class"))
            .unwrap_or_default()
            .split_ascii_whitespace()
    }

    pub(crate) fn is_html(&self, name: &LocalName) -> bool {
        self.space == Space::Html && self.name == *name
    }
}
