//! The cascade: rules that select an element, in the order in which they win, applied one after another.

mod index;

use std::collections::HashMap;
use std::rc::Rc;

use html5ever::local_name;

use self::index::Index;
use super::hints::hints;
use super::variables::Variables;
use super::{context, settle};
use crate::css::cursor::Cursor;
use crate::css::declaration::{Declaration, Target, Value, Wide, inline};
use crate::css::matching;
use crate::css::property::{ColorOf, Longhand, Property, Style};
use crate::css::selector::{PseudoElement, Specificity};
use crate::css::sheet::{Layer, Sheets};
use crate::css::token::tokenize;
use crate::css::values::color::Color;
use crate::css::values::content::Content;
use crate::css::values::font::Family;
use crate::dom::{Dom, Element, NodeId};

/// What every element of a document looks like.
#[derive(Debug)]
pub(crate) struct Styles {
    elements: Vec<Option<Rc<Style>>>,
    pseudos: HashMap<(NodeId, PseudoElement), Rc<Style>>,
    initial: Rc<Style>,
}

impl Styles {
    /// The style of an element; what is none has the initial one.
    pub(crate) fn of(&self, id: NodeId) -> &Rc<Style> {
        self.elements
            .get(id.index())
            .and_then(Option::as_ref)
            .unwrap_or(&self.initial)
    }

    pub(crate) fn pseudo(&self, id: NodeId, pseudo: PseudoElement) -> Option<&Rc<Style>> {
        self.pseudos.get(&(id, pseudo))
    }
}

/// Who says something, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Ua,
    Hint,
    Author,
    Attribute,
}

/// Something that is said of an element.
struct Said<'a> {
    origin: Origin,
    layer: Layer,
    specificity: Specificity,
    order: usize,
    declarations: &'a [Declaration],
}

/// Works out the style of everything.
pub(crate) fn cascade(dom: &Dom, ua: &Sheets, author: &Sheets, page: (f32, f32)) -> Styles {
    let mut index = Index::default();
    index.add(Origin::Ua, ua, dom.quirks);
    index.add(Origin::Author, author, dom.quirks);
    let mut work = Work {
        dom,
        index,
        page,
        root: None,
        styles: Styles {
            elements: vec![None; dom.len()],
            pseudos: HashMap::new(),
            initial: Rc::new(Style::initial()),
        },
    };
    let mut open: Vec<(NodeId, Option<Rc<Style>>, Variables)> = dom
        .children(Dom::ROOT)
        .iter()
        .map(|id| (*id, None, Variables::default()))
        .collect();
    while let Some((id, parent, variables)) = open.pop() {
        let Some(element) = dom.element(id) else {
            continue;
        };
        let (style, variables) = work.element(id, element, parent.as_ref(), &variables);
        for child in dom.children(id).iter().rev() {
            open.push((*child, Some(style.clone()), variables.clone()));
        }
    }
    work.styles
}

struct Work<'a> {
    dom: &'a Dom,
    index: Index<'a>,
    page: (f32, f32),
    root: Option<Rc<Style>>,
    styles: Styles,
}

impl Work<'_> {
    fn element(
        &mut self,
        id: NodeId,
        element: &Element,
        parent: Option<&Rc<Style>>,
        variables: &Variables,
    ) -> (Rc<Style>, Variables) {
        let hints = hints(self.dom, id, element);
        let own = element
            .attribute(&local_name!("style"))
            .map(inline)
            .unwrap_or_default();
        let mut said: Vec<Said<'_>> = Vec::new();
        let mut of_pseudos: Vec<(PseudoElement, Said<'_>)> = Vec::new();
        for entry in self.index.candidates(element) {
            if !matching::matches(self.dom, id, entry.selector) {
                continue;
            }
            let one = Said {
                origin: entry.origin,
                layer: entry.rule.layer,
                specificity: entry.selector.specificity,
                order: entry.order,
                declarations: &entry.rule.declarations,
            };
            match entry.selector.pseudo {
                None => said.push(one),
                Some(pseudo) => of_pseudos.push((pseudo, one)),
            }
        }
        for (origin, declarations) in [(Origin::Hint, &hints), (Origin::Attribute, &own)] {
            said.push(Said {
                origin,
                layer: Layer::NONE,
                specificity: Specificity::default(),
                order: 0,
                declarations,
            });
        }
        let (style, variables) = apply(said, parent, self.root.as_deref(), variables, self.page);
        let style = Rc::new(style);
        if self.root.is_none() {
            self.root = Some(style.clone());
        }
        self.styles.elements[id.index()] = Some(style.clone());
        self.pseudos(id, &style, &variables, of_pseudos);
        (style, variables)
    }

    fn pseudos(
        &mut self,
        id: NodeId,
        style: &Rc<Style>,
        variables: &Variables,
        said: Vec<(PseudoElement, Said<'_>)>,
    ) {
        let mut by_pseudo: HashMap<PseudoElement, Vec<Said<'_>>> = HashMap::new();
        for (pseudo, one) in said {
            by_pseudo.entry(pseudo).or_default().push(one);
        }
        for (pseudo, said) in by_pseudo {
            let (own, _) = apply(
                said,
                Some(style),
                self.root.as_deref(),
                variables,
                self.page,
            );
            let generated = matches!(pseudo, PseudoElement::Before | PseudoElement::After);
            let is_seen = !generated || matches!(own.content, Content::Items(_));
            if is_seen {
                self.styles.pseudos.insert((id, pseudo), Rc::new(own));
            }
        }
    }
}

/// What one declaration does to a style.
enum Step<'a> {
    Property(&'a Property),
    Own(Rc<[Property]>),
    Wide(&'a [Longhand], Wide),
    OwnWide(Rc<[Longhand]>, Wide),
    All(Wide),
}

/// Applies everything that is said, the weakest first.
fn apply(
    mut said: Vec<Said<'_>>,
    parent: Option<&Rc<Style>>,
    root: Option<&Style>,
    variables: &Variables,
    page: (f32, f32),
) -> (Style, Variables) {
    said.sort_by_key(|one| (one.origin, one.layer, one.specificity, one.order));
    let ordered = in_order(&said);
    let own: Vec<(Rc<str>, Rc<str>)> = ordered
        .iter()
        .filter_map(|declaration| match &declaration.value {
            Value::Variable(name, text) => Some((name.clone(), text.clone())),
            _ => None,
        })
        .collect();
    let variables = variables.with(&own);
    let steps: Vec<Step<'_>> = ordered
        .iter()
        .flat_map(|declaration| steps(declaration, &variables))
        .collect();
    let initial;
    let parent_style = match parent {
        Some(parent) => &**parent,
        None => {
            initial = Style::initial();
            &initial
        }
    };
    let mut style = Style::unsettled_child_of(parent_style);
    let mut at = context(parent_style, root.unwrap_or(parent_style), page);
    at.parent_weight = parent_style.font_weight;
    // The font's size first, by the parent's; then the height of lines; everything else is measured by both.
    for step in &steps {
        step.apply(&mut style, parent_style, &at, |longhand| {
            longhand == Longhand::FontFamily
        });
    }
    let by = fixed_pitch(&style) / fixed_pitch(parent_style);
    style.font_size *= by;
    at.font_size *= by;
    for first in [Longhand::FontSize, Longhand::LineHeight] {
        for step in &steps {
            step.apply(&mut style, parent_style, &at, |longhand| longhand == first);
        }
        at.font_size = style.font_size;
        if root.is_none() {
            at.root_font_size = style.font_size;
        }
    }
    at.line_height = style.line_height.px(style.font_size);
    for step in &steps {
        step.apply(&mut style, parent_style, &at, |longhand| {
            !matches!(longhand, Longhand::FontSize | Longhand::LineHeight)
        });
    }
    let mut style = style.settled();
    settle(&mut style, parent.map(|parent| &**parent));
    (style, variables)
}

/// The style that declarations make, the weakest first, of something that no rule selects: a page, or a box in its margins.
pub(crate) fn spoken(said: &[&[Declaration]], parent: &Rc<Style>, page: (f32, f32)) -> Style {
    let said = said
        .iter()
        .enumerate()
        .map(|(order, declarations)| Said {
            origin: Origin::Author,
            layer: Layer::NONE,
            specificity: Specificity::default(),
            order,
            declarations,
        })
        .collect();
    apply(
        said,
        Some(parent),
        Some(parent),
        &Variables::default(),
        page,
    )
    .0
}

/// Letters of one width look larger than others; where nobody names a font of theirs, they are made smaller.
fn fixed_pitch(style: &Style) -> f32 {
    match *style.font_family.0 {
        [Family::Monospace] => 13.0 / 16.0,
        _ => 1.0,
    }
}

/// All declarations in the order in which they win: the important ones last, and among them the browser's very last.
fn in_order<'a>(said: &[Said<'a>]) -> Vec<&'a Declaration> {
    let all = |important: bool, ua: Option<bool>| {
        said.iter()
            .filter(move |one| ua.is_none_or(|ua| (one.origin == Origin::Ua) == ua))
            .flat_map(|one| one.declarations)
            .filter(move |declaration| declaration.important == important)
    };
    all(false, None)
        .chain(all(true, Some(false)))
        .chain(all(true, Some(true)))
        .collect()
}

fn steps<'a>(declaration: &'a Declaration, variables: &Variables) -> Vec<Step<'a>> {
    match &declaration.value {
        Value::Properties(properties) => properties.iter().map(Step::Property).collect(),
        Value::Wide(longhands, wide) => vec![Step::Wide(longhands, *wide)],
        Value::All(wide) => vec![Step::All(*wide)],
        Value::Variable(..) => Vec::new(),
        Value::Open(target, text) => vec![opened(*target, text, variables)],
    }
}

/// A value with variables in it, read now. One that then makes no sense is as if nothing had been said.
fn opened<'a>(target: Target, text: &str, variables: &Variables) -> Step<'a> {
    let value = variables.put_in(text).and_then(|text| {
        let tokens = tokenize(&text);
        target.read(Cursor::new(&tokens))
    });
    match value {
        Some(Value::Properties(properties)) => Step::Own(properties),
        Some(Value::Wide(longhands, wide)) => Step::OwnWide(longhands, wide),
        _ => {
            let longhands = match target {
                Target::Longhand(longhand) => Rc::from([longhand]),
                Target::Shorthand(shorthand) => shorthand.longhands.into(),
            };
            Step::OwnWide(longhands, Wide::Unset)
        }
    }
}

impl Step<'_> {
    fn apply(
        &self,
        style: &mut Style,
        parent: &Style,
        at: &crate::css::values::Context,
        wanted: impl Fn(Longhand) -> bool,
    ) {
        let mut property = |property: &Property| {
            if !wanted(property.longhand()) {
                return;
            }
            match property {
                // The text's colour, said of the text, is the parent's.
                Property::Color(ColorOf(Color::Current)) => style.color = parent.color,
                property => property.apply(style, at),
            }
        };
        match self {
            Step::Property(one) => property(one),
            Step::Own(all) => all.iter().for_each(&mut property),
            Step::Wide(longhands, wide) => {
                wide_all(longhands.iter(), *wide, style, parent, &wanted);
            }
            Step::OwnWide(longhands, wide) => {
                wide_all(longhands.iter(), *wide, style, parent, &wanted);
            }
            Step::All(wide) => {
                let kept = (style.direction, style.unicode_bidi);
                // `all` resets everything at once; the font's size was settled before.
                if wanted(Longhand::Display) {
                    let (size, height) = (style.font_size, style.line_height);
                    *style = match wide {
                        Wide::Initial => Style::initial(),
                        Wide::Inherit => parent.clone(),
                        Wide::Unset => Style::unsettled_child_of(parent),
                    };
                    (style.font_size, style.line_height) = (size, height);
                    (style.direction, style.unicode_bidi) = kept;
                } else {
                    let both = [Longhand::FontSize, Longhand::LineHeight];
                    wide_all(both.iter(), *wide, style, parent, &wanted);
                }
            }
        }
    }
}

fn wide_all<'l>(
    longhands: impl Iterator<Item = &'l Longhand>,
    wide: Wide,
    style: &mut Style,
    parent: &Style,
    wanted: &impl Fn(Longhand) -> bool,
) {
    for longhand in longhands.filter(|longhand| wanted(**longhand)) {
        let inherits = match wide {
            Wide::Initial => false,
            Wide::Inherit => true,
            Wide::Unset => longhand.is_inherited(),
        };
        if inherits {
            longhand.inherit(style, parent);
        } else {
            longhand.reset(style);
        }
    }
}

#[cfg(test)]
mod tests;
