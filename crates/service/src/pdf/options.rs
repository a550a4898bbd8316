//! What callers ask for. Ranges are checked by the guest, which names everything that is wrong at once; so they are the
//! same for every language and for the command.

use bytes::Bytes;
use wardian_abi::{Arguments, Value};

/// How large pages are, upright unless an [`Orientation`] says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PageSize {
    /// 297 × 420 mm.
    A3,
    /// 210 × 297 mm.
    A4,
    /// 148 × 210 mm.
    A5,
    /// 105 × 148 mm.
    A6,
    /// 250 × 353 mm.
    B4,
    /// 176 × 250 mm.
    B5,
    /// 8.5 × 11 inches.
    Letter,
    /// 8.5 × 14 inches.
    Legal,
    /// 11 × 17 inches.
    Tabloid,
    /// Points, which are 72 to the inch; 10 to 14,400.
    Custom {
        /// From left to right.
        width: f64,
        /// From top to bottom.
        height: f64,
    },
}

impl PageSize {
    /// Those with a name.
    pub const NAMED: [PageSize; 9] = [
        PageSize::A3,
        PageSize::A4,
        PageSize::A5,
        PageSize::A6,
        PageSize::B4,
        PageSize::B5,
        PageSize::Letter,
        PageSize::Legal,
        PageSize::Tabloid,
    ];

    /// Its name, as style sheets have it: `a4`, `letter`. A custom one has none.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            PageSize::A3 => "a3",
            PageSize::A4 => "a4",
            PageSize::A5 => "a5",
            PageSize::A6 => "a6",
            PageSize::B4 => "b4",
            PageSize::B5 => "b5",
            PageSize::Letter => "letter",
            PageSize::Legal => "legal",
            PageSize::Tabloid => "tabloid",
            PageSize::Custom { .. } => return None,
        })
    }

    /// The size of that name, in small letters or capitals.
    ///
    /// ```
    /// use wardian_service::pdf::PageSize;
    ///
    /// assert_eq!(PageSize::from_name("A4"), Some(PageSize::A4));
    /// assert_eq!(PageSize::from_name("a9"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<PageSize> {
        let is = |size: &PageSize| {
            size.name()
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        PageSize::NAMED.into_iter().find(is)
    }
}

/// Which way a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// Higher than wide.
    Portrait,
    /// Wider than high.
    Landscape,
}

impl Orientation {
    const fn name(self) -> &'static str {
        match self {
            Orientation::Portrait => "portrait",
            Orientation::Landscape => "landscape",
        }
    }
}

/// Points between the edges of a page and its content, 0 to 2,000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// Above.
    pub top: f64,
    /// To the right.
    pub right: f64,
    /// Below.
    pub bottom: f64,
    /// To the left.
    pub left: f64,
}

impl Margins {
    /// The same on all sides.
    #[must_use]
    pub const fn all(points: f64) -> Margins {
        Margins {
            top: points,
            right: points,
            bottom: points,
            left: points,
        }
    }
}

/// What [`render`](super::render) takes beside the document. What is said here of pages wins over the document's own
/// `@page`; where neither says anything, pages are A4 with margins of 0.4 inches, as browsers print.
///
/// ```
/// use wardian_service::pdf::{Orientation, PageSize, RenderOptions};
///
/// let options = RenderOptions {
///     size: Some(PageSize::A5),
///     orientation: Some(Orientation::Landscape),
///     ..RenderOptions::default()
/// }
/// .style("h1 { color: teal }")
/// .asset("images/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
/// # assert_eq!(options.assets.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RenderOptions {
    /// How large pages are.
    pub size: Option<PageSize>,
    /// Which way they lie.
    pub orientation: Option<Orientation>,
    /// What stays free at their edges.
    pub margins: Option<Margins>,
    /// The title that readers show in place of the file's name; that of the document if `None`. At most 1,000
    /// characters.
    pub title: Option<String>,
    /// Style sheets, which count as if they stood behind those of the document.
    pub styles: Vec<String>,
    /// Fonts (TrueType, OpenType, WOFF, WOFF2), each by a name for messages. They are known by the family names within
    /// them.
    pub fonts: Vec<(String, Bytes)>,
    /// Pictures, fonts and style sheets, each by the text that the document refers to it by, such as `images/logo.svg`.
    pub assets: Vec<(String, Bytes)>,
}

impl RenderOptions {
    /// Adds a style sheet.
    #[must_use]
    pub fn style(mut self, css: impl Into<String>) -> RenderOptions {
        self.styles.push(css.into());
        self
    }

    /// Adds a font.
    #[must_use]
    pub fn font(mut self, name: impl Into<String>, file: impl Into<Bytes>) -> RenderOptions {
        self.fonts.push((name.into(), file.into()));
        self
    }

    /// Adds what the document refers to by `name`.
    #[must_use]
    pub fn asset(mut self, name: impl Into<String>, file: impl Into<Bytes>) -> RenderOptions {
        self.assets.push((name.into(), file.into()));
        self
    }

    pub(super) fn arguments(&self) -> Arguments<'_> {
        let mut arguments = Arguments::new();
        match self.size {
            None => {}
            Some(PageSize::Custom { width, height }) => {
                arguments = arguments.with("width", width).with("height", height);
            }
            Some(named) => arguments = arguments.with("size", named.name()),
        }
        if let Some(orientation) = self.orientation {
            arguments = arguments.with("orientation", orientation.name());
        }
        if let Some(margins) = self.margins {
            let sides = [margins.top, margins.right, margins.bottom, margins.left];
            let sides = sides.into_iter().map(Value::Float).collect();
            arguments = arguments.with("margin", Value::Array(sides));
        }
        if let Some(title) = &self.title {
            arguments = arguments.with("title", title.as_str());
        }
        if !self.styles.is_empty() {
            let all = self
                .styles
                .iter()
                .map(|css| Value::Str(css.as_str().into()));
            arguments = arguments.with("styles", Value::Array(all.collect()));
        }
        for (name, files) in [("fonts", &self.fonts), ("assets", &self.assets)] {
            if !files.is_empty() {
                let all = files
                    .iter()
                    .map(|(name, file)| (name.as_str().into(), Value::Bin(file.as_ref().into())));
                arguments = arguments.with(name, Value::Map(all.collect()));
            }
        }
        arguments
    }
}
