//! How large pages are, and what is around their content.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::css::declaration::Declaration;
use crate::css::property::Style;
use crate::css::sheet::{MarginBox, Orientation, PageRule, PageSelector, PageSize};
use crate::css::values::boxes::Display;
use crate::css::values::content::Content;
use crate::css::values::keyword::TextAlign;
use crate::css::values::length::{Length, Lp};
use crate::css::values::text::VerticalAlign;
use crate::css::values::{Compute as _, Context};
use crate::style::spoken;

/// Pixels in a point.
pub(crate) const POINT: f32 = 96.0 / 72.0;
/// A page's sides, in pixels: what a reader of PDFs opens at most, and what still is a page.
const SIDE_MAX: f32 = 14_400.0 * POINT;
const SIDE_MIN: f32 = 10.0;
/// What is left between margins at least.
const CONTENT_MIN: f32 = 8.0;

/// Lengths on four sides, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sides {
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
    pub(crate) left: f32,
}

/// One kind of page.
#[derive(Clone, Debug)]
pub(crate) struct PageBox {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) margin: Sides,
    /// Border and padding around the content, within the margins.
    pub(crate) inner: Sides,
    pub(crate) style: Rc<Style>,
    /// What stands in the margins.
    pub(crate) boxes: Vec<(MarginBox, Rc<Style>)>,
}

impl PageBox {
    pub(crate) fn content_width(&self) -> f32 {
        self.width - self.left() - self.margin.right - self.inner.right
    }

    pub(crate) fn content_height(&self) -> f32 {
        self.height - self.top() - self.margin.bottom - self.inner.bottom
    }

    /// Where the content begins.
    pub(crate) fn left(&self) -> f32 {
        self.margin.left + self.inner.left
    }

    pub(crate) fn top(&self) -> f32 {
        self.margin.top + self.inner.top
    }
}

/// What the caller asked for; that is heard before what the document says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// Pixels, upright where it is a size by name.
    pub(crate) size: Option<(f32, f32)>,
    pub(crate) landscape: Option<bool>,
    pub(crate) margin: Option<Sides>,
}

/// Pages of a document: what its rules say of each.
#[derive(Debug)]
pub(crate) struct Geometry {
    rules: Vec<PageRule>,
    root: Rc<Style>,
    asked: Asked,
    made: RefCell<HashMap<Key, Rc<PageBox>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    name: Option<Rc<str>>,
    first: bool,
    left: bool,
    blank: bool,
}

/// Pixels of A4, which pages are when nobody says anything.
const A4: (f32, f32) = (210.0 * 96.0 / 25.4, 297.0 * 96.0 / 25.4);

impl Geometry {
    /// Rules in the order in which they win, the weakest first.
    pub(crate) fn new(rules: Vec<PageRule>, root: Rc<Style>, asked: Asked) -> Geometry {
        Geometry {
            rules,
            root,
            asked,
            made: RefCell::default(),
        }
    }

    #[cfg(test)]
    pub(crate) fn plain(width: f32, height: f32) -> Geometry {
        let asked = Asked {
            size: Some((width, height)),
            landscape: None,
            margin: Some(Sides::default()),
        };
        Geometry::new(Vec::new(), Rc::new(Style::initial()), asked)
    }

    /// The page of this number, from 0.
    pub(crate) fn page(&self, index: usize, name: Option<&Rc<str>>, blank: bool) -> Rc<PageBox> {
        let key = Key {
            name: name.cloned(),
            first: index == 0,
            left: index % 2 == 1,
            blank,
        };
        if let Some(known) = self.made.borrow().get(&key) {
            return known.clone();
        }
        let made = Rc::new(self.make(&key));
        self.made.borrow_mut().insert(key, made.clone());
        made
    }

    fn make(&self, key: &Key) -> PageBox {
        let rules = self.chosen(key);
        let (width, height) = self.size(&rules);
        let said: Vec<&[Declaration]> = rules.iter().map(|rule| &*rule.declarations).collect();
        let mut style = spoken(&said, &self.root, (width, height));
        style.display = Display::Block;
        let of = |lp: &Option<Lp>, basis: f32| lp.as_ref().map_or(0.0, |lp| lp.resolve(basis));
        let mut margin = self.asked.margin.unwrap_or(Sides {
            top: of(&style.margin_top, height),
            right: of(&style.margin_right, width),
            bottom: of(&style.margin_bottom, height),
            left: of(&style.margin_left, width),
        });
        let inner = Sides {
            top: style.padding_top.resolve(width) + style.border_top_width,
            right: style.padding_right.resolve(width) + style.border_right_width,
            bottom: style.padding_bottom.resolve(width) + style.border_bottom_width,
            left: style.padding_left.resolve(width) + style.border_left_width,
        };
        let limit = |one: &mut f32, other: &mut f32, inner: f32, side: f32| {
            let most = (side - inner - CONTENT_MIN).max(0.0);
            let sum = *one + *other;
            if sum > most && sum > 0.0 {
                (*one, *other) = (*one * most / sum, *other * most / sum);
            }
        };
        limit(
            &mut margin.left,
            &mut margin.right,
            inner.left + inner.right,
            width,
        );
        limit(
            &mut margin.top,
            &mut margin.bottom,
            inner.top + inner.bottom,
            height,
        );
        let style = Rc::new(style);
        let boxes = margin_boxes(&rules, &style, (width, height));
        PageBox {
            width,
            height,
            margin,
            inner,
            style,
            boxes,
        }
    }

    /// The rules for a page, the weakest first.
    fn chosen(&self, key: &Key) -> Vec<&PageRule> {
        let selects = |selector: &PageSelector| {
            selector
                .name
                .as_ref()
                .is_none_or(|name| Some(name) == key.name.as_ref())
                && (!selector.first || key.first)
                && (!selector.blank || key.blank)
                && selector.left.is_none_or(|left| left == key.left)
        };
        let mut all: Vec<((u8, u8, u8), &PageRule)> = self
            .rules
            .iter()
            .filter_map(|rule| {
                if rule.selectors.is_empty() {
                    return Some(((0, 0, 0), rule));
                }
                let weights = rule.selectors.iter().filter(|one| selects(one));
                weights
                    .map(PageSelector::weight)
                    .max()
                    .map(|weight| (weight, rule))
            })
            .collect();
        all.sort_by_key(|(weight, _)| *weight);
        all.into_iter().map(|(_, rule)| rule).collect()
    }

    fn size(&self, rules: &[&PageRule]) -> (f32, f32) {
        let said = rules.iter().rev().find_map(|rule| rule.size.as_ref());
        let of_points = |(width, height): (f32, f32)| (width * POINT, height * POINT);
        let mut turned = self.asked.landscape;
        let size = match (self.asked.size, said) {
            (Some(size), _) => size,
            (None, None) => A4,
            (None, Some(PageSize::Turned(orientation))) => {
                turned = turned.or(Some(*orientation == Orientation::Landscape));
                A4
            }
            (None, Some(PageSize::Named(size, orientation))) => {
                turned = turned.or(orientation.map(|one| one == Orientation::Landscape));
                of_points(*size)
            }
            (None, Some(PageSize::Lengths(width, height))) => {
                let context = Context {
                    page_width: A4.0,
                    page_height: A4.1,
                    ..crate::style::context(&self.root, &self.root, A4)
                };
                let px = |length: &Length| length.compute(&context);
                (px(width), px(height))
            }
        };
        let (width, height) = match turned {
            Some(true) => (size.0.max(size.1), size.0.min(size.1)),
            Some(false) => (size.0.min(size.1), size.0.max(size.1)),
            None => size,
        };
        (
            width.clamp(SIDE_MIN, SIDE_MAX),
            height.clamp(SIDE_MIN, SIDE_MAX),
        )
    }
}

/// The boxes in the margins that something stands in.
fn margin_boxes(
    rules: &[&PageRule],
    page: &Rc<Style>,
    size: (f32, f32),
) -> Vec<(MarginBox, Rc<Style>)> {
    let mut places: Vec<MarginBox> = rules
        .iter()
        .flat_map(|rule| rule.boxes.iter().map(|(place, _)| *place))
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut out = Vec::new();
    for place in places {
        let said: Vec<&[Declaration]> = rules
            .iter()
            .flat_map(|rule| rule.boxes.iter())
            .filter(|(own, _)| *own == place)
            .map(|(_, declarations)| &**declarations)
            .collect();
        let mut base = Style::child_of(page);
        (base.text_align, base.vertical_align) = alignment(place);
        let mut style = spoken(&said, &Rc::new(base.clone()), size);
        if !says(&said, "vertical-align") {
            style.vertical_align = base.vertical_align;
        }
        style.display = Display::Block;
        if matches!(style.content, Content::Items(_)) {
            out.push((place, Rc::new(style)));
        }
    }
    out
}

/// Whether one of the declarations is of this property.
fn says(said: &[&[Declaration]], name: &str) -> bool {
    use crate::css::declaration::Value;
    use crate::css::property::Longhand;
    let Some(wanted) = Longhand::of(name) else {
        return false;
    };
    said.iter()
        .flat_map(|all| all.iter())
        .any(|declaration| match &declaration.value {
            Value::Properties(all) => all.iter().any(|property| property.longhand() == wanted),
            Value::Wide(longhands, _) => longhands.contains(&wanted),
            _ => false,
        })
}

/// How things stand in a margin box unless it says otherwise.
fn alignment(place: MarginBox) -> (TextAlign, VerticalAlign) {
    use MarginBox as M;
    match place {
        M::TopLeftCorner | M::BottomLeftCorner => (TextAlign::Right, VerticalAlign::Middle),
        M::TopLeft | M::BottomLeft => (TextAlign::Left, VerticalAlign::Middle),
        M::TopCenter | M::BottomCenter => (TextAlign::Center, VerticalAlign::Middle),
        M::TopRight | M::BottomRight => (TextAlign::Right, VerticalAlign::Middle),
        M::TopRightCorner | M::BottomRightCorner => (TextAlign::Left, VerticalAlign::Middle),
        M::LeftTop | M::RightTop => (TextAlign::Center, VerticalAlign::Top),
        M::LeftMiddle | M::RightMiddle => (TextAlign::Center, VerticalAlign::Middle),
        M::LeftBottom | M::RightBottom => (TextAlign::Center, VerticalAlign::Bottom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::media::Paper;
    use crate::css::sheet::Sheets;

    fn geometry(css: &str, asked: Asked) -> Geometry {
        let mut sheets = Sheets::default();
        let paper = Paper {
            width: A4.0,
            height: A4.1,
        };
        sheets.add(css, paper);
        Geometry::new(sheets.pages, Rc::new(Style::initial()), asked)
    }

    #[test]
    fn sizes_and_margins() {
        let page = geometry("", Asked::default()).page(0, None, false);
        assert_eq!((page.width.round(), page.height.round()), (794.0, 1_123.0));
        let page = geometry(
            "@page { size: a5 landscape; margin: 1in 10% }",
            Asked::default(),
        );
        let page = page.page(0, None, false);
        assert_eq!((page.width.round(), page.height.round()), (794.0, 559.0));
        assert_eq!((page.margin.top, page.margin.left.round()), (96.0, 79.0));
        let page = geometry("@page { size: 4in 2in }", Asked::default()).page(0, None, false);
        assert_eq!((page.width, page.height), (384.0, 192.0));
    }

    #[test]
    fn the_caller_is_heard_first() {
        let asked = Asked {
            size: Some((600.0, 800.0)),
            landscape: Some(true),
            margin: Some(Sides::default()),
        };
        let page = geometry("@page { size: a5; margin: 1in }", asked).page(0, None, false);
        assert_eq!(
            (page.width, page.height, page.margin.top),
            (800.0, 600.0, 0.0)
        );
    }

    #[test]
    fn rules_that_say_more_win() {
        let css =
            "@page :first { margin: 10px } @page wide { size: landscape } @page { margin: 50px }
            @page :left { margin-left: 90px }";
        let all = geometry(css, Asked::default());
        assert_eq!(all.page(0, None, false).margin.left, 10.0);
        assert_eq!(all.page(1, None, false).margin.left, 90.0);
        assert_eq!(all.page(2, None, false).margin.left, 50.0);
        let name: Rc<str> = "wide".into();
        let wide = all.page(2, Some(&name), false);
        assert!(wide.width > wide.height);
    }

    #[test]
    fn content_is_left_between_the_widest_margins() {
        let page = geometry("@page { size: 100px; margin: 90px }", Asked::default());
        let page = page.page(0, None, false);
        assert!(
            page.content_width() >= CONTENT_MIN - 0.01
                && page.content_height() >= CONTENT_MIN - 0.01
        );
    }
}
