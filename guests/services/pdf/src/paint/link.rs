//! Links, the places that they lead to, and the outline.

use std::collections::HashMap;

use html5ever::local_name;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::destination::{Destination, XyzDestination};
use krilla::geom::{Point, Rect};
use krilla::outline::{Outline, OutlineNode};

use super::shape::Area;
use super::{PX, Shared};
use crate::boxes::{BoxId, Kind, Tree};
use crate::dom::{Dom, NodeId};
use crate::warning::shown;

/// A place in the document: its page, and how far down that is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) page: usize,
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// Links of one page, at most.
const LINKS_MAX: usize = 5_000;
/// Headings in the outline, at most.
const HEADINGS_MAX: usize = 5_000;

impl Shared<'_> {
    /// Whether an element leads somewhere.
    pub(super) fn is_link(&self, node: NodeId) -> bool {
        self.dom.element(node).is_some_and(|element| {
            matches!(element.name, local_name!("a") | local_name!("area"))
                && element.attribute(&local_name!("href")).is_some()
        })
    }

    pub(super) fn note_link(&mut self, node: NodeId, area: Area) {
        if self.links.len() < LINKS_MAX && !area.is_empty() {
            self.links.push((node, area));
        }
    }

    /// The links of a page, as the writer wants them.
    pub(super) fn take_links(&mut self) -> Vec<Annotation> {
        let links = std::mem::take(&mut self.links);
        let mut out = Vec::new();
        for (node, area) in links {
            let Some(href) = self
                .dom
                .element(node)
                .and_then(|element| element.attribute(&local_name!("href")))
            else {
                continue;
            };
            let href = href.trim();
            let Some(target) = self.target(href) else {
                continue;
            };
            let rect = Rect::from_ltrb(
                area.x * PX,
                area.y * PX,
                area.right() * PX,
                area.bottom() * PX,
            );
            if let Some(rect) = rect {
                let words = self
                    .dom
                    .text(node)
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ");
                let words: String = words.chars().take(200).collect();
                let alternative = (!words.is_empty()).then_some(words);
                out.push(Annotation::new_link(
                    LinkAnnotation::new(rect, target),
                    alternative,
                ));
            }
        }
        out
    }

    fn target(&mut self, href: &str) -> Option<Target> {
        if let Some(name) = href.strip_prefix('#') {
            if name.is_empty() {
                return None;
            }
            let decoded = decoded(name);
            let found = self
                .names
                .get(name)
                .or_else(|| self.names.get(&decoded))
                .and_then(|node| self.anchors.get(node))
                .copied();
            let Some(spot) = found else {
                self.warnings.add(
                    "pdf.link",
                    format!("link {:?} leads nowhere in the document", shown(href)),
                );
                return None;
            };
            return Some(Target::Destination(Destination::Xyz(destination(spot))));
        }
        let scheme = href
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_known = href.contains(':')
            && matches!(
                &*scheme,
                "http" | "https" | "mailto" | "tel" | "sms" | "ftp"
            );
        if !is_known || href.len() > 2_000 {
            self.warnings.add(
                "pdf.link",
                format!("link {:?} is left out: only whole http, https, mailto, tel, sms and ftp addresses are kept", shown(href)),
            );
            return None;
        }
        let clean: String = href
            .chars()
            .filter(|c| !c.is_control())
            .map(|c| {
                if c == ' ' {
                    "%20".to_owned()
                } else if c.is_ascii() {
                    c.to_string()
                } else {
                    encoded(c)
                }
            })
            .collect();
        Some(Target::Action(Action::Link(LinkAction::new(clean))))
    }
}

fn destination(spot: Spot) -> XyzDestination {
    XyzDestination::new(spot.page, Point::from_xy(spot.x * PX, spot.y * PX))
}

fn encoded(c: char) -> String {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes)
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect()
}

/// An address's fragment with its percent signs resolved.
fn decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Elements by the names that links use: ids, and names of anchors.
pub(crate) fn names(dom: &Dom) -> HashMap<String, NodeId> {
    let mut out = HashMap::new();
    for id in dom.walk() {
        let Some(element) = dom.element(id) else {
            continue;
        };
        let name = (element.name == local_name!("a"))
            .then(|| element.attribute(&local_name!("name")))
            .flatten();
        for name in element.id().into_iter().chain(name) {
            out.entry(name.to_owned()).or_insert(id);
        }
    }
    out
}

/// Where every element came to lie that has a box or stands in a line, on the strip: left and top.
pub(crate) fn spots(tree: &Tree, root: BoxId) -> HashMap<NodeId, (f32, f32)> {
    let mut out = HashMap::new();
    let mut open = vec![(root, 0.0)];
    while let Some((id, left)) = open.pop() {
        let one = tree.get(id);
        for node in &one.anchors {
            out.entry(*node).or_insert((left, one.strip.top));
        }
        if let Kind::Lines(lines) = &one.kind {
            for line in &lines.lines {
                for item in &line.items {
                    let crate::boxes::LineItem::Run(run) = item else {
                        continue;
                    };
                    for span in lines.around(run.span) {
                        if let Some(node) = lines.spans[span as usize].node {
                            let y = one.strip.top + line.top + line.shift;
                            out.entry(node).or_insert((left + run.x, y));
                        }
                    }
                }
            }
        }
        let children = one
            .children
            .iter()
            .filter(|child| !tree.get(**child).is_placed());
        for child in children.chain(&one.hoisted).rev() {
            open.push((*child, left + tree.get(*child).layout.location.x));
        }
    }
    out
}

/// The outline that headings make.
pub(crate) fn outline(dom: &Dom, anchors: &HashMap<NodeId, Spot>) -> Option<Outline> {
    let mut found: Vec<(u8, String, Spot)> = Vec::new();
    for id in dom.walk() {
        let level = match dom.element(id).map(|element| &element.name) {
            Some(&local_name!("h1")) => 1,
            Some(&local_name!("h2")) => 2,
            Some(&local_name!("h3")) => 3,
            Some(&local_name!("h4")) => 4,
            Some(&local_name!("h5")) => 5,
            Some(&local_name!("h6")) => 6,
            _ => continue,
        };
        let text = dom
            .text(id)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let text: String = text.chars().filter(|c| !c.is_control()).take(500).collect();
        if let Some(spot) = anchors.get(&id).filter(|_| !text.is_empty()) {
            found.push((level, text, *spot));
        }
        if found.len() >= HEADINGS_MAX {
            break;
        }
    }
    if found.is_empty() {
        return None;
    }
    let mut outline = Outline::new();
    let mut at = 0;
    while at < found.len() {
        let (node, next) = node(&found, at);
        outline.push_child(node);
        at = next;
    }
    Some(outline)
}

/// A heading with those below it, and the first that is not.
fn node(found: &[(u8, String, Spot)], at: usize) -> (OutlineNode, usize) {
    let (level, text, spot) = &found[at];
    let mut made = OutlineNode::new(text.clone(), destination(*spot));
    let mut next = at + 1;
    while next < found.len() && found[next].0 > *level {
        let (child, after) = node(found, next);
        made.push_child(child);
        next = after;
    }
    (made, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_decoded() {
        assert_eq!(decoded("a%20b%C3%A9%"), "a bé%");
        assert_eq!(encoded('é'), "%C3%A9");
    }
}
