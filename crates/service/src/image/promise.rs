//! What a function promised to whoever called it, so that its answer can be held against it.

use std::ops::RangeInclusive;

use bytes::Bytes;

use super::answer::SourceFormat;
use super::options::{
    BlurhashPicture, ConvertOptions, CropOptions, Fit, Format, OptimizeOptions, ResizeOptions,
    ThumbnailOptions,
};
use super::{SIDE_MAX, file};

/// The picture that is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Promise {
    /// `None` where it follows from a source that is none of the formats; the guest has to refuse that one.
    pub(super) format: Option<Format>,
    pub(super) width: RangeInclusive<u32>,
    pub(super) height: RangeInclusive<u32>,
    pub(super) square: bool,
    /// Exactly these sides, or turned to lie.
    pub(super) like: Option<(u32, u32)>,
    /// The source, where it may come back as it is.
    pub(super) source: Option<Bytes>,
}

impl Promise {
    /// A picture of any sides.
    fn any(format: Option<Format>, source: &[u8]) -> Promise {
        Promise {
            format: format.or_else(|| written_as(file::format(source)?)),
            width: 1..=SIDE_MAX,
            height: 1..=SIDE_MAX,
            square: false,
            like: None,
            source: None,
        }
    }

    /// The source's picture; which way up follows from its orientation, which the host does not read.
    fn whole(format: Option<Format>, source: &[u8]) -> Promise {
        Promise {
            like: file::sides(source),
            ..Promise::any(format, source)
        }
    }

    pub(super) fn resize(options: &ResizeOptions, source: &[u8]) -> Promise {
        let exact = options.enlarge && options.fit != Fit::Contain;
        let (exact_width, exact_height) = (
            exact && options.height.is_some(),
            exact && options.width.is_some(),
        );
        Promise {
            width: side(options.width, exact_width),
            height: side(options.height, exact_height),
            ..Promise::any(options.output.format, source)
        }
    }

    pub(super) fn thumbnail(options: &ThumbnailOptions, source: &[u8]) -> Promise {
        Promise {
            width: side(Some(options.size), options.enlarge),
            height: side(Some(options.size), options.enlarge),
            square: true,
            ..Promise::any(options.output.format, source)
        }
    }

    pub(super) fn crop(options: &CropOptions, source: &[u8]) -> Promise {
        Promise {
            width: side(Some(options.width), true),
            height: side(Some(options.height), true),
            ..Promise::any(options.output.format, source)
        }
    }

    pub(super) fn optimize(options: &OptimizeOptions, source: &Bytes) -> Promise {
        Promise {
            source: Some(source.clone()),
            ..Promise::whole(options.output.format, source)
        }
    }

    pub(super) fn convert(options: &ConvertOptions, source: &[u8]) -> Promise {
        Promise::whole(Some(options.format), source)
    }

    pub(super) fn blurhash_decode(options: &BlurhashPicture) -> Promise {
        Promise {
            width: side(Some(options.width), true),
            height: side(Some(options.height), true),
            ..Promise::any(Some(Format::Png), &[])
        }
    }
}

/// What a source is written as when nobody says.
fn written_as(source: SourceFormat) -> Option<Format> {
    match source {
        SourceFormat::Bmp => Some(Format::Png),
        other => Format::from_name(other.name()),
    }
}

/// Pixels that a side may have. What was asked out of range leaves nothing that could be right.
fn side(asked: Option<u32>, exact: bool) -> RangeInclusive<u32> {
    match asked {
        Some(asked) if exact => asked.max(1)..=asked.min(SIDE_MAX),
        asked => 1..=asked.map_or(SIDE_MAX, |asked| asked.min(SIDE_MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resizing_promises_a_box_and_the_exact_one_where_it_can() {
        let sides = |options: &ResizeOptions| {
            let promise = Promise::resize(options, b"BM");
            assert_eq!(promise.format, Some(Format::Png));
            (promise.width, promise.height)
        };
        let mut options = ResizeOptions::width(80);
        assert_eq!(sides(&options), (1..=80, 1..=SIDE_MAX));
        (options.enlarge, options.fit) = (true, Fit::Cover);
        assert_eq!(sides(&options), (1..=80, 1..=SIDE_MAX));
        options.height = Some(60);
        assert_eq!(sides(&options), (80..=80, 60..=60));
        options.fit = Fit::Contain;
        assert_eq!(sides(&options), (1..=80, 1..=60));
        options.width = Some(SIDE_MAX + 1);
        assert_eq!(sides(&options).0, 1..=SIDE_MAX);
    }

    #[test]
    fn what_cannot_be_is_never_promised() {
        for asked in [0, SIDE_MAX + 1, u32::MAX] {
            assert!(side(Some(asked), true).is_empty(), "{asked}");
        }
        assert!(side(Some(0), false).is_empty());
        assert_eq!(side(Some(SIDE_MAX), true), SIDE_MAX..=SIDE_MAX);
    }
}
