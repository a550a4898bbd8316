//! Values: what may stand behind a property's name, and what it comes to for one element.
//!
//! A type here is what is read ([`Parse`]); [`Compute`] makes of it what a style holds. Where both are the same there is
//! one type.

pub(crate) mod border;
pub(crate) mod boxes;
pub(crate) mod calc;
pub(crate) mod color;
pub(crate) mod content;
pub(crate) mod font;
pub(crate) mod grid;
pub(crate) mod image;
pub(crate) mod keyword;
pub(crate) mod length;
pub(crate) mod named;
pub(crate) mod shape;
pub(crate) mod text;

use super::cursor::Cursor;

/// What can be read out of a style sheet.
pub(crate) trait Parse: Sized {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self>;
}

/// What comes to something for one element.
pub(crate) trait Compute {
    type Computed;

    fn compute(&self, context: &Context) -> Self::Computed;
}

/// What lengths are measured by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Context {
    /// Of the element itself; of its parent while its own font size is computed.
    pub(crate) font_size: f32,
    pub(crate) root_font_size: f32,
    pub(crate) line_height: f32,
    pub(crate) root_line_height: f32,
    /// What a page has between its margins.
    pub(crate) page_width: f32,
    pub(crate) page_height: f32,
    pub(crate) parent_weight: f32,
}

impl Context {
    #[cfg(test)]
    pub(crate) fn sample() -> Context {
        Context {
            font_size: 20.0,
            root_font_size: 10.0,
            line_height: 24.0,
            root_line_height: 12.0,
            page_width: 600.0,
            page_height: 900.0,
            parent_weight: 400.0,
        }
    }
}

/// A list of words, each a variant; the first is what [`Default`] gives.
macro_rules! keywords {
    ($($(#[$doc:meta])* $type:ident { $first:ident $(| $first_name:literal)+ $(, $variant:ident $(| $name:literal)+)* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub(crate) enum $type {
            #[default]
            $first,
            $($variant,)*
        }

        impl $crate::css::values::Parse for $type {
            fn parse(text: &mut $crate::css::cursor::Cursor<'_, '_>) -> Option<Self> {
                text.keyword(&[
                    $(($first_name, $type::$first),)+
                    $($(($name, $type::$variant),)+)*
                ])
            }
        }

        $crate::css::values::plain!($type);
    )*};
}

/// Types that a style holds as they are read.
macro_rules! plain {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::css::values::Compute for $type {
            type Computed = $type;

            fn compute(&self, _: &$crate::css::values::Context) -> $type {
                self.clone()
            }
        }
    )*};
}

pub(crate) use {keywords, plain};

/// One value or several with commas between them.
pub(crate) fn list<T: Parse>(text: &mut Cursor<'_, '_>) -> Option<Vec<T>> {
    let mut out = vec![T::parse(text)?];
    while text.comma() {
        out.push(T::parse(text)?);
    }
    Some(out)
}
