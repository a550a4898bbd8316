//! From HTML to a PDF: the way through all stages.

use std::collections::HashMap;
use std::rc::Rc;

use html5ever::local_name;
use wardian_guest_kit::leave;

use crate::boxes::{Built, Sources, Strings, Tree, build};
use crate::budget::PAGES_MAX;
use crate::css::media::{Paper, matches_media};
use crate::css::property::Style;
use crate::css::sheet::{PageRule, Sheets, Source, Text};
use crate::dom::{Dom, NodeId, decode, parse};
use crate::fonts::Fonts;
use crate::layout::{lay_out, reach};
use crate::pages::{Asked, Cutter, Geometry, Slots, first_name, place_others, strings, widths};
use crate::paint::{self, Cut, spots};
use crate::picture::Pictures;
use crate::style::{Styles, UA_SHEET, cascade};
use crate::warning::{Warnings, shown};

/// What a document is made from.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) html: Vec<u8>,
    /// Style sheets that hold as if they stood at the end of the document's head.
    pub(crate) styles: Vec<String>,
    /// Fonts, each with the name that warnings use.
    pub(crate) fonts: Vec<(String, Vec<u8>)>,
    /// What the document may refer to by name.
    pub(crate) assets: HashMap<String, Rc<[u8]>>,
    pub(crate) asked: Asked,
    pub(crate) title: Option<String>,
}

pub(crate) struct Rendered {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pages: usize,
    pub(crate) warnings: Warnings,
}

#[derive(Debug)]
pub(crate) enum Failure {
    TooManyPages,
    Write(String),
}

/// How much wider than a page content may be and still be made smaller to fit.
const SHRINK_MAX: f32 = 2.0;
/// How often boxes on pages of another width are laid out again: it may bring them to other pages.
const WIDTHS_MAX: usize = 3;
/// Style sheets that refer to each other.
const IMPORTS_MAX: usize = 20;

pub(crate) fn render(request: Request) -> Result<Rendered, Failure> {
    let mut warnings = Warnings::default();
    let mut pictures = Pictures::new(request.assets);
    let mut fonts = Fonts::new();
    for (name, bytes) in request.fonts {
        if fonts.add(bytes, None, None, None).is_none() {
            warnings.add(
                "pdf.font",
                format!("font {:?} cannot be read", shown(&name)),
            );
        }
    }
    let dom = parse(&decode(&request.html));
    note_dropped(&dom, &mut warnings);
    let (ua, sheets, geometry) = sheets(
        &dom,
        &request.styles,
        request.asked,
        &pictures,
        &mut warnings,
    );
    own_fonts(&sheets, &mut fonts, &pictures, &mut warnings);
    pictures.set_fonts(&mut fonts);
    let geometry = Rc::new(geometry);
    let page = geometry.page(0, None, false);
    let styles = cascade(
        &dom,
        &ua,
        &sheets,
        (page.content_width(), page.content_height()),
    );
    let mut job = Job {
        dom: &dom,
        styles: &styles,
        geometry,
        title: request.title,
    };
    let (bytes, pages) = job.run(&mut fonts, &mut pictures, &mut warnings)?;
    leave((styles, ua, sheets, dom, fonts, pictures));
    Ok(Rendered {
        bytes,
        pages,
        warnings,
    })
}

fn note_dropped(dom: &Dom, warnings: &mut Warnings) {
    if dom.dropped > 0 {
        warnings.add(
            "pdf.depth",
            format!("{} nodes beyond the cap are left out", dom.dropped),
        );
    }
    if dom.flattened > 0 {
        warnings.add(
            "pdf.depth",
            format!(
                "{} elements are nested too deeply and hang higher up",
                dom.flattened
            ),
        );
    }
}

fn paper(geometry: &Geometry) -> Paper {
    let page = geometry.page(0, None, false);
    Paper {
        width: page.content_width(),
        height: page.content_height(),
    }
}

/// What holds for every document, the document's style sheets, and the pages that they make. Sheets may ask how large
/// pages are, which sheets say: the document's are read once more where that can make a difference.
fn sheets(
    dom: &Dom,
    more: &[String],
    asked: Asked,
    pictures: &Pictures,
    warnings: &mut Warnings,
) -> (Sheets, Sheets, Geometry) {
    let initial = Rc::new(Style::initial());
    let mut ua = Sheets::default();
    let plain = Geometry::new(Vec::new(), initial.clone(), asked);
    ua.add(UA_SHEET, paper(&plain));
    let mut at = paper(&plain);
    let mut round = 0;
    loop {
        let mut sheets = Sheets::default();
        let mut reader = Reader {
            sheets: &mut sheets,
            paper: at,
            pictures,
            imports: 0,
        };
        reader.document(dom, warnings);
        for source in more {
            reader.add(source, warnings);
        }
        if sheets.is_cut {
            warnings.add(
                "pdf.style",
                "there are too many selectors; the last rules are left out",
            );
        }
        let rules: Vec<PageRule> = ua.pages.iter().chain(&sheets.pages).cloned().collect();
        let geometry = Geometry::new(rules, initial.clone(), asked);
        let found = paper(&geometry);
        round += 1;
        if found == at || round == 2 || !sheets.has_conditions {
            return (ua, sheets, geometry);
        }
        at = found;
    }
}

struct Reader<'a> {
    sheets: &'a mut Sheets,
    paper: Paper,
    pictures: &'a Pictures,
    imports: usize,
}

impl Reader<'_> {
    fn document(&mut self, dom: &Dom, warnings: &mut Warnings) {
        for id in dom.walk() {
            let Some(element) = dom.element(id) else {
                continue;
            };
            let media = element.attribute(&local_name!("media")).unwrap_or_default();
            self.sheets.has_conditions |= !media.is_empty();
            if element.is_html(&local_name!("style")) {
                let kind = element.attribute(&local_name!("type")).unwrap_or_default();
                let is_css = kind.is_empty() || kind.trim().eq_ignore_ascii_case("text/css");
                if is_css && matches_media(media, self.paper) {
                    self.add(&dom.text(id), warnings);
                }
            } else if element.is_html(&local_name!("link")) {
                let rel = element.attribute(&local_name!("rel")).unwrap_or_default();
                let mut words = rel.split_ascii_whitespace().map(str::to_ascii_lowercase);
                let is_sheet = words.clone().any(|word| word == "stylesheet")
                    && !words.any(|word| word == "alternate");
                let href = element.attribute(&local_name!("href"));
                if let (true, Some(href)) = (is_sheet && matches_media(media, self.paper), href) {
                    self.address(href.trim(), warnings);
                }
            }
        }
    }

    fn add(&mut self, source: &str, warnings: &mut Warnings) {
        let text = Text::new(source);
        for import in text.imports(self.paper) {
            self.address(&import, warnings);
        }
        self.sheets.add_text(&text, self.paper);
    }

    fn address(&mut self, href: &str, warnings: &mut Warnings) {
        self.imports += 1;
        if self.imports > IMPORTS_MAX {
            warnings.add(
                "pdf.style",
                format!("more than {IMPORTS_MAX} style sheets are referred to"),
            );
            return;
        }
        match self.pictures.bytes(href) {
            Ok(bytes) => {
                let text = decode(&bytes).into_owned();
                self.add(&text, warnings);
            }
            Err(why) => warnings.add("pdf.style", format!("style sheet {:?}: {why}", shown(href))),
        }
    }
}

/// Fonts that the document's sheets bring along.
fn own_fonts(sheets: &Sheets, fonts: &mut Fonts, pictures: &Pictures, warnings: &mut Warnings) {
    for face in &sheets.fonts {
        let mut problem = None;
        let mut found = false;
        for source in &face.sources {
            match source {
                Source::Local(name) => {
                    if fonts.stand_for(&face.family, name) {
                        found = true;
                        break;
                    }
                }
                Source::Url(url) => {
                    let added = pictures.bytes(url).map(|bytes| {
                        fonts.add(bytes.to_vec(), Some(&face.family), face.weight, face.italic)
                    });
                    match added {
                        Ok(Some(_)) => {
                            found = true;
                            break;
                        }
                        Ok(None) => problem = Some(format!("font {:?} cannot be read", shown(url))),
                        Err(why) => problem = Some(format!("font {:?}: {why}", shown(url))),
                    }
                }
            }
        }
        if let (false, Some(problem)) = (found, problem) {
            warnings.add("pdf.font", problem);
        }
    }
}

struct Job<'a> {
    dom: &'a Dom,
    styles: &'a Styles,
    geometry: Rc<Geometry>,
    title: Option<String>,
}

impl Job<'_> {
    fn run(
        &mut self,
        fonts: &mut Fonts,
        pictures: &mut Pictures,
        warnings: &mut Warnings,
    ) -> Result<(Vec<u8>, usize), Failure> {
        let mut pages_of: HashMap<NodeId, usize> = HashMap::new();
        let mut round = 0;
        loop {
            round += 1;
            let mut sources = Sources {
                dom: self.dom,
                styles: self.styles,
                fonts,
                pictures,
                warnings,
                pages_of: &pages_of,
            };
            let mut built = build(&mut sources);
            let geometry = self.geometry.clone();
            let Laid {
                mut slots,
                fixed,
                pages,
                scale,
            } = self.lay_out(&mut built, &mut sources)?;
            let found: HashMap<NodeId, usize> = spots(&built.tree, built.root)
                .into_iter()
                .map(|(node, (_, y))| {
                    let page = slots.list.partition_point(|slot| slot.end - 0.05 <= y);
                    (node, page.min(pages - 1) + 1)
                })
                .collect();
            // Where pages are named in the text, their numbers are known once everything was laid out.
            if built.asks_for_pages && found != pages_of && round < 3 {
                pages_of = found;
                continue;
            }
            let strings: Vec<Strings> = strings(&built.tree, &built.running, &mut slots, pages);
            let cut = Cut {
                tree: &built.tree,
                root: built.root,
                fixed,
                slots: &slots,
                pages,
                geometry: &geometry,
                strings: &strings,
                scale,
                title: self.title.clone(),
            };
            let bytes = paint::write(&cut, &mut sources).map_err(Failure::Write)?;
            leave((strings, slots, built));
            return Ok((bytes, pages));
        }
    }

    /// Lays out for the width of pages, and cuts. What is wider than its page is laid out for more, and made smaller by
    /// as much.
    fn lay_out(&self, built: &mut Built, sources: &mut Sources<'_>) -> Result<Laid, Failure> {
        let name = first_name(&built.tree, built.root);
        // The first page may be another, as a cover is.
        let page = self.geometry.page(1, name.as_ref(), false);
        let (width, height) = (page.content_width(), page.content_height());
        lay_out(&mut built.tree, built.root, width, height);
        let mut scale = 1.0;
        let wide = reach(&built.tree, built.root);
        let mut laid = cut(built, self.geometry.clone(), scale)?;
        for _ in 0..WIDTHS_MAX {
            let widths = widths(&built.tree, built.root, &laid.slots, &self.geometry, width);
            if !built.tree.set_widths(widths) {
                break;
            }
            built.tree.clear_layout();
            lay_out(&mut built.tree, built.root, width, height);
            laid = cut(built, self.geometry.clone(), scale)?;
        }
        let over = wide / width;
        if over > 1.0 + 1.0 / width && !built.tree.has_widths() {
            scale = (1.0 / over).max(1.0 / SHRINK_MAX);
            sources.warnings.add(
                "pdf.width",
                format!("content is {wide:.0} pixels wide, the page {width:.0}; it is made smaller to fit"),
            );
            built.tree.clear_layout();
            lay_out(&mut built.tree, built.root, width / scale, height / scale);
            laid = cut(built, self.geometry.clone(), scale)?;
        }
        Ok(laid)
    }
}

/// What is laid out and cut.
struct Laid {
    slots: Slots,
    fixed: Vec<crate::boxes::BoxId>,
    pages: usize,
    scale: f32,
}

/// Cuts what was laid out into pages.
fn cut(built: &mut Built, geometry: Rc<Geometry>, scale: f32) -> Result<Laid, Failure> {
    let name = first_name(&built.tree, built.root);
    let slots = Slots::pages(geometry, name, scale);
    let mut cutter = Cutter::new(&mut built.tree, slots);
    cutter.place(built.root, 0.0);
    let fixed = place_others(&mut cutter, built.root);
    let mut slots = cutter.slots;
    // Behind the last page that may be there is one without an end, for margins that nobody sees.
    if slots.list.len() > PAGES_MAX + 1 {
        return Err(Failure::TooManyPages);
    }
    let end = ink_end(&built.tree, built.root, &fixed);
    let pages = slots.index_at((end - 0.2).max(0.0)) + 1;
    if pages > PAGES_MAX {
        return Err(Failure::TooManyPages);
    }
    Ok(Laid {
        slots,
        fixed,
        pages,
        scale,
    })
}

/// Where the last thing ends that can be seen.
fn ink_end(tree: &Tree, root: crate::boxes::BoxId, fixed: &[crate::boxes::BoxId]) -> f32 {
    let mut end: f32 = 0.0;
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let one = tree.get(id);
        if fixed.contains(&id) {
            continue;
        }
        if tree.shows(id) {
            end = end.max(one.strip.bottom.min(1.0e9));
        }
        if let Some(lines) = one.lines() {
            for line in lines.lines.iter().filter(|line| !line.items.is_empty()) {
                end = end.max(one.strip.top + line.bottom + line.shift);
            }
        }
        // What is in columns lies on a strip of its own.
        if matches!(one.kind, crate::boxes::Kind::Columns(_)) {
            end = end.max(one.strip.bottom);
            continue;
        }
        let children = one
            .children
            .iter()
            .filter(|child| !tree.get(**child).is_placed());
        open.extend(children.chain(&one.hoisted));
    }
    end
}

#[cfg(test)]
mod tests;
