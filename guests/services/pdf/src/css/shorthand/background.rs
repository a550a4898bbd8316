//! `background`: several layers, and one colour below all of them.

use super::{L, Shorthand, reset};
use crate::css::cursor::Cursor;
use crate::css::property::{Longhand, Property};
use crate::css::values::Parse as _;
use crate::css::values::boxes::{
    AreaBox, Attachment, BackgroundSizeValue, Layers, Repeat2, RepeatStyle,
};
use crate::css::values::color::Color;
use crate::css::values::image::ImageValue;
use crate::css::values::length::LengthPercentage;
use crate::css::values::shape::PositionValue;

const ALL: [Longhand; 8] = [
    L::BackgroundColor,
    L::BackgroundImage,
    L::BackgroundPosition,
    L::BackgroundSize,
    L::BackgroundRepeat,
    L::BackgroundOrigin,
    L::BackgroundClip,
    L::BackgroundAttachment,
];

pub(super) fn of(name: &str) -> Option<Shorthand> {
    (name == "background").then_some(Shorthand {
        longhands: &ALL,
        expand: background,
    })
}

struct Layer {
    image: ImageValue,
    position: PositionValue,
    size: BackgroundSizeValue,
    repeat: Repeat2,
    origin: AreaBox,
    clip: AreaBox,
    attachment: Attachment,
}

fn background(text: &mut Cursor<'_, '_>, out: &mut Vec<Property>) -> Option<()> {
    let parts = Cursor::new(text.rest()).parts();
    text.until(|_| false);
    let last = parts.len().checked_sub(1)?;
    let mut color = None;
    let mut layers = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        let (layer, found) = layer(part)?;
        if found.is_some() && at != last {
            return None;
        }
        color = found;
        layers.push(layer);
    }
    match color {
        Some(color) => out.push(Property::BackgroundColor(color)),
        None => reset(L::BackgroundColor, "transparent", out),
    }
    let mut split = (vec![], vec![], vec![], vec![], vec![], vec![], vec![]);
    for layer in layers {
        split.0.push(layer.image);
        split.1.push(layer.position);
        split.2.push(layer.size);
        split.3.push(layer.repeat);
        split.4.push(layer.origin);
        split.5.push(layer.clip);
        split.6.push(layer.attachment);
    }
    out.extend([
        Property::BackgroundImage(Layers(split.0)),
        Property::BackgroundPosition(Layers(split.1)),
        Property::BackgroundSize(Layers(split.2)),
        Property::BackgroundRepeat(Layers(split.3)),
        Property::BackgroundOrigin(Layers(split.4)),
        Property::BackgroundClip(Layers(split.5)),
        Property::BackgroundAttachment(Layers(split.6)),
    ]);
    Some(())
}

fn layer(mut text: Cursor<'_, '_>) -> Option<(Layer, Option<Color>)> {
    let (mut image, mut position, mut size, mut repeat) = (None, None, None, None);
    let (mut boxes, mut attachment, mut color) = (Vec::new(), None, None);
    if text.is_done() {
        return None;
    }
    while !text.is_done() {
        if image.is_none()
            && let Some(found) = text.attempt(ImageValue::parse)
        {
            image = Some(found);
        } else if repeat.is_none()
            && let Some(found) = text.attempt(Repeat2::parse)
        {
            repeat = Some(found);
        } else if attachment.is_none()
            && let Some(found) = text.attempt(Attachment::parse)
        {
            attachment = Some(found);
        } else if boxes.len() < 2
            && let Some(found) = text.attempt(AreaBox::parse)
        {
            boxes.push(found);
        } else if position.is_none()
            && let Some(found) = text.attempt(PositionValue::parse)
        {
            position = Some(found);
            if text.delim('/') {
                size = Some(BackgroundSizeValue::parse(&mut text)?);
            }
        } else if color.is_none()
            && let Some(found) = text.attempt(Color::parse)
        {
            color = Some(found);
        } else {
            return None;
        }
    }
    let start = || PositionValue {
        x: LengthPercentage::Percent(0.0),
        y: LengthPercentage::Percent(0.0),
        from_end: (false, false),
    };
    let layer = Layer {
        image: image.unwrap_or(ImageValue::None),
        position: position.unwrap_or_else(start),
        size: size.unwrap_or(BackgroundSizeValue::Sides(None, None)),
        repeat: repeat.unwrap_or(Repeat2(RepeatStyle::Repeat, RepeatStyle::Repeat)),
        origin: boxes.first().copied().unwrap_or(AreaBox::Padding),
        clip: boxes.last().copied().unwrap_or(AreaBox::Border),
        attachment: attachment.unwrap_or_default(),
    };
    Some((layer, color))
}
