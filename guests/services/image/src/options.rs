//! Arguments to checked options: what pictures need beyond the kit's own kinds.

use wardian_guest_kit::Checker;

use crate::budget::SIDE_MAX;
use crate::format::Format;

/// How a picture meets a box of both sides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    /// All of it, inside the box.
    Contain,
    /// All of the box, the overhang cut evenly.
    Cover,
    /// Exactly the box, stretched.
    Fill,
}

/// The light in which pixels are averaged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Light {
    /// As light adds up: sRGB values are made linear first. Keeps the brightness of fine detail.
    Linear,
    /// The stored values as they are, as Pillow, libvips and browsers do by default. Faster.
    Gamma,
}

/// How a result is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// `None`: as the source.
    pub(crate) format: Option<Format>,
    pub(crate) quality: u8,
    pub(crate) background: [u8; 3],
}

/// The options of pictures.
pub(crate) trait Options<'a> {
    /// The picture itself. Empty when it is missing, which is noted.
    fn image(&mut self) -> &'a [u8];
    fn side(&mut self, name: &'static str) -> Option<u32>;
    fn fit(&mut self) -> Fit;
    fn light(&mut self) -> Light;
    fn output(&mut self) -> Output;
}

impl<'a> Options<'a> for Checker<'a> {
    fn image(&mut self) -> &'a [u8] {
        self.bytes_due("image")
    }

    fn side(&mut self, name: &'static str) -> Option<u32> {
        self.whole(name, 1..=SIDE_MAX)
    }

    fn fit(&mut self) -> Fit {
        let choices = [
            ("contain", Fit::Contain),
            ("cover", Fit::Cover),
            ("fill", Fit::Fill),
        ];
        self.choice("fit", &choices).unwrap_or(Fit::Contain)
    }

    fn light(&mut self) -> Light {
        self.choice(
            "light",
            &[("linear", Light::Linear), ("gamma", Light::Gamma)],
        )
        .unwrap_or(Light::Linear)
    }

    fn output(&mut self) -> Output {
        Output {
            format: self.choice("format", &Format::WRITABLE),
            quality: self.whole("quality", 1..=100).unwrap_or(85) as u8,
            background: colour(self, "background", [255; 3]),
        }
    }
}

fn colour(checker: &mut Checker<'_>, name: &'static str, default: [u8; 3]) -> [u8; 3] {
    let Some(value) = checker.given(name) else {
        return default;
    };
    value.as_str().and_then(hex_colour).unwrap_or_else(|| {
        checker.wrong(name, "a colour such as #ffffff", value);
        default
    })
}

/// `#rgb` or `#rrggbb`.
fn hex_colour(text: &str) -> Option<[u8; 3]> {
    let digits: Vec<u8> = text
        .strip_prefix('#')?
        .chars()
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect::<Option<_>>()?;
    match *digits.as_slice() {
        [r, g, b] => Some([r * 17, g * 17, b * 17]),
        [r, r2, g, g2, b, b2] => Some([r * 16 + r2, g * 16 + g2, b * 16 + b2]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use wardian_abi::Arguments;

    use super::*;

    #[test]
    fn colours() {
        assert_eq!(hex_colour("#fff"), Some([255; 3]));
        assert_eq!(hex_colour("#0a141E"), Some([10, 20, 30]));
        for wrong in ["fff", "#ffff", "#ggg", "", "#", "#éé"] {
            assert_eq!(hex_colour(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn all_problems_are_said_at_once() {
        let arguments = Arguments::new()
            .with("image", "no")
            .with("quality", 0)
            .with("format", "tiff")
            .with("background", "red")
            .with("light", 7);
        let mut checker = Checker::new(&arguments);
        checker.image();
        checker.output();
        checker.light();
        assert_eq!(
            checker.finish().unwrap_err(),
            "`image` must be bytes, got str; `format` must be one of jpeg, png, webp, gif, got \"tiff\"; \
             `quality` must be a whole number from 1 to 100, got 0; \
             `background` must be a colour such as #ffffff, got \"red\"; \
             `light` must be one of linear, gamma, got 7"
        );
    }
}
