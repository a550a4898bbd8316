//! `@font-face`: a family's name, and where its letters are.

use std::borrow::Cow;
use std::rc::Rc;

use crate::css::cursor::Cursor;
use crate::css::values::Parse as _;
use crate::css::values::font::FontWeight;
use crate::css::values::keyword::FontStyle;

#[derive(Clone, Debug)]
pub(crate) struct FontFace {
    pub(crate) family: Rc<str>,
    /// In the order in which they are tried.
    pub(crate) sources: Vec<Source>,
    /// `None` is what the font says itself.
    pub(crate) weight: Option<f32>,
    pub(crate) italic: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Url(Rc<str>),
    /// A font that is there already.
    Local(Rc<str>),
}

pub(super) fn read(all: &[(Cow<'_, str>, Cursor<'_, '_>)]) -> Option<FontFace> {
    let mut face = FontFace {
        family: "".into(),
        sources: Vec::new(),
        weight: None,
        italic: None,
    };
    for (name, value) in all {
        let mut value = *value;
        match &**name {
            "font-family" => {
                let family = value.string().map(str::to_owned).or_else(|| {
                    let mut name = value.ident()?.to_owned();
                    while let Some(more) = value.ident() {
                        name.push(' ');
                        name.push_str(more);
                    }
                    Some(name)
                });
                face.family = family?.into();
            }
            "src" => face.sources = value.parts().into_iter().filter_map(source).collect(),
            "font-weight" => match FontWeight::parse(&mut value) {
                // A range is a variable font's, which knows its own.
                Some(FontWeight::Number(weight)) if value.is_done() => face.weight = Some(weight),
                _ => {}
            },
            "font-style" => {
                face.italic = FontStyle::parse(&mut value).map(|style| style != FontStyle::Normal);
            }
            _ => {}
        }
    }
    (!face.family.is_empty() && !face.sources.is_empty()).then_some(face)
}

/// The format that may stand behind an address is not looked at: the font says itself what it is.
fn source(mut part: Cursor<'_, '_>) -> Option<Source> {
    if let Some(url) = part.url() {
        return Some(Source::Url(url.into()));
    }
    let (name, mut inside) = part.function()?;
    if &*name != "local" {
        return None;
    }
    let name = inside.string().or_else(|| inside.ident())?;
    Some(Source::Local(name.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::declaration::descriptors;
    use crate::css::token::tokenize;

    #[test]
    fn faces() {
        let text = "font-family: My Font; src: local('X'), url(data:font/ttf;base64,AA) format('truetype');
                    font-weight: bold; font-style: italic; unicode-range: U+0-7F";
        let tokens = tokenize(text);
        let face = read(&descriptors(Cursor::new(&tokens))).unwrap();
        assert_eq!(&*face.family, "My Font");
        assert_eq!(face.sources.len(), 2);
        assert_eq!((face.weight, face.italic), (Some(700.0), Some(true)));
        let tokens = tokenize("font-family: X");
        assert!(read(&descriptors(Cursor::new(&tokens))).is_none());
    }
}
