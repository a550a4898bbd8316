//! Declarations: a property or a shorthand, a value, and whether it is important.

use std::rc::Rc;

use super::cursor::{Cursor, lower};
use super::property::{Longhand, Property};
use super::shorthand::{self, Shorthand};
use super::token::{Bracket, Spanned, Token, tokenize};

#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) value: Value,
    pub(crate) important: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Properties(Rc<[Property]>),
    /// The same word for one property or for all that a shorthand sets.
    Wide(Rc<[Longhand]>, Wide),
    /// `all`.
    All(Wide),
    Variable(Rc<str>, Rc<str>),
    /// A value that has variables in it; read again for each element.
    Open(Target, Rc<str>),
}

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Longhand(Longhand),
    Shorthand(Shorthand),
}

/// Words that every property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wide {
    Initial,
    Inherit,
    /// What it would be if nobody had said anything: `revert` and `revert-layer` are taken for it.
    Unset,
}

const WIDE: [(&str, Wide); 5] = [
    ("initial", Wide::Initial),
    ("inherit", Wide::Inherit),
    ("unset", Wide::Unset),
    ("revert", Wide::Unset),
    ("revert-layer", Wide::Unset),
];

impl Target {
    /// What a name in lower case means. Old names with a browser's mark mean what the name without it does.
    pub(crate) fn of(name: &str) -> Option<Target> {
        let known = |name: &str| {
            shorthand::of(name)
                .map(Target::Shorthand)
                .or_else(|| Longhand::of(name).map(Target::Longhand))
                .or_else(|| logical(name).map(Target::Longhand))
        };
        known(name).or_else(|| known(name.strip_prefix("-webkit-")?))
    }

    fn longhands(self) -> Rc<[Longhand]> {
        match self {
            Target::Longhand(longhand) => Rc::from([longhand]),
            Target::Shorthand(shorthand) => shorthand.longhands.into(),
        }
    }

    /// Reads a value whose variables are put in already.
    pub(crate) fn read(self, text: Cursor<'_, '_>) -> Option<Value> {
        let wide = text.whole(|text| text.keyword(&WIDE));
        if let Some(wide) = wide {
            return Some(Value::Wide(self.longhands(), wide));
        }
        let properties: Rc<[Property]> = match self {
            Target::Longhand(longhand) => Rc::from([text.whole(|text| longhand.parse(text))?]),
            Target::Shorthand(shorthand) => {
                let mut out = Vec::new();
                text.whole(|text| (shorthand.expand)(text, &mut out))?;
                out.into()
            }
        };
        Some(Value::Properties(properties))
    }
}

/// Sides by the direction of text. Pages here are written from left to right and from top to bottom; what begins a line
/// is on the left.
fn logical(name: &str) -> Option<Longhand> {
    use Longhand as L;
    Some(match name {
        "margin-block-start" => L::MarginTop,
        "margin-block-end" => L::MarginBottom,
        "margin-inline-start" => L::MarginLeft,
        "margin-inline-end" => L::MarginRight,
        "padding-block-start" => L::PaddingTop,
        "padding-block-end" => L::PaddingBottom,
        "padding-inline-start" => L::PaddingLeft,
        "padding-inline-end" => L::PaddingRight,
        "inset-block-start" => L::Top,
        "inset-block-end" => L::Bottom,
        "inset-inline-start" => L::Left,
        "inset-inline-end" => L::Right,
        "border-inline-start-width" => L::BorderLeftWidth,
        "border-inline-end-width" => L::BorderRightWidth,
        "border-inline-start-style" => L::BorderLeftStyle,
        "border-inline-end-style" => L::BorderRightStyle,
        "border-inline-start-color" => L::BorderLeftColor,
        "border-inline-end-color" => L::BorderRightColor,
        "border-start-start-radius" => L::RadiusTopLeft,
        "border-start-end-radius" => L::RadiusTopRight,
        "border-end-end-radius" => L::RadiusBottomRight,
        "border-end-start-radius" => L::RadiusBottomLeft,
        "font-variant" => L::FontCaps,
        _ => return None,
    })
}

/// Reads the declarations of a block; what cannot be read is left out. `on_rule` is given what looks like a rule within
/// the block: what stands before its brackets, and within.
pub(crate) fn block<'t, 'a>(
    source: &str,
    mut text: Cursor<'t, 'a>,
    mut on_rule: impl FnMut(Cursor<'t, 'a>, Cursor<'t, 'a>),
    mut on_at: impl FnMut(&str, Cursor<'t, 'a>, Option<Cursor<'t, 'a>>),
) -> Vec<Declaration> {
    let mut out = Vec::new();
    loop {
        text.space();
        match text.peek() {
            None => return out,
            Some(Token::Semicolon) => {
                text.next();
            }
            Some(Token::At(name)) => {
                let name = lower(name);
                text.next();
                let (prelude, inside) = at_rule(&mut text);
                on_at(&name, prelude, inside);
            }
            Some(Token::Ident(_)) if is_declaration(text) => {
                let whole = text.until(|token| *token == Token::Semicolon);
                out.extend(one(source, whole));
            }
            Some(_) => {
                // A rule within a rule, or rubbish that ends where one would.
                let prelude = text
                    .until(|token| matches!(token, Token::Open(Bracket::Curly) | Token::Semicolon));
                if let Some(Token::Open(Bracket::Curly)) = text.next() {
                    let inside = text.inside(Bracket::Curly);
                    on_rule(prelude, inside);
                }
            }
        }
    }
}

/// What follows the name of an at-rule: its prelude, and its block if it has one.
pub(crate) fn at_rule<'t, 'a>(
    text: &mut Cursor<'t, 'a>,
) -> (Cursor<'t, 'a>, Option<Cursor<'t, 'a>>) {
    let prelude =
        text.until(|token| matches!(token, Token::Open(Bracket::Curly) | Token::Semicolon));
    let inside = match text.next() {
        Some(Token::Open(Bracket::Curly)) => Some(text.inside(Bracket::Curly)),
        _ => None,
    };
    (prelude, inside)
}

/// Whether `name:` begins here and not `selector:pseudo {`. A block before the next semicolon tells.
fn is_declaration(mut text: Cursor<'_, '_>) -> bool {
    let is_variable = matches!(text.next(), Some(Token::Ident(name)) if name.starts_with("--"));
    text.space();
    if text.next() != Some(&Token::Colon) {
        return false;
    }
    if is_variable {
        return true;
    }
    text.until(|token| matches!(token, Token::Semicolon | Token::Open(Bracket::Curly)));
    !matches!(text.peek(), Some(Token::Open(Bracket::Curly)))
}

fn one(source: &str, mut text: Cursor<'_, '_>) -> Option<Declaration> {
    let name = text.ident()?;
    text.space();
    if text.next() != Some(&Token::Colon) {
        return None;
    }
    let (value, important) = without_important(text.rest());
    let text = Cursor::new(value);
    let raw = || {
        text.span()
            .and_then(|(start, end)| source.get(start..end))
            .unwrap_or_default()
            .trim()
    };
    if name.starts_with("--") {
        return Some(Declaration {
            value: Value::Variable(name.into(), raw().into()),
            important,
        });
    }
    let name = lower(name);
    if name == "all" {
        let wide = text.whole(|text| text.keyword(&WIDE))?;
        return Some(Declaration {
            value: Value::All(wide),
            important,
        });
    }
    let target = Target::of(&name)?;
    let value = if has_variable(value) {
        Value::Open(target, raw().into())
    } else {
        target.read(text)?
    };
    Some(Declaration { value, important })
}

fn has_variable(tokens: &[Spanned<'_>]) -> bool {
    tokens.iter().any(
        |spanned| matches!(&spanned.token, Token::Function(name) if name.eq_ignore_ascii_case("var")),
    )
}

/// Cuts `!important` off.
fn without_important<'t, 'a>(tokens: &'t [Spanned<'a>]) -> (&'t [Spanned<'a>], bool) {
    let is_space = |spanned: &Spanned<'_>| matches!(spanned.token, Token::Space);
    let trim = |tokens: &'t [Spanned<'a>]| {
        let end = tokens
            .iter()
            .rposition(|t| !is_space(t))
            .map_or(0, |at| at + 1);
        &tokens[..end]
    };
    let all = trim(tokens);
    if let Some((last, rest)) = all.split_last()
        && matches!(&last.token, Token::Ident(word) if word.eq_ignore_ascii_case("important"))
        && let Some((mark, rest)) = trim(rest).split_last()
        && mark.token == Token::Delim('!')
    {
        return (trim(rest), true);
    }
    (all, false)
}

/// The names in lower case and the values of a block that holds no properties of elements, such as that of a font.
pub(crate) fn descriptors<'t, 'a>(
    mut text: Cursor<'t, 'a>,
) -> Vec<(std::borrow::Cow<'t, str>, Cursor<'t, 'a>)> {
    let mut out = Vec::new();
    loop {
        text.space();
        match text.peek() {
            None => return out,
            Some(Token::At(_)) => {
                text.next();
                at_rule(&mut text);
            }
            Some(_) => {
                let mut whole = text.until(|token| *token == Token::Semicolon);
                text.next();
                if let Some(name) = whole.ident() {
                    whole.space();
                    if whole.next() == Some(&Token::Colon) {
                        let (value, _) = without_important(whole.rest());
                        out.push((lower(name), Cursor::new(value)));
                    }
                }
            }
        }
    }
}

/// Reads the declarations of a `style` attribute, or of a hint.
pub(crate) fn inline(source: &str) -> Vec<Declaration> {
    let tokens = tokenize(source);
    block(source, Cursor::new(&tokens), |_, _| {}, |_, _, _| {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::property::Style;
    use crate::css::values::Context;
    use crate::css::values::border::BorderStyle;
    use crate::css::values::boxes::Display;
    use crate::css::values::color::{Color, Rgba};
    use crate::css::values::length::{Lp, Size};

    fn applied(source: &str) -> Style {
        let mut style = Style::initial();
        for declaration in inline(source) {
            if let Value::Properties(properties) = declaration.value {
                for property in properties.iter() {
                    property.apply(&mut style, &Context::sample());
                }
            }
        }
        style
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let style =
            applied("width: 3px; widht: 4px; height: 5; color:; ;; min-width: 6px !important");
        assert_eq!(style.width, Size::Length(Lp::Px(3.0)));
        assert_eq!(style.height, Size::Auto);
        assert_eq!(style.min_width, Size::Length(Lp::Px(6.0)));
        let important: Vec<bool> = inline("a: b; width: 1px !important; height: 2px ! important")
            .iter()
            .map(|d| d.important)
            .collect();
        assert_eq!(important, [true, true]);
    }

    #[test]
    fn shorthands_set_all_of_theirs() {
        let style = applied("margin: 1px 2px 3px; border: 2px solid red; border-left: 0");
        assert_eq!(style.margin_left, Some(Lp::Px(2.0)));
        assert_eq!(style.margin_bottom, Some(Lp::Px(3.0)));
        assert_eq!(style.border_top_style, BorderStyle::Solid);
        assert_eq!(
            style.border_top_color,
            Color::Rgba(Rgba::bytes([255, 0, 0]))
        );
        assert_eq!(style.border_left_style, BorderStyle::None);
        let style = applied("flex: 1; border-radius: 4px 8px / 2px; overflow: hidden auto");
        assert_eq!((style.flex_grow, style.flex_shrink), (1.0, 1.0));
        assert_eq!(style.flex_basis, Some(Size::Length(Lp::Share(0.0))));
        assert_eq!(style.radius_top_right.0, Lp::Px(8.0));
        assert_eq!(style.radius_top_right.1, Lp::Px(2.0));
    }

    #[test]
    fn the_long_shorthands() {
        let style = applied("font: italic small-caps bold 12px/1.5 'A B', serif");
        assert_eq!((style.font_size, style.font_weight), (12.0, 700.0));
        assert_eq!(style.font_family.0.len(), 2);
        let style = applied("font: 80% Arial");
        assert_eq!(style.font_size, 16.0, "of the context's 20px");
        let style = applied(
            "background: url(a.png) no-repeat center / cover, linear-gradient(red, blue) #eee",
        );
        assert_eq!(style.background_image.len(), 2);
        assert!(matches!(style.background_color, Color::Rgba(c) if c.a == 1.0));
        let style = applied("grid-template: 'a b' 10px 'c c' / 1fr 2fr; grid-area: a");
        assert_eq!(style.grid_areas.areas.len(), 3);
        assert_eq!(style.grid_columns.len(), 2);
        let style = applied("display: inline flex");
        assert_eq!(style.display, Display::InlineFlex);
        let style = applied("list-style: none");
        assert_eq!(
            style.list_style,
            crate::css::values::content::ListStyle::None
        );
        let style = applied("text-decoration: underline dotted red; columns: 3 10em; inset: 0");
        assert!(style.decoration_line.under);
        assert_eq!(style.column_count, Some(3));
        assert_eq!(style.left, Some(Lp::Px(0.0)));
    }

    #[test]
    fn wide_words_and_variables_wait() {
        let all = inline("margin: inherit; --x: { a: b }; width: calc(var(--w) * 2); all: unset");
        assert!(
            matches!(&all[0].value, Value::Wide(longhands, Wide::Inherit) if longhands.len() == 4)
        );
        assert!(
            matches!(&all[1].value, Value::Variable(name, text) if &**name == "--x" && &**text == "{ a: b }")
        );
        assert!(matches!(
            &all[2].value,
            Value::Open(Target::Longhand(Longhand::Width), _)
        ));
        assert!(matches!(all[3].value, Value::All(Wide::Unset)));
    }
}
