//! Backgrounds: a colour, and pictures on it.

use krilla::geom::Transform;
use krilla::paint::{FillRule, Pattern};

use super::canvas::Ink;
use super::shape::{Area, Rounded};
use super::walk::Painter;
use crate::css::property::Style;
use crate::css::values::boxes::{AreaBox, BackgroundSize, RepeatStyle};
use crate::css::values::image::{Gradient, Image};
use crate::pages::Sides;
use crate::picture::Picture;

/// Pictures of one background that are drawn one by one; more are drawn as a pattern.
const TILES_MAX: usize = 12;

/// A layer's picture.
enum Tile<'a> {
    Gradient(&'a Gradient),
    Picture(std::rc::Rc<Picture>),
}

impl Painter<'_, '_, '_> {
    /// The background within a border's outer edge.
    pub(super) fn background(
        &mut self,
        style: &Style,
        outer: &Rounded,
        border: Sides,
        padding: Sides,
    ) {
        let edges = |which: AreaBox| match which {
            AreaBox::Border | AreaBox::Text => *outer,
            AreaBox::Padding => outer.inset(border),
            AreaBox::Content => outer.inset(border).inset(padding),
        };
        let count = style.background_image.len().max(1);
        let clip = |at: usize| cycled(&style.background_clip, at).unwrap_or(AreaBox::Border);
        let color = style.background_color.resolve(style.color);
        let lowest = clip(count - 1);
        if !color.is_transparent()
            && lowest != AreaBox::Text
            && let Some(path) = edges(lowest).path()
        {
            self.canvas.fill(&path, &Ink::Color(color));
        }
        for (at, image) in style.background_image.iter().enumerate().rev() {
            if *image == Image::None || clip(at) == AreaBox::Text {
                continue;
            }
            let origin = cycled(&style.background_origin, at).unwrap_or(AreaBox::Padding);
            let tile = match image {
                Image::None => continue,
                Image::Gradient(gradient) => Tile::Gradient(gradient),
                Image::Url(url) => match self.shared.pictures.load(url, self.shared.warnings) {
                    Some(picture) => Tile::Picture(picture),
                    None => continue,
                },
            };
            let Some(path) = edges(clip(at)).path() else {
                continue;
            };
            let depth = self.canvas.depth();
            self.canvas.push_clip(&path, FillRule::NonZero);
            self.layer_tiles(style, at, &tile, edges(origin).area, edges(clip(at)).area);
            self.canvas.pop_to(depth);
        }
    }

    /// Fills an area with a layer's picture, again and again.
    fn layer_tiles(
        &mut self,
        style: &Style,
        at: usize,
        tile: &Tile<'_>,
        origin: Area,
        painted: Area,
    ) {
        let size = cycled(&style.background_size, at).unwrap_or(BackgroundSize::Sides(None, None));
        let (mut width, mut height) = tile_size(&size, tile, origin);
        if !(width > 0.01 && height > 0.01) {
            return;
        }
        let repeat = cycled(&style.background_repeat, at);
        let (across, down) = repeat.map_or((RepeatStyle::Repeat, RepeatStyle::Repeat), |both| {
            (both.0, both.1)
        });
        if across == RepeatStyle::Round {
            width = origin.width / (origin.width / width).round().max(1.0);
        }
        if down == RepeatStyle::Round {
            height = origin.height / (origin.height / height).round().max(1.0);
        }
        let place = cycled(&style.background_position, at);
        let (x, y) = place.map_or((0.0, 0.0), |place| {
            place.resolve((origin.width - width, origin.height - height))
        });
        let across = steps(
            across,
            origin.x,
            origin.width,
            x,
            width,
            painted.x,
            painted.right(),
        );
        let down = steps(
            down,
            origin.y,
            origin.height,
            y,
            height,
            painted.y,
            painted.bottom(),
        );
        let count = across.count.saturating_mul(down.count);
        if count <= TILES_MAX {
            for row in 0..down.count {
                for column in 0..across.count {
                    let left = across.first + across.step * column as f32;
                    let top = down.first + down.step * row as f32;
                    self.tile(tile, style, Area::new(left, top, width, height));
                }
            }
            return;
        }
        self.pattern(tile, style, (width, height), (&across, &down), painted);
    }

    fn tile(&mut self, tile: &Tile<'_>, style: &Style, area: Area) {
        match tile {
            Tile::Gradient(gradient) => {
                if let Some(ink) = super::gradient::ink(gradient, area, style.color) {
                    self.canvas.fill_area(area, &ink);
                }
            }
            Tile::Picture(picture) => self.drawn(picture, area),
        }
    }

    /// Many tiles at once.
    fn pattern(
        &mut self,
        tile: &Tile<'_>,
        style: &Style,
        size: (f32, f32),
        steps: (&Steps, &Steps),
        painted: Area,
    ) {
        let own = Area::new(0.0, 0.0, size.0, size.1);
        let stream = {
            let mut builder = self.canvas.surface.stream_builder();
            let surface = builder.surface();
            let mut inner = super::canvas::Canvas::new(surface);
            match tile {
                Tile::Gradient(gradient) => {
                    if let Some(ink) = super::gradient::ink(gradient, own, style.color) {
                        inner.fill_area(own, &ink);
                    }
                }
                Tile::Picture(picture) => super::image::draw(&mut inner, picture, own),
            }
            inner.finish();
            builder.finish()
        };
        let pattern = Pattern {
            stream,
            transform: Transform::from_translate(steps.0.first, steps.1.first),
            width: steps.0.step.max(size.0),
            height: steps.1.step.max(size.1),
        };
        let covered = Area {
            x: painted.x.max(steps.0.first),
            y: painted.y.max(steps.1.first),
            width: painted.right().min(steps.0.end(size.0)) - painted.x.max(steps.0.first),
            height: painted.bottom().min(steps.1.end(size.1)) - painted.y.max(steps.1.first),
        };
        self.canvas.fill_area(covered, &Ink::Paint(pattern.into()));
    }

    /// A picture in an area, all of it.
    pub(super) fn drawn(&mut self, picture: &Picture, area: Area) {
        super::image::draw(self.canvas, picture, area);
    }

    /// What text is filled with where the background shows through its letters alone.
    pub(super) fn text_background(&self, style: &Style, area: Area) -> Option<Ink> {
        let count = style.background_image.len().max(1);
        let is_text = |at: usize| cycled(&style.background_clip, at) == Some(AreaBox::Text);
        for (at, image) in style.background_image.iter().enumerate() {
            if let (true, Image::Gradient(gradient)) = (is_text(at), image) {
                return super::gradient::ink(gradient, area, style.color);
            }
        }
        let color = style.background_color.resolve(style.color);
        (is_text(count - 1) && !color.is_transparent()).then_some(Ink::Color(color))
    }
}

/// Lists of layers begin again where they are too short.
fn cycled<T: Clone>(all: &[T], at: usize) -> Option<T> {
    all.get(at % all.len().max(1)).cloned()
}

fn tile_size(size: &BackgroundSize, tile: &Tile<'_>, origin: Area) -> (f32, f32) {
    let (own_width, own_height, ratio) = match tile {
        Tile::Gradient(_) => (None, None, None),
        Tile::Picture(picture) => (picture.width, picture.height, picture.ratio),
    };
    let ratio = ratio.filter(|ratio| ratio.is_finite() && *ratio > 0.0);
    let fit = |cover: bool| match ratio {
        None => (origin.width, origin.height),
        Some(ratio) => {
            let is_wide = origin.width / origin.height.max(0.001) > ratio;
            if is_wide == cover {
                (origin.width, origin.width / ratio)
            } else {
                (origin.height * ratio, origin.height)
            }
        }
    };
    match size {
        BackgroundSize::Cover => fit(true),
        BackgroundSize::Contain => fit(false),
        BackgroundSize::Sides(width, height) => {
            let width = width.as_ref().map(|lp| lp.resolve(origin.width));
            let height = height.as_ref().map(|lp| lp.resolve(origin.height));
            match (width, height, ratio) {
                (Some(width), Some(height), _) => (width, height),
                (Some(width), None, Some(ratio)) => (width, width / ratio),
                (None, Some(height), Some(ratio)) => (height * ratio, height),
                (width, height, None) => (
                    width.or(own_width).unwrap_or(origin.width),
                    height.or(own_height).unwrap_or(origin.height),
                ),
                (None, None, Some(ratio)) => match (own_width, own_height) {
                    (Some(width), Some(height)) => (width, height),
                    (Some(width), None) => (width, width / ratio),
                    (None, Some(height)) => (height * ratio, height),
                    (None, None) => fit(false),
                },
            }
        }
    }
}

/// Where pictures begin in one direction.
struct Steps {
    first: f32,
    step: f32,
    count: usize,
}

impl Steps {
    fn end(&self, size: f32) -> f32 {
        self.first + self.step * (self.count.saturating_sub(1)) as f32 + size
    }
}

fn steps(
    repeat: RepeatStyle,
    start: f32,
    room: f32,
    at: f32,
    size: f32,
    from: f32,
    to: f32,
) -> Steps {
    let one = Steps {
        first: start + at,
        step: size,
        count: 1,
    };
    let (first, step) = match repeat {
        RepeatStyle::NoRepeat => return one,
        RepeatStyle::Space => {
            let whole = (room / size).floor();
            if whole < 2.0 {
                return one;
            }
            let step = size + (room - whole * size) / (whole - 1.0);
            (start, step)
        }
        RepeatStyle::Repeat | RepeatStyle::Round => (start + at, size),
    };
    // Back to the first that still reaches into what is painted.
    let back = ((first - from) / step).ceil();
    let first = first - back * step;
    let count = ((to - first) / step).ceil().clamp(0.0, 1.0e6) as usize;
    Steps { first, step, count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_cover_what_is_painted() {
        let steps_of = |repeat, at| steps(repeat, 0.0, 100.0, at, 30.0, 0.0, 100.0);
        let all = steps_of(RepeatStyle::Repeat, 10.0);
        assert_eq!((all.first, all.count), (-20.0, 4));
        let one = steps_of(RepeatStyle::NoRepeat, 10.0);
        assert_eq!((one.first, one.count), (10.0, 1));
        let spaced = steps_of(RepeatStyle::Space, 0.0);
        assert_eq!((spaced.first, spaced.step, spaced.count), (0.0, 35.0, 3));
    }
}
