//! Pictures of vectors. What such a picture refers to stands in it as data or is not there.

use std::rc::Rc;
use std::sync::Arc;

use usvg::{FontFamily, FontResolver, ImageHrefResolver, ImageKind, Options, Tree, fontdb};

use super::{Drawn, Picture, raster};
use crate::budget::PICTURE_BYTES_MAX;
use crate::fonts::alias;

/// How such pictures are read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) fonts: Option<Arc<fontdb::Database>>,
}

/// Bytes of one picture: more text than that is none that a person drew.
const SOURCE_BYTES_MAX: usize = 4_000_000;

impl Reader {
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Picture, String> {
        if bytes.len() > SOURCE_BYTES_MAX {
            return Err(format!(
                "the SVG has {} bytes, allowed {SOURCE_BYTES_MAX}",
                bytes.len()
            ));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| "it is no picture that is read here".to_owned())?;
        if !text.contains("<svg") {
            return Err("it is no picture that is read here".into());
        }
        let options = Options {
            font_family: "Liberation Serif".into(),
            font_size: 16.0,
            image_href_resolver: ImageHrefResolver {
                resolve_data: Box::new(|_, data, options| embedded(data, options)),
                resolve_string: Box::new(|_, _| None),
            },
            fontdb: self.fonts.clone().unwrap_or_default(),
            font_resolver: FontResolver {
                select_font: Box::new(select_font),
                select_fallback: FontResolver::default_fallback_selector(),
            },
            ..Options::default()
        };
        let tree = Tree::from_str(text, &options)
            .map_err(|error| format!("the SVG cannot be read: {error}"))?;
        let size = tree.size();
        let own = own_size(text);
        Ok(Picture {
            ratio: Some(size.width() / size.height()),
            width: own.0.then_some(size.width()),
            height: own.1.then_some(size.height()),
            drawn: Drawn::Vectors(Rc::new(tree)),
        })
    }
}

/// The font that a text asks for; families that look like one of ours are that one.
fn select_font(font: &usvg::Font, database: &mut Arc<fontdb::Database>) -> Option<fontdb::ID> {
    let ours: Vec<Option<&str>> = font
        .families()
        .iter()
        .map(|family| match family {
            FontFamily::Named(name) => alias(&name.to_lowercase()),
            _ => None,
        })
        .collect();
    let mut families: Vec<fontdb::Family<'_>> = Vec::new();
    for (family, ours) in font.families().iter().zip(&ours) {
        families.push(match family {
            FontFamily::Serif => fontdb::Family::Serif,
            FontFamily::SansSerif | FontFamily::Cursive | FontFamily::Fantasy => {
                fontdb::Family::SansSerif
            }
            FontFamily::Monospace => fontdb::Family::Monospace,
            FontFamily::Named(name) => fontdb::Family::Name(name),
        });
        families.extend(ours.map(fontdb::Family::Name));
    }
    families.push(fontdb::Family::Serif);
    let style = match font.style() {
        usvg::FontStyle::Normal => fontdb::Style::Normal,
        usvg::FontStyle::Italic => fontdb::Style::Italic,
        usvg::FontStyle::Oblique => fontdb::Style::Oblique,
    };
    database.query(&fontdb::Query {
        families: &families,
        weight: fontdb::Weight(font.weight()),
        stretch: fontdb::Stretch::Normal,
        style,
    })
}

/// A picture within a picture, if it is whole: the writer of the PDF would stop at one that is not.
fn embedded(data: Arc<Vec<u8>>, options: &Options<'_>) -> Option<ImageKind> {
    let Some(kind) = raster::kind(&data) else {
        return Tree::from_data(&data, options).ok().map(ImageKind::SVG);
    };
    raster::read(&data, PICTURE_BYTES_MAX).ok()?;
    Some(match kind {
        raster::Raster::Jpeg => ImageKind::JPEG(data),
        raster::Raster::Png => ImageKind::PNG(data),
        raster::Raster::Gif => ImageKind::GIF(data),
        raster::Raster::WebP => ImageKind::WEBP(data),
    })
}

/// Whether the outermost element says how wide and how high it is, in lengths.
fn own_size(text: &str) -> (bool, bool) {
    let Ok(document) = usvg::roxmltree::Document::parse(text) else {
        return (false, false);
    };
    let says = |name: &str| {
        document
            .root_element()
            .attribute(name)
            .is_some_and(|value| !value.trim().ends_with('%') && value.trim() != "auto")
    };
    (says("width"), says("height"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Picture, String> {
        Reader::default().read(text.as_bytes())
    }

    #[test]
    fn sizes() {
        let picture =
            read(r#"<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>"#).unwrap();
        assert_eq!((picture.width, picture.height), (Some(30.0), Some(20.0)));
        let picture =
            read(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"/>"#).unwrap();
        assert_eq!((picture.width, picture.height), (None, None));
        assert_eq!(picture.ratio, Some(1.5));
        assert!(read("<svg").is_err());
        assert!(read("hello").is_err());
    }

    #[test]
    fn nothing_outside_is_read() {
        let inside = |href: &str| {
            let text = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{href}" width="9" height="9"/></svg>"#
            );
            match read(&text).unwrap().drawn {
                Drawn::Vectors(tree) => tree.root().has_children(),
                _ => unreachable!(),
            }
        };
        let own = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../examples/data/case.png"
        );
        assert!(std::path::Path::new(own).is_file());
        assert!(!inside(own));
        assert!(!inside("data:image/png;base64,AAAA"));
    }

    #[test]
    fn text_that_grows_without_end_is_refused() {
        let bomb = r#"<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">]><svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><text>&f;&f;&f;&f;</text></svg>"#;
        assert!(read(bomb).is_err());
    }
}
