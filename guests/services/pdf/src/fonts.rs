//! Fonts: those that every document has, those that come with one, and which of them a style means.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};
use parley::{FontContext, FontData, LayoutContext};
use usvg::fontdb;

use crate::budget::FONT_BYTES_MAX;
use crate::css::property::Style;
use crate::css::values::font::Family;
use crate::css::values::keyword::FontStyle;

/// What a glyph of a layout belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Brush {
    /// The span of its paragraph.
    pub(crate) span: u32,
    /// Stands for room and is not drawn.
    pub(crate) is_room: bool,
}

/// A font by the number of its bytes, its number among them, and its axes.
type WrittenKey = (u64, u32, Vec<(u32, u32)>);

/// The fonts of one document.
pub(crate) struct Fonts {
    pub(crate) context: FontContext,
    pub(crate) layouts: LayoutContext<Brush>,
    /// Families that came with the document, in lower case, in order.
    own: Vec<String>,
    /// What the writer of PDFs has made of each.
    written: HashMap<WrittenKey, Option<krilla::text::Font>>,
    /// Bytes of fonts that came with the document, for pictures that have text in them.
    data: Vec<Arc<Vec<u8>>>,
    svg: Option<Arc<fontdb::Database>>,
    /// What lists of families came to.
    families: HashMap<Vec<Family>, Names>,
    /// Families that stand for others, in lower case.
    stand_ins: HashMap<String, String>,
}

type Names = Arc<[parley::FontFamilyName<'static>]>;

const SANS: &str = "Liberation Sans";
const SERIF: &str = "Liberation Serif";
const MONO: &str = "Liberation Mono";
const SYMBOLS: &str = "Wardian Symbols";

macro_rules! embedded {
    ($($file:literal),* $(,)?) => {
        /// The fonts that every document has.
        pub(crate) const EMBEDDED: &[&[u8]] = &[$(include_bytes!(concat!("../fonts/", $file, ".ttf"))),*];
    };
}

embedded!(
    "LiberationSans-Regular",
    "LiberationSans-Bold",
    "LiberationSans-Italic",
    "LiberationSans-BoldItalic",
    "LiberationSerif-Regular",
    "LiberationSerif-Bold",
    "LiberationSerif-Italic",
    "LiberationSerif-BoldItalic",
    "LiberationMono-Regular",
    "LiberationMono-Bold",
    "LiberationMono-Italic",
    "LiberationMono-BoldItalic",
    "WardianSymbols",
);

/// Fonts that are as wide as one of ours, and look much like it.
pub(crate) fn alias(name: &str) -> Option<&'static str> {
    Some(match name {
        "arial" | "helvetica" | "helvetica neue" | "arimo" | "nimbus sans" | "sans" => SANS,
        "times new roman" | "times" | "tinos" | "nimbus roman" => SERIF,
        "courier new" | "courier" | "cousine" | "nimbus mono" | "nimbus mono ps" => MONO,
        _ => return None,
    })
}

impl Fonts {
    pub(crate) fn new() -> Fonts {
        let collection = Collection::new(CollectionOptions {
            shared: false,
            system_fonts: false,
        });
        let mut fonts = Fonts {
            context: FontContext {
                collection,
                source_cache: SourceCache::default(),
            },
            layouts: LayoutContext::new(),
            own: Vec::new(),
            written: HashMap::new(),
            data: Vec::new(),
            svg: None,
            families: HashMap::new(),
            stand_ins: HashMap::new(),
        };
        for bytes in EMBEDDED {
            fonts
                .context
                .collection
                .register_fonts(Blob::new(Arc::new(*bytes)), None);
        }
        fonts
    }

    /// Adds a font that came with the document. Its families, or `None` where the bytes are no font.
    pub(crate) fn add(
        &mut self,
        bytes: Vec<u8>,
        name: Option<&str>,
        weight: Option<f32>,
        italic: Option<bool>,
    ) -> Option<Vec<String>> {
        let bytes = Arc::new(unpacked(bytes)?);
        // What the writer of PDFs cannot read may not be laid out either.
        krilla::text::Font::new(bytes.clone().into(), 0)?;
        let named = FontInfoOverride {
            family_name: name,
            weight: weight.map(parley::FontWeight::new),
            style: italic.map(|italic| {
                if italic {
                    parley::FontStyle::Italic
                } else {
                    parley::FontStyle::Normal
                }
            }),
            ..FontInfoOverride::default()
        };
        let registered = self
            .context
            .collection
            .register_fonts(Blob::new(bytes.clone()), Some(named));
        let mut families: Vec<String> = Vec::new();
        for (id, _) in &registered {
            if let Some(name) = self.context.collection.family_name(*id) {
                families.push(name.to_owned());
            }
        }
        if families.is_empty() {
            return None;
        }
        self.own
            .extend(families.iter().map(|name| name.to_lowercase()));
        self.data.push(bytes);
        self.svg = None;
        self.families.clear();
        Some(families)
    }

    /// Lets a family have the letters of one that is there. Whether it is.
    pub(crate) fn stand_for(&mut self, family: &str, name: &str) -> bool {
        let found = self.family(name);
        if let Some(found) = &found {
            self.stand_ins.insert(family.to_lowercase(), found.clone());
            self.families.clear();
        }
        found.is_some()
    }

    /// The family that a name means.
    fn family(&mut self, name: &str) -> Option<String> {
        if self.context.collection.family_id(name).is_some() {
            return Some(name.to_owned());
        }
        let lower = name.to_lowercase();
        let own = alias(&lower).map(str::to_owned);
        own.or_else(|| self.stand_ins.get(&lower).cloned())
    }

    /// The families that a style means, the first that has a character giving its letter. The last ones have every
    /// character that any of our fonts has, so that nothing is left out while somebody could show it.
    pub(crate) fn families(&mut self, style: &Style) -> Names {
        if let Some(known) = self.families.get(&*style.font_family.0) {
            return known.clone();
        }
        let found = self.find_families(style);
        self.families
            .insert(style.font_family.0.to_vec(), found.clone());
        found
    }

    fn find_families(&mut self, style: &Style) -> Names {
        let mut names: Vec<String> = Vec::new();
        let mut generic = None;
        for family in style.font_family.0.iter() {
            let name = match family {
                Family::Named(name) => match self.family(name) {
                    Some(found) => found,
                    None => continue,
                },
                Family::SansSerif => SANS.to_owned(),
                Family::Serif => SERIF.to_owned(),
                Family::Monospace => MONO.to_owned(),
            };
            generic.get_or_insert_with(|| name.clone());
            names.push(name);
        }
        names.push(generic.unwrap_or_else(|| SERIF.to_owned()));
        names.extend(self.own.iter().cloned());
        names.extend([SANS, SYMBOLS].map(str::to_owned));
        let mut seen: Vec<String> = Vec::new();
        for name in names {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        seen.into_iter()
            .map(|name| parley::FontFamilyName::Named(Cow::Owned(name)))
            .collect()
    }

    /// The same font for the writer of PDFs, with its axes set.
    pub(crate) fn written(
        &mut self,
        font: &FontData,
        axes: &[(krilla::text::Tag, f32)],
    ) -> Option<krilla::text::Font> {
        let key_axes = axes
            .iter()
            .map(|(tag, value)| (u32::from_be_bytes(*tag.get()), value.to_bits()))
            .collect();
        let key = (font.data.id(), font.index, key_axes);
        self.written
            .entry(key)
            .or_insert_with(|| {
                let (data, _) = font.data.clone().into_raw_parts();
                if axes.is_empty() {
                    krilla::text::Font::new(data.into(), font.index)
                } else {
                    krilla::text::Font::new_variable(data.into(), font.index, axes)
                }
            })
            .clone()
    }

    /// The same fonts for pictures that have text in them; made when there is one.
    pub(crate) fn for_svg(&mut self) -> Arc<fontdb::Database> {
        if let Some(made) = &self.svg {
            return made.clone();
        }
        let mut database = fontdb::Database::new();
        for bytes in EMBEDDED {
            database.load_font_source(fontdb::Source::Binary(Arc::new(*bytes)));
        }
        for bytes in &self.data {
            database.load_font_source(fontdb::Source::Binary(bytes.clone()));
        }
        database.set_sans_serif_family(SANS);
        database.set_serif_family(SERIF);
        database.set_monospace_family(MONO);
        let made = Arc::new(database);
        self.svg = Some(made.clone());
        made
    }
}

/// A font that was packed for the web, as it was before. `None` where it cannot be, or is too large then.
fn unpacked(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let unpack: fn(&[u8]) -> Result<Vec<u8>, wuff::WuffErr> = match bytes.get(..4) {
        Some(b"wOFF") => wuff::decompress_woff1,
        Some(b"wOF2") => wuff::decompress_woff2,
        _ => return Some(bytes),
    };
    let size: [u8; 4] = bytes.get(16..20)?.try_into().ok()?;
    let size = usize::try_from(u32::from_be_bytes(size)).ok()?;
    if size > FONT_BYTES_MAX {
        return None;
    }
    unpack(&bytes).ok()
}

/// The hyphen of a font.
pub(crate) fn hyphen(font: &FontData) -> Option<u32> {
    letter(font, '\u{2010}').or_else(|| letter(font, '-'))
}

/// A space of a font; the rarer one, since a writer may take it for what it stands beside, and has more to say of it then.
pub(crate) fn space(font: &FontData) -> Option<u32> {
    letter(font, '\u{a0}').or_else(|| letter(font, ' '))
}

/// What a font draws for a character.
fn letter(font: &FontData, character: char) -> Option<u32> {
    use skrifa::MetadataProvider as _;
    let font = skrifa::FontRef::from_index(font.data.data(), font.index).ok()?;
    let id = font.charmap().map(character)?;
    Some(id.to_u32())
}

pub(crate) fn slant(style: FontStyle) -> parley::FontStyle {
    match style {
        FontStyle::Normal => parley::FontStyle::Normal,
        FontStyle::Italic => parley::FontStyle::Italic,
        FontStyle::Oblique => parley::FontStyle::Oblique(None),
    }
}
