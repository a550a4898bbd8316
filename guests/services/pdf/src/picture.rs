//! Pictures: those that come with a document, and those that stand in it as data. Nothing is ever fetched or opened.

mod exif;
mod raster;
mod svg;

use std::collections::HashMap;
use std::rc::Rc;

use crate::budget::PICTURE_BYTES_MAX;
use crate::fonts::Fonts;
use crate::warning::{Warnings, shown};

pub(crate) use exif::Turn;

/// A picture that can be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) drawn: Drawn,
    /// Pixels, upright; `None` where the picture has no size of its own in that direction.
    pub(crate) width: Option<f32>,
    pub(crate) height: Option<f32>,
    /// Width by height.
    pub(crate) ratio: Option<f32>,
}

#[derive(Clone, Debug)]
pub(crate) enum Drawn {
    Pixels(krilla::image::Image, Turn),
    Vectors(Rc<usvg::Tree>),
    /// Room that stays empty.
    Nothing,
}

/// What came with a document, and what was made of it.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    assets: HashMap<String, Rc<[u8]>>,
    loaded: HashMap<String, Option<Rc<Picture>>>,
    /// Pictures in SVG that were read from the tree, and need fonts.
    svg: svg::Reader,
    /// Bytes that decoded pictures take.
    taken: u64,
}

impl Pictures {
    pub(crate) fn new(assets: HashMap<String, Rc<[u8]>>) -> Pictures {
        Pictures {
            assets,
            ..Pictures::default()
        }
    }

    /// Lets pictures with text in them use these fonts.
    pub(crate) fn set_fonts(&mut self, fonts: &mut Fonts) {
        self.svg.fonts = Some(fonts.for_svg());
    }

    /// The bytes behind an address: of the document itself, or of what came with it.
    pub(crate) fn bytes(&self, url: &str) -> Result<Rc<[u8]>, &'static str> {
        if url
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case("data:"))
        {
            return data_url(url).map(Rc::from).ok_or("its data cannot be read");
        }
        let name = url.split(['?', '#']).next().unwrap_or(url);
        let name = name.strip_prefix("./").unwrap_or(name);
        self.assets
            .get(name)
            .or_else(|| self.assets.get(url))
            .cloned()
            .ok_or("only data URLs and what was passed along are read")
    }

    /// The picture behind an address. What cannot be read is a warning.
    pub(crate) fn load(&mut self, url: &str, warnings: &mut Warnings) -> Option<Rc<Picture>> {
        if let Some(known) = self.loaded.get(url) {
            return known.clone();
        }
        let made = self.make(url);
        let picture = match made {
            Ok(picture) => Some(Rc::new(picture)),
            Err(why) => {
                warnings.add("pdf.image", format!("picture {:?}: {why}", shown(url)));
                None
            }
        };
        self.loaded.insert(url.to_owned(), picture.clone());
        picture
    }

    fn make(&mut self, url: &str) -> Result<Picture, String> {
        let bytes = self.bytes(url)?;
        if raster::kind(&bytes).is_none() {
            return self.svg.read(&bytes);
        }
        let left = PICTURE_BYTES_MAX.saturating_sub(self.taken);
        let read = raster::read(&bytes, left)?;
        self.taken += read.taken;
        let (width, height) = read.turn.upright(read.width, read.height);
        Ok(Picture {
            drawn: Drawn::Pixels(read.image, read.turn),
            width: Some(width as f32),
            height: Some(height as f32),
            ratio: Some(width as f32 / height as f32),
        })
    }

    /// A picture that stands in the document as elements, written out as text.
    pub(crate) fn inline_svg(&mut self, source: &str) -> Result<Picture, String> {
        self.svg.read(source.as_bytes())
    }
}

impl Picture {
    /// Room that stays empty, such as a video's.
    pub(crate) fn empty(width: f32, height: f32) -> Picture {
        Picture {
            drawn: Drawn::Nothing,
            width: Some(width),
            height: Some(height),
            ratio: Some(width / height),
        }
    }
}

/// The bytes of a data URL.
fn data_url(url: &str) -> Option<Vec<u8>> {
    let url = data_url::DataUrl::process(url).ok()?;
    let (bytes, _) = url.decode_to_vec().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_is_read() {
        let assets = HashMap::from([("a.txt".to_owned(), Rc::from(&b"x"[..]))]);
        let pictures = Pictures::new(assets);
        assert_eq!(&*pictures.bytes("a.txt").unwrap(), b"x");
        assert_eq!(&*pictures.bytes("./a.txt?v=2").unwrap(), b"x");
        assert_eq!(&*pictures.bytes("data:,hello%20you").unwrap(), b"hello you");
        assert_eq!(
            &*pictures.bytes("DATA:text/plain;base64,aGk=").unwrap(),
            b"hi"
        );
        for url in [
            "/etc/passwd",
            "file:///etc/passwd",
            "https://example.com/a.png",
            "b.txt",
            "",
        ] {
            assert!(pictures.bytes(url).is_err(), "{url}");
        }
    }
}
