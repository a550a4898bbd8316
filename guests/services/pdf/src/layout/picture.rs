//! How large pictures are: as they are themselves, as their style says, and in proportion.

use taffy::{AvailableSpace, LayoutInput, LayoutOutput, MaybeMath as _, Size};

use super::frame::Frame;
use crate::boxes::{BoxId, Tree};
use crate::css::values::length::Size as CssSize;
use crate::picture::Picture;

impl Tree {
    pub(super) fn lay_out_picture(
        &mut self,
        id: BoxId,
        picture: &Picture,
        inputs: LayoutInput,
    ) -> LayoutOutput {
        let frame = self.frame(id, &inputs);
        let is_bordered = self.get(id).flow.box_sizing == taffy::BoxSizing::BorderBox;
        let known = inputs.known_dimensions;
        let style = &self.get(id).style;
        let is_share = |size: &CssSize| matches!(size, CssSize::Length(lp) if lp.px().is_none());
        if inputs.available_space.width == AvailableSpace::MinContent
            && known.width.is_none()
            && (is_share(&style.width) || is_share(&style.max_width))
        {
            // What is as wide as a share of something needs no room of its own.
            return LayoutOutput::from_outer_size(Size {
                width: frame.across(),
                height: known.height.unwrap_or(frame.down()),
            });
        }
        let own = self.frame(
            id,
            &LayoutInput {
                known_dimensions: Size::NONE,
                ..inputs
            },
        );
        let wanted = Size {
            width: known.width.or(own.size.width),
            height: known.height.or(own.size.height),
        };
        let usable = |ratio: &f32| ratio.is_finite() && *ratio > 0.0;
        let of_content = picture.ratio.filter(usable);
        let ratio = frame.ratio.filter(usable).or(of_content);
        // A ratio that the style gives is one of the border box where sizes are.
        let by_border = is_bordered && frame.ratio.filter(usable).is_some();
        let content = sized(
            &frame,
            wanted,
            picture,
            ratio,
            by_border,
            inputs.available_space.width,
        );
        let output = Size {
            width: content.width + frame.across(),
            height: content.height + frame.down(),
        };
        LayoutOutput::from_outer_size(output)
    }
}

/// The size of the content box.
fn sized(
    frame: &Frame,
    wanted: Size<Option<f32>>,
    picture: &Picture,
    ratio: Option<f32>,
    by_border: bool,
    room: AvailableSpace,
) -> Size<f32> {
    let around = Size {
        width: frame.across(),
        height: frame.down(),
    };
    let inner = |size: Size<Option<f32>>| Size {
        width: size.width.map(|width| (width - around.width).max(0.0)),
        height: size.height.map(|height| (height - around.height).max(0.0)),
    };
    let (wanted, min, max) = (inner(wanted), inner(frame.min), inner(frame.max));
    let tall = |width: f32, ratio: f32| match by_border {
        true => ((width + around.width) / ratio - around.height).max(0.0),
        false => width / ratio,
    };
    let wide = |height: f32, ratio: f32| match by_border {
        true => ((height + around.height) * ratio - around.width).max(0.0),
        false => height * ratio,
    };
    match (wanted.width, wanted.height, ratio) {
        (Some(width), Some(height), _) => Size { width, height },
        (Some(width), None, Some(ratio)) => {
            let width = width.maybe_clamp(min.width, max.width);
            let height = tall(width, ratio).maybe_clamp(min.height, max.height);
            Size { width, height }
        }
        (None, Some(height), Some(ratio)) => {
            let height = height.maybe_clamp(min.height, max.height);
            let width = wide(height, ratio).maybe_clamp(min.width, max.width);
            Size { width, height }
        }
        (width, height, None) => Size {
            width: width.or(picture.width).unwrap_or(300.0),
            height: height.or(picture.height).unwrap_or(150.0),
        }
        .maybe_clamp(min, max),
        (None, None, Some(ratio)) => {
            let natural = match (picture.width, picture.height) {
                (Some(width), Some(height)) if (width / height - ratio).abs() < 0.001 => {
                    Size { width, height }
                }
                (Some(width), _) => Size {
                    width,
                    height: tall(width, ratio),
                },
                (None, Some(height)) => Size {
                    width: wide(height, ratio),
                    height,
                },
                (None, None) => {
                    let width = match room {
                        AvailableSpace::Definite(width) => (width - around.width).max(0.0),
                        _ => 300.0_f32.min(150.0 * ratio),
                    };
                    Size {
                        width,
                        height: tall(width, ratio),
                    }
                }
            };
            within(natural, min, max, ratio)
        }
    }
}

/// A size within its limits that keeps its proportions where it can.
fn within(
    size: Size<f32>,
    min: Size<Option<f32>>,
    max: Size<Option<f32>>,
    ratio: f32,
) -> Size<f32> {
    let mut size = size;
    if let Some(most) = max.width.filter(|most| size.width > *most) {
        size = Size {
            width: most,
            height: most / ratio,
        };
    }
    if let Some(most) = max.height.filter(|most| size.height > *most) {
        size = Size {
            width: most * ratio,
            height: most,
        };
    }
    if let Some(least) = min.width.filter(|least| size.width < *least) {
        size = Size {
            width: least,
            height: least / ratio,
        };
    }
    if let Some(least) = min.height.filter(|least| size.height < *least) {
        size = Size {
            width: least * ratio,
            height: least,
        };
    }
    size.maybe_clamp(min, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_kept_within_limits() {
        fn size<T>(width: T, height: T) -> Size<T> {
            Size { width, height }
        }
        let none = Size::NONE;
        let most = size(Some(100.0), None);
        assert_eq!(
            within(size(400.0, 200.0), none, most, 2.0),
            size(100.0, 50.0)
        );
        let both = size(Some(100.0), Some(20.0));
        assert_eq!(
            within(size(400.0, 200.0), none, both, 2.0),
            size(40.0, 20.0)
        );
        let least = size(None, Some(300.0));
        assert_eq!(
            within(size(400.0, 200.0), least, none, 2.0),
            size(600.0, 300.0)
        );
    }
}
