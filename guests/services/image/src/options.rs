//! Arguments to checked options. All that is wrong is said at once, by name, with what is allowed.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use wardian_abi::{Arguments, Value};

use crate::budget::SIDE_MAX;
use crate::error::ImageError;
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

/// Reads named arguments and notes what is wrong with them.
pub(crate) struct Checker<'a> {
    arguments: &'a Arguments<'a>,
    known: Vec<&'static str>,
    problems: Vec<String>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(arguments: &'a Arguments<'a>) -> Self {
        Checker {
            arguments,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The argument, if it was given; nil counts as not given.
    fn given(&mut self, name: &'static str) -> Option<&'a Value<'a>> {
        self.known.push(name);
        self.arguments
            .get(name)
            .filter(|value| **value != Value::Nil)
    }

    pub(crate) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// The picture itself. Empty when it is missing, which is noted.
    pub(crate) fn image(&mut self) -> &'a [u8] {
        match self.given("image") {
            Some(Value::Bin(bytes)) => bytes,
            Some(other) => {
                self.problem(format!("`image` must be bytes, got {}", other.kind()));
                &[]
            }
            None => {
                self.problem("`image` is missing".into());
                &[]
            }
        }
    }

    pub(crate) fn text(&mut self, name: &'static str) -> &'a str {
        match self.given(name) {
            Some(Value::Str(text)) => text,
            Some(other) => {
                self.problem(format!("`{name}` must be text, got {}", other.kind()));
                ""
            }
            None => {
                self.problem(format!("`{name}` is missing"));
                ""
            }
        }
    }

    pub(crate) fn whole(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let (min, max) = (*range.start(), *range.end());
        let got = match self.given(name)? {
            Value::Int(value) => match u32::try_from(*value) {
                Ok(value) if range.contains(&value) => return Some(value),
                _ => value.to_string(),
            },
            other => other.kind().to_owned(),
        };
        self.problem(format!(
            "`{name}` must be a whole number from {min} to {max}, got {got}"
        ));
        None
    }

    /// A whole number that must be given; noted and `min` when it is not.
    pub(crate) fn whole_due(&mut self, name: &'static str, range: RangeInclusive<u32>) -> u32 {
        let min = *range.start();
        if matches!(self.arguments.get(name), None | Some(Value::Nil)) {
            self.problem(format!("`{name}` is missing"));
        }
        self.whole(name, range).unwrap_or(min)
    }

    pub(crate) fn number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<f64>,
        default: f64,
    ) -> f64 {
        let Some(value) = self.given(name) else {
            return default;
        };
        match value.as_float() {
            Some(number) if range.contains(&number) => number,
            _ => {
                let (min, max) = (range.start(), range.end());
                self.problem(format!(
                    "`{name}` must be a number from {min} to {max}, got {}",
                    shown(value)
                ));
                default
            }
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        match self.given(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(other) => {
                self.problem(format!(
                    "`{name}` must be true or false, got {}",
                    shown(other)
                ));
                false
            }
        }
    }

    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let value = self.given(name)?;
        if let Some((_, choice)) = choices
            .iter()
            .find(|(label, _)| value.as_str() == Some(label))
        {
            return Some(*choice);
        }
        let labels: Vec<_> = choices.iter().map(|(label, _)| *label).collect();
        self.problem(format!(
            "`{name}` must be one of {}, got {}",
            labels.join(", "),
            shown(value)
        ));
        None
    }

    pub(crate) fn side(&mut self, name: &'static str) -> Option<u32> {
        self.whole(name, 1..=SIDE_MAX)
    }

    pub(crate) fn fit(&mut self) -> Fit {
        let choices = [
            ("contain", Fit::Contain),
            ("cover", Fit::Cover),
            ("fill", Fit::Fill),
        ];
        self.choice("fit", &choices).unwrap_or(Fit::Contain)
    }

    pub(crate) fn light(&mut self) -> Light {
        self.choice(
            "light",
            &[("linear", Light::Linear), ("gamma", Light::Gamma)],
        )
        .unwrap_or(Light::Linear)
    }

    pub(crate) fn output(&mut self) -> Output {
        Output {
            format: self.choice("format", &Format::WRITABLE),
            quality: self.whole("quality", 1..=100).unwrap_or(85) as u8,
            background: self.colour("background", [255; 3]),
        }
    }

    fn colour(&mut self, name: &'static str, default: [u8; 3]) -> [u8; 3] {
        let Some(value) = self.given(name) else {
            return default;
        };
        value.as_str().and_then(hex_colour).unwrap_or_else(|| {
            self.problem(format!(
                "`{name}` must be a colour such as #ffffff, got {}",
                shown(value)
            ));
            default
        })
    }

    /// Ends the reading: everything that was wrong, arguments that nobody asked for among it.
    pub(crate) fn finish(mut self) -> Result<(), ImageError> {
        for (name, _) in self.arguments.iter() {
            if !self.known.contains(&name) {
                self.problems.push(format!(
                    "`{}` is not an argument of this function",
                    cut(name)
                ));
            }
        }
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(ImageError::new("image.options", self.problems.join("; ")))
    }
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

/// A value as a message shows it: short, and its kind where it is long.
fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Str(text) => format!("{:?}", cut(text)),
        other => other.kind().to_owned(),
    }
}

fn cut(text: &str) -> String {
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        let _ = write!(out, "…");
    }
    out
}

#[cfg(test)]
mod tests {
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
            .with("light", 7)
            .with("widht", 3);
        let mut checker = Checker::new(&arguments);
        checker.image();
        checker.output();
        checker.light();
        checker.whole_due("width", 1..=9);
        let message = checker.finish().unwrap_err().message;
        assert_eq!(
            message,
            "`image` must be bytes, got str; `format` must be one of jpeg, png, webp, gif, got \"tiff\"; \
             `quality` must be a whole number from 1 to 100, got 0; \
             `background` must be a colour such as #ffffff, got \"red\"; \
             `light` must be one of linear, gamma, got 7; `width` is missing; \
             `widht` is not an argument of this function"
        );
    }

    #[test]
    fn numbers_hold_on_both_sides() {
        let quality = |value: i64| {
            let arguments = Arguments::new().with("quality", value);
            let mut checker = Checker::new(&arguments);
            let quality = checker.output().quality;
            checker.finish().map(|()| quality).ok()
        };
        assert_eq!(
            [0, 1, 100, 101, -1, 1 << 40].map(quality),
            [None, Some(1), Some(100), None, None, None]
        );
    }
}
