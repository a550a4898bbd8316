//! Painting: pages, one after the other, into a PDF.

mod background;
mod border;
mod canvas;
mod decoration;
mod gradient;
mod image;
mod link;
mod scene;
mod shadow;
mod shape;
mod shared;
mod spans;
mod text;
mod view;
mod walk;

use std::collections::HashMap;
use std::rc::Rc;

use html5ever::local_name;
use krilla::metadata::{Metadata, TextDirection};
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};

use self::canvas::Canvas;
use self::link::Spot;
use self::scene::Scene;
use self::shape::{Area, Matrix};
use self::view::View;
use self::walk::Painter;
use crate::boxes::{BoxId, Sources, Strings, Tree};
use crate::css::property::Style;
use crate::dom::{Dom, NodeId};
use crate::fonts::Fonts;
use crate::pages::{Geometry, Margin, PageBox, Slots, margins};
use crate::picture::Pictures;
use crate::warning::Warnings;

pub(crate) use self::link::{names, spots};

/// Points in a pixel.
pub(crate) const PX: f32 = 72.0 / 96.0;
/// Characters that no font has, in one warning.
const MISSING_MAX: usize = 20;

/// What all pages have in common.
pub(crate) struct Shared<'d> {
    pub(crate) dom: &'d Dom,
    pub(crate) fonts: &'d mut Fonts,
    pub(crate) pictures: &'d mut Pictures,
    pub(crate) warnings: &'d mut Warnings,
    names: &'d HashMap<String, NodeId>,
    anchors: &'d HashMap<NodeId, Spot>,
    /// Links of the page that is being painted.
    links: Vec<(NodeId, Area)>,
    /// The box whose background is that of the pages.
    canvas_box: Option<BoxId>,
    missing: Vec<char>,
}

impl Shared<'_> {
    /// Notes characters that no font has.
    fn missing(&mut self, text: &str) {
        for c in text.chars() {
            if self.missing.len() < MISSING_MAX && !self.missing.contains(&c) && !c.is_whitespace()
            {
                self.missing.push(c);
            }
        }
    }
}

/// A document that is laid out and cut.
pub(crate) struct Cut<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) root: BoxId,
    pub(crate) fixed: Vec<BoxId>,
    pub(crate) slots: &'a Slots,
    pub(crate) pages: usize,
    pub(crate) geometry: &'a Geometry,
    pub(crate) strings: &'a [Strings],
    /// By how much everything is made smaller, so that it is not cut off.
    pub(crate) scale: f32,
    pub(crate) title: Option<String>,
}

/// Writes all pages.
pub(crate) fn write(cut: &Cut<'_>, sources: &mut Sources<'_>) -> Result<Vec<u8>, String> {
    let settings = SerializeSettings {
        compress_content_streams: true,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(cut, sources.dom));
    let names = names(sources.dom);
    let anchors = anchors(cut);
    let canvas = canvas_box(cut, sources.dom);
    let book = Book {
        cut,
        names: &names,
        anchors: &anchors,
        scene: Scene::new(cut.tree, cut.root, cut.fixed.clone()),
        canvas,
    };
    let mut missing = Vec::new();
    for (page, strings) in cut.strings.iter().enumerate() {
        missing = book.page(&mut document, sources, page, strings, missing)?;
    }
    say_missing(&missing, sources.warnings);
    if let Some(outline) = link::outline(sources.dom, &anchors) {
        document.set_outline(outline);
    }
    document.finish().map_err(|error| error.to_string())
}

/// What all pages are painted from.
struct Book<'a> {
    cut: &'a Cut<'a>,
    names: &'a HashMap<String, NodeId>,
    anchors: &'a HashMap<NodeId, Spot>,
    scene: Scene<'a>,
    /// The box whose background is that of the pages, and how it looks.
    canvas: Option<(BoxId, Rc<Style>)>,
}

impl Book<'_> {
    /// Adds a page to the document. The characters that no font has, with those that were missing before.
    fn page(
        &self,
        document: &mut Document,
        sources: &mut Sources<'_>,
        page: usize,
        strings: &Strings,
        missing: Vec<char>,
    ) -> Result<Vec<char>, String> {
        let cut = self.cut;
        let slot = &cut.slots.list[page];
        let kind = cut.geometry.page(page, slot.name.as_ref(), slot.is_blank);
        let margin = margins(sources, &kind, strings);
        let mut shared = Shared {
            dom: sources.dom,
            fonts: sources.fonts,
            pictures: sources.pictures,
            warnings: sources.warnings,
            names: self.names,
            anchors: self.anchors,
            links: Vec::new(),
            canvas_box: self.canvas.as_ref().map(|(id, _)| *id),
            missing,
        };
        let size =
            PageSettings::from_wh(kind.width * PX, kind.height * PX).ok_or("a page has no size")?;
        let mut made = document.start_page_with(size);
        let mut surface = Canvas::new(made.surface());
        surface.push_scale(PX);
        let view = View {
            top: slot.start,
            bottom: slot.end,
        };
        let mut sheet = Sheet {
            cut,
            scene: &self.scene,
            shared: &mut shared,
            page: &kind,
        };
        let behind = self.canvas.as_ref().map(|(_, style)| &**style);
        sheet.paint(&mut surface, view, behind, margin.as_ref());
        surface.finish();
        for annotation in shared.take_links() {
            made.add_annotation(annotation);
        }
        made.finish();
        Ok(shared.missing)
    }
}

fn say_missing(missing: &[char], warnings: &mut Warnings) {
    if missing.is_empty() {
        return;
    }
    let all: Vec<String> = missing
        .iter()
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    let message = format!("no font has the characters {}", all.join(", "));
    warnings.add("pdf.letter", message);
}

/// One page, while it is painted.
struct Sheet<'p, 'd> {
    cut: &'p Cut<'p>,
    scene: &'p Scene<'p>,
    shared: &'p mut Shared<'d>,
    page: &'p PageBox,
}

impl Sheet<'_, '_> {
    fn paint(
        &mut self,
        canvas: &mut Canvas<'_>,
        view: View,
        behind: Option<&Style>,
        margin: Option<&Margin>,
    ) {
        let page = self.page;
        let whole = Area::new(0.0, 0.0, page.width, page.height);
        let mut painter = Painter {
            canvas,
            scene: self.scene,
            shared: self.shared,
            view: View::ALL,
        };
        painter.page_background(&page.style, whole);
        if let Some(style) = behind {
            painter.page_background(style, whole);
        }
        let inner = whole.inset(page.margin);
        painter.page_border(&page.style, inner);
        let scale = self.cut.scale;
        let place = Matrix::translate(page.left(), page.top()).of(Matrix::scale(scale));
        painter
            .canvas
            .push_matrix(place.of(Matrix::translate(0.0, -view.top)));
        painter.view = view;
        painter.context(self.cut.root);
        painter.canvas.pop();
        for fixed in &self.cut.fixed {
            painter.canvas.push_matrix(place);
            painter.view = View::ALL;
            painter.context(*fixed);
            painter.canvas.pop();
        }
        if let Some(margin) = margin {
            self.margins(canvas, margin);
        }
    }

    fn margins(&mut self, canvas: &mut Canvas<'_>, margin: &Margin) {
        for (id, x, y) in &margin.roots {
            let scene = Scene::new(&margin.tree, *id, Vec::new());
            let mut painter = Painter {
                canvas,
                scene: &scene,
                shared: self.shared,
                view: View::ALL,
            };
            painter.canvas.push_matrix(Matrix::translate(*x, *y));
            painter.context(*id);
            painter.canvas.pop();
        }
    }
}

fn metadata(cut: &Cut<'_>, dom: &Dom) -> Metadata {
    let clean = |text: &str| -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        text.chars()
            .filter(|c| !c.is_control())
            .take(1_000)
            .collect()
    };
    let mut metadata = Metadata::new().producer("Wardian".into());
    let own = dom
        .walk()
        .find(|id| {
            dom.element(*id)
                .is_some_and(|element| element.is_html(&local_name!("title")))
        })
        .map(|id| dom.text(id));
    let title = cut.title.clone().or(own).map(|title| clean(&title));
    if let Some(title) = title.filter(|title| !title.is_empty()) {
        metadata = metadata.title(title);
    }
    let root = dom.root_element().and_then(|id| dom.element(id));
    if let Some(language) = root.and_then(|root| root.attribute(&local_name!("lang"))) {
        let language: String = language
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .take(35)
            .collect();
        if !language.is_empty() {
            metadata = metadata.language(language);
        }
    }
    let is_rtl = root.and_then(|root| root.attribute(&local_name!("dir"))) == Some("rtl");
    if is_rtl {
        metadata = metadata.text_direction(TextDirection::RightToLeft);
    }
    let named = |name: &str| {
        dom.walk().find_map(|id| {
            let element = dom.element(id)?;
            let is_it = element.is_html(&local_name!("meta"))
                && element
                    .attribute(&local_name!("name"))
                    .is_some_and(|own| own.eq_ignore_ascii_case(name));
            element
                .attribute(&local_name!("content"))
                .filter(|_| is_it)
                .map(clean)
        })
    };
    if let Some(author) = named("author") {
        metadata = metadata.authors(vec![author]);
    }
    if let Some(description) = named("description") {
        metadata = metadata.description(description);
    }
    if let Some(keywords) = named("keywords") {
        let all = keywords.split(',').map(|word| word.trim().to_owned());
        metadata = metadata.keywords(all.filter(|word| !word.is_empty()).take(100).collect());
    }
    metadata
}

/// Where every element is, by page.
fn anchors(cut: &Cut<'_>) -> HashMap<NodeId, Spot> {
    spots(cut.tree, cut.root)
        .into_iter()
        .map(|(node, (x, y))| {
            let after = cut.slots.list.partition_point(|slot| slot.end - 0.05 <= y);
            let page = after.min(cut.pages.saturating_sub(1));
            let slot = &cut.slots.list[page];
            let kind = cut.geometry.page(page, slot.name.as_ref(), slot.is_blank);
            let spot = Spot {
                page,
                x: kind.left() + x * cut.scale,
                y: (kind.top() + (y - slot.start) * cut.scale).clamp(0.0, kind.height),
            };
            (node, spot)
        })
        .collect()
}

/// The box whose background is that of the pages: the root's, or the body's where the root has none.
fn canvas_box(cut: &Cut<'_>, dom: &Dom) -> Option<(BoxId, Rc<Style>)> {
    let root = dom.root_element()?;
    let body = dom.root_child(&local_name!("body"));
    let box_of = |node: NodeId| {
        cut.tree
            .ids()
            .find(|id| cut.tree.get(*id).node == Some(node))
    };
    for node in std::iter::once(root).chain(body) {
        let Some(id) = box_of(node) else { continue };
        let style = &cut.tree.get(id).style;
        if decoration::has_background(style) {
            return Some((id, style.clone()));
        }
    }
    None
}
