//! Style sheets: rules for elements, for pages, and fonts that they bring.

use std::rc::Rc;

use super::cursor::{Cursor, lower};
use super::declaration::{Declaration, at_rule, block, descriptors};
use super::media::{self, Paper};
use super::selector::{self, Selectors};
use super::token::{Bracket, Spanned, Token, tokenize};
use crate::budget::{NESTING_MAX, SELECTORS_MAX};

mod font_face;
mod page;

pub(crate) use font_face::{FontFace, Source};
pub(crate) use page::{MarginBox, Orientation, PageRule, PageSelector, PageSize, named_size};

/// Everything that the style sheets of a document say, in order.
#[derive(Debug, Default)]
pub(crate) struct Sheets {
    pub(crate) rules: Vec<Rule>,
    pub(crate) pages: Vec<PageRule>,
    pub(crate) fonts: Vec<FontFace>,
    /// Addresses of other style sheets, which nobody loads.
    pub(crate) imports: Vec<String>,
    /// Whether there is a condition that may ask how large pages are.
    pub(crate) has_conditions: bool,
    /// Whether there were more selectors than [`SELECTORS_MAX`].
    pub(crate) is_cut: bool,
    selectors: usize,
    layers: Vec<String>,
}

/// The text of a style sheet, taken apart.
pub(crate) struct Text<'a> {
    source: &'a str,
    tokens: Vec<Spanned<'a>>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(source: &'a str) -> Text<'a> {
        let tokens = tokenize(source);
        Text { source, tokens }
    }

    /// Addresses of other style sheets, wherever they stand.
    pub(crate) fn imports(&self, paper: Paper) -> Vec<String> {
        let is_import = |token: &Spanned<'_>| matches!(&token.token, Token::At(name) if name.eq_ignore_ascii_case("import"));
        if !self.tokens.iter().any(is_import) {
            return Vec::new();
        }
        let mut ahead = Sheets::default();
        ahead.add_text(self, paper);
        ahead.imports
    }
}

/// A rule for elements.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) selectors: Selectors,
    pub(crate) declarations: Rc<[Declaration]>,
    pub(crate) layer: Layer,
}

/// Where a rule stands among the layers: rules outside of all of them win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layer(u16);

impl Layer {
    pub(crate) const NONE: Layer = Layer(u16::MAX);
}

impl Sheets {
    /// Adds what a style sheet says.
    pub(crate) fn add(&mut self, source: &str, paper: Paper) {
        self.add_text(&Text::new(source), paper);
    }

    pub(crate) fn add_text(&mut self, text: &Text<'_>, paper: Paper) {
        let source = text.source;
        let reader = Reader { source, paper };
        reader.rules(self, Cursor::new(&text.tokens), Where::default(), 0);
    }

    fn layer(&mut self, name: &str) -> Layer {
        let at = self.layers.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| {
            self.layers.push(name.to_owned());
            self.layers.len() - 1
        });
        Layer(u16::try_from(at).unwrap_or(u16::MAX - 1))
    }
}

/// What a rule stands in.
#[derive(Clone, Default)]
struct Where {
    layer: Option<String>,
    parent: Option<Selectors>,
}

struct Reader<'a> {
    source: &'a str,
    paper: Paper,
}

impl Reader<'_> {
    fn rules(&self, sheets: &mut Sheets, mut text: Cursor<'_, '_>, place: Where, depth: usize) {
        if depth > NESTING_MAX {
            return;
        }
        loop {
            text.space();
            match text.peek() {
                None => return,
                Some(Token::At(name)) => {
                    let name = lower(name);
                    text.next();
                    let (prelude, inside) = at_rule(&mut text);
                    self.at(sheets, &name, prelude, inside, &place, depth);
                }
                Some(_) => {
                    let prelude = text.until(|token| *token == Token::Open(Bracket::Curly));
                    if text.next().is_none() {
                        return;
                    }
                    let inside = text.inside(Bracket::Curly);
                    self.rule(sheets, prelude, inside, &place, depth);
                }
            }
        }
    }

    fn rule(
        &self,
        sheets: &mut Sheets,
        prelude: Cursor<'_, '_>,
        inside: Cursor<'_, '_>,
        place: &Where,
        depth: usize,
    ) {
        if depth > NESTING_MAX {
            return;
        }
        let Some(selectors) = selector::parse(prelude, place.parent.as_ref()) else {
            return;
        };
        sheets.selectors += selectors.len();
        if sheets.selectors > SELECTORS_MAX {
            sheets.is_cut = true;
            return;
        }
        let mut nested = Vec::new();
        let mut at = Vec::new();
        let declarations = block(
            self.source,
            inside,
            |prelude, inside| nested.push((prelude, inside)),
            |name, prelude, inside| at.push((name.to_owned(), prelude, inside)),
        );
        if !declarations.is_empty() {
            let layer = self.layer_of(sheets, place);
            sheets.rules.push(Rule {
                selectors: selectors.clone(),
                declarations: declarations.into(),
                layer,
            });
        }
        let within = Where {
            parent: Some(selectors),
            layer: place.layer.clone(),
        };
        for (prelude, inside) in nested {
            self.rule(sheets, prelude, inside, &within, depth + 1);
        }
        for (name, prelude, inside) in at {
            self.at(sheets, &name, prelude, inside, &within, depth + 1);
        }
    }

    fn layer_of(&self, sheets: &mut Sheets, place: &Where) -> Layer {
        match &place.layer {
            Some(name) => sheets.layer(name),
            None => Layer::NONE,
        }
    }

    fn at(
        &self,
        sheets: &mut Sheets,
        name: &str,
        prelude: Cursor<'_, '_>,
        inside: Option<Cursor<'_, '_>>,
        place: &Where,
        depth: usize,
    ) {
        match (name, inside) {
            ("media", Some(inside)) => {
                sheets.has_conditions = true;
                if media::holds(prelude, self.paper) {
                    self.inner(sheets, inside, place.clone(), depth);
                }
            }
            ("supports", Some(inside)) if media::supported(prelude) => {
                self.inner(sheets, inside, place.clone(), depth);
            }
            ("layer", None) => {
                for mut part in prelude.parts() {
                    if let Some(name) = layer_name(&mut part, place) {
                        sheets.layer(&name);
                    }
                }
            }
            ("layer", Some(inside)) => {
                let mut prelude = prelude;
                let name = layer_name(&mut prelude, place)
                    .unwrap_or_else(|| format!("\0{}", sheets.layers.len()));
                sheets.layer(&name);
                let within = Where {
                    layer: Some(name),
                    ..place.clone()
                };
                self.inner(sheets, inside, within, depth);
            }
            ("page", Some(inside)) => {
                sheets
                    .pages
                    .extend(page::read(self.source, prelude, inside));
            }
            ("font-face", Some(inside)) => {
                sheets.fonts.extend(font_face::read(&descriptors(inside)));
            }
            ("import", None) => {
                let mut prelude = prelude;
                if let Some(url) = prelude.url().or_else(|| prelude.string()) {
                    sheets.imports.push(url.to_owned());
                }
            }
            _ => {}
        }
    }

    /// What stands in a condition: rules, or within a rule also declarations of the rule around it.
    fn inner(&self, sheets: &mut Sheets, inside: Cursor<'_, '_>, place: Where, depth: usize) {
        match &place.parent {
            None => self.rules(sheets, inside, place, depth + 1),
            Some(parent) => {
                let parent = parent.clone();
                let mut nested = Vec::new();
                let declarations = block(
                    self.source,
                    inside,
                    |prelude, inside| nested.push((prelude, inside)),
                    |_, _, _| {},
                );
                if !declarations.is_empty() {
                    let layer = self.layer_of(sheets, &place);
                    sheets.rules.push(Rule {
                        selectors: parent,
                        declarations: declarations.into(),
                        layer,
                    });
                }
                for (prelude, inside) in nested {
                    self.rule(sheets, prelude, inside, &place, depth + 1);
                }
            }
        }
    }
}

/// A name with points in it, below the layer that it stands in.
fn layer_name(text: &mut Cursor<'_, '_>, place: &Where) -> Option<String> {
    let mut name = text.ident()?.to_owned();
    while text.delim('.') {
        name.push('.');
        name.push_str(text.ident()?);
    }
    Some(match &place.layer {
        Some(outer) => format!("{outer}.{name}"),
        None => name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(source: &str) -> Sheets {
        let mut sheets = Sheets::default();
        let paper = Paper {
            width: 794.0,
            height: 1_123.0,
        };
        sheets.add(source, paper);
        sheets
    }

    #[test]
    fn rules_that_cannot_be_read_are_left_out_and_the_rest_stays() {
        let found = sheets(
            "a { color: red } b! { color: red } c { } d { color: red; e { color: red } } } g { color: red } f",
        );
        assert_eq!(
            found.rules.len(),
            3,
            "a, d, and e within it; g follows a bracket too many"
        );
    }

    #[test]
    fn conditions_layers_and_nesting() {
        let found = sheets(
            "@charset 'x'; @import url(a.css); @layer low, high;
             @media print { a { color: red } } @media screen { b { color: red } }
             @supports (display: grid) { c { color: red } }
             @layer high { d { color: red } } @layer low { e { color: red } }
             f { @media print { color: red } &:first-child { color: red } > g { color: red } h & { color: red } }",
        );
        assert_eq!(found.imports, ["a.css"]);
        let layers: Vec<Layer> = found.rules.iter().map(|rule| rule.layer).collect();
        assert_eq!(layers[..4], [Layer::NONE, Layer::NONE, Layer(1), Layer(0)]);
        assert_eq!(found.rules.len(), 8);
    }

    #[test]
    fn depth_and_number_of_selectors_are_limited() {
        let deep = sheets(&format!(
            "{}a {{ color: red }}",
            "@media print {".repeat(1_000)
        ));
        assert_eq!(deep.rules.len(), 0);
        let shallow = sheets(&format!(
            "{}a {{ color: red }}",
            "@media print {".repeat(10)
        ));
        assert_eq!(shallow.rules.len(), 1);
        let many = sheets(&"a,b{color:red}".repeat(SELECTORS_MAX / 2));
        assert!(!many.is_cut);
        let more = sheets(&format!(
            "{}c{{color:red}}",
            "a,b{color:red}".repeat(SELECTORS_MAX / 2)
        ));
        assert!(more.is_cut);
        assert_eq!(more.rules.len(), SELECTORS_MAX / 2);
    }
}
