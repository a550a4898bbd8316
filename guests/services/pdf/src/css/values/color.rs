//! Colours, in all the ways that CSS Color 4 has to write them. What comes out is sRGB, which is what is written.

use super::calc;
use super::named::named;
use super::{Parse, plain};
use crate::budget::NESTING_MAX;
use crate::css::cursor::{Cursor, lower};
use crate::css::token::Token;

/// Red, green, blue and opacity, each between 0 and 1, in sRGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rgba {
    pub(crate) r: f32,
    pub(crate) g: f32,
    pub(crate) b: f32,
    pub(crate) a: f32,
}

impl Rgba {
    pub(crate) const BLACK: Rgba = Rgba::opaque(0.0, 0.0, 0.0);
    pub(crate) const TRANSPARENT: Rgba = Rgba {
        a: 0.0,
        ..Rgba::BLACK
    };

    pub(crate) const fn opaque(r: f32, g: f32, b: f32) -> Rgba {
        Rgba { r, g, b, a: 1.0 }
    }

    pub(crate) fn bytes([r, g, b]: [u8; 3]) -> Rgba {
        let part = |byte: u8| f32::from(byte) / 255.0;
        Rgba::opaque(part(r), part(g), part(b))
    }

    pub(crate) fn is_transparent(self) -> bool {
        self.a <= 0.0
    }

    /// Lighter or darker, as the halves of a groove are.
    pub(crate) fn shaded(self, by: f32) -> Rgba {
        let shade = |part: f32| (part * by).clamp(0.0, 1.0);
        Rgba {
            r: shade(self.r),
            g: shade(self.g),
            b: shade(self.b),
            a: self.a,
        }
    }

    fn clamped(self) -> Rgba {
        let clamp = |part: f32| {
            if part.is_finite() {
                part.clamp(0.0, 1.0)
            } else {
                0.0
            }
        };
        Rgba {
            r: clamp(self.r),
            g: clamp(self.g),
            b: clamp(self.b),
            a: clamp(self.a),
        }
    }
}

/// A colour, or that of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Color {
    #[default]
    Current,
    Rgba(Rgba),
}

plain!(Color);

impl Color {
    pub(crate) const TRANSPARENT: Color = Color::Rgba(Rgba::TRANSPARENT);

    pub(crate) fn resolve(self, current: Rgba) -> Rgba {
        match self {
            Color::Current => current,
            Color::Rgba(rgba) => rgba,
        }
    }
}

impl Parse for Color {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        color(text, 0)
    }
}

fn color(text: &mut Cursor<'_, '_>, depth: usize) -> Option<Color> {
    if depth > NESTING_MAX {
        return None;
    }
    text.attempt(|ahead| {
        ahead.space();
        match ahead.next()? {
            Token::Hash(digits, _) => hex(digits).map(Color::Rgba),
            Token::Ident(name) => match &*lower(name) {
                "currentcolor" => Some(Color::Current),
                "transparent" => Some(Color::TRANSPARENT),
                name => named(name).map(|bytes| Color::Rgba(Rgba::bytes(bytes))),
            },
            Token::Function(name) => {
                let inside = ahead.inside(crate::css::token::Bracket::Round);
                function(&lower(name), inside, depth + 1)
            }
            _ => None,
        }
    })
}

fn hex(digits: &str) -> Option<Rgba> {
    let digits: Option<Vec<u8>> = digits
        .chars()
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    let (rgb, alpha) = match *digits?.as_slice() {
        [r, g, b] => ([r * 17, g * 17, b * 17], 255),
        [r, g, b, a] => ([r * 17, g * 17, b * 17], a * 17),
        [r, r2, g, g2, b, b2] => ([r * 16 + r2, g * 16 + g2, b * 16 + b2], 255),
        [r, r2, g, g2, b, b2, a, a2] => ([r * 16 + r2, g * 16 + g2, b * 16 + b2], a * 16 + a2),
        _ => return None,
    };
    Some(Rgba {
        a: f32::from(alpha) / 255.0,
        ..Rgba::bytes(rgb)
    })
}

fn function(name: &str, inside: Cursor<'_, '_>, depth: usize) -> Option<Color> {
    if name == "color-mix" {
        return mix(inside, depth);
    }
    let ([x, y, z], alpha) = components(name, inside)?;
    let number = |part: Part, all: f32| part.of(all);
    let rgb = match name {
        "rgb" | "rgba" => [x, y, z].map(|part| number(part, 255.0) / 255.0),
        "hsl" | "hsla" => hsl(x.degrees(), number(y, 100.0), number(z, 100.0)),
        "hwb" => hwb(x.degrees(), number(y, 100.0), number(z, 100.0)),
        "lab" => from_lab(number(x, 100.0), number(y, 125.0), number(z, 125.0)),
        "lch" => {
            let (a, b) = polar(number(y, 150.0), z.degrees());
            from_lab(number(x, 100.0), a, b)
        }
        "oklab" => from_oklab(number(x, 1.0), number(y, 0.4), number(z, 0.4)),
        "oklch" => {
            let (a, b) = polar(number(y, 0.4), z.degrees());
            from_oklab(number(x, 1.0), a, b)
        }
        "color" => [x, y, z].map(|part| number(part, 1.0)),
        _ => return None,
    };
    let [r, g, b] = rgb;
    Some(Color::Rgba(Rgba { r, g, b, a: alpha }.clamped()))
}

/// A part of a colour, before it is known what it is a part of.
#[derive(Clone, Copy, Debug)]
enum Part {
    Number(f32),
    Percent(f32),
    Degrees(f32),
}

impl Part {
    fn of(self, all: f32) -> f32 {
        match self {
            Part::Number(value) | Part::Degrees(value) => value,
            Part::Percent(percent) => percent / 100.0 * all,
        }
    }

    fn degrees(self) -> f32 {
        self.of(360.0)
    }
}

fn part(text: &mut Cursor<'_, '_>) -> Option<Part> {
    if let Some(number) = calc::number(text) {
        return Some(Part::Number(number));
    }
    text.attempt(|ahead| {
        ahead.space();
        Some(match ahead.next()? {
            Token::Number { value, .. } => Part::Number(*value),
            Token::Percent(percent) => Part::Percent(*percent),
            Token::Dimension { value, unit } => Part::Degrees(match &*lower(unit) {
                "deg" => *value,
                "rad" => value.to_degrees(),
                "grad" => value * 0.9,
                "turn" => value * 360.0,
                _ => return None,
            }),
            Token::Ident(name) if name.eq_ignore_ascii_case("none") => Part::Number(0.0),
            _ => return None,
        })
    })
}

/// Three parts and the opacity, with commas or without.
fn components(name: &str, mut text: Cursor<'_, '_>) -> Option<([Part; 3], f32)> {
    if name == "color" {
        // Wide spaces are taken for sRGB's: close enough for what is printed.
        let known = ["srgb", "display-p3", "a98-rgb", "prophoto-rgb", "rec2020"];
        let space = text.word()?;
        if !known.contains(&&*space) {
            return None;
        }
    }
    let x = part(&mut text)?;
    let commas = text.comma();
    let y = part(&mut text)?;
    if text.comma() != commas {
        return None;
    }
    let z = part(&mut text)?;
    let alpha = if (commas && text.comma()) || text.delim('/') {
        part(&mut text)?.of(1.0)
    } else {
        1.0
    };
    text.is_done().then_some(([x, y, z], alpha.clamp(0.0, 1.0)))
}

fn hsl(hue: f32, saturation: f32, lightness: f32) -> [f32; 3] {
    let hue = hue.rem_euclid(360.0);
    let (s, l) = (
        (saturation / 100.0).clamp(0.0, 1.0),
        (lightness / 100.0).clamp(0.0, 1.0),
    );
    [0.0, 8.0, 4.0].map(|n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        l - s * l.min(1.0 - l) * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

fn hwb(hue: f32, white: f32, black: f32) -> [f32; 3] {
    let (white, black) = (white / 100.0, black / 100.0);
    if white + black >= 1.0 {
        return [white / (white + black); 3];
    }
    hsl(hue, 100.0, 50.0).map(|part| part * (1.0 - white - black) + white)
}

fn polar(chroma: f32, degrees: f32) -> (f32, f32) {
    let angle = degrees.to_radians();
    (chroma * angle.cos(), chroma * angle.sin())
}

/// CIE Lab with its D50 white, by way of XYZ.
fn from_lab(l: f32, a: f32, b: f32) -> [f32; 3] {
    const EPSILON: f32 = 216.0 / 24_389.0;
    const KAPPA: f32 = 24_389.0 / 27.0;
    let fy = (l + 16.0) / 116.0;
    let inverse = |f: f32| {
        let cube = f * f * f;
        if cube > EPSILON {
            cube
        } else {
            (116.0 * f - 16.0) / KAPPA
        }
    };
    let y = if l > KAPPA * EPSILON {
        fy * fy * fy
    } else {
        l / KAPPA
    };
    let x = inverse(fy + a / 500.0) * 0.964_296;
    let z = inverse(fy - b / 200.0) * 0.825_106;
    // D50 to linear sRGB, the adaptation included.
    let linear = [
        3.134_136 * x - 1.617_386 * y - 0.490_662 * z,
        -0.978_796 * x + 1.916_254 * y + 0.033_443 * z,
        0.071_955 * x - 0.228_977 * y + 1.405_386 * z,
    ];
    linear.map(encoded)
}

fn from_oklab(l: f32, a: f32, b: f32) -> [f32; 3] {
    let cube = |x: f32| x * x * x;
    let l_ = cube(l + 0.396_337_78 * a + 0.215_803_76 * b);
    let m_ = cube(l - 0.105_561_346 * a - 0.063_854_17 * b);
    let s_ = cube(l - 0.089_484_18 * a - 1.291_485_5 * b);
    let linear = [
        4.076_741_7 * l_ - 3.307_711_6 * m_ + 0.230_969_94 * s_,
        -1.268_438 * l_ + 2.609_757_4 * m_ - 0.341_319_4 * s_,
        -0.004_196_086_3 * l_ - 0.703_418_6 * m_ + 1.707_614_7 * s_,
    ];
    linear.map(encoded)
}

fn to_oklab(rgba: Rgba) -> [f32; 3] {
    let [r, g, b] = [rgba.r, rgba.g, rgba.b].map(linear);
    let l = (0.412_221_47 * r + 0.536_332_54 * g + 0.051_445_993 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

fn encoded(linear: f32) -> f32 {
    if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }
}

fn linear(encoded: f32) -> f32 {
    if encoded <= 0.040_45 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

/// `color-mix(in oklab, red 30%, blue)`. Other spaces than sRGB are mixed in Oklab, as browsers do when they are not
/// told otherwise.
fn mix(inside: Cursor<'_, '_>, depth: usize) -> Option<Color> {
    let parts = inside.parts();
    let [mut method, first, second] = <[_; 3]>::try_from(parts).ok()?;
    if !method.is_word("in") {
        return None;
    }
    let space = method.word()?;
    let one = |mut part: Cursor<'_, '_>| {
        let before = percent(&mut part);
        let color = color(&mut part, depth)?;
        let share = before.or_else(|| percent(&mut part));
        part.is_done().then_some((color, share))
    };
    let ((a, share_a), (b, share_b)) = (one(first)?, one(second)?);
    let (Color::Rgba(a), Color::Rgba(b)) = (a, b) else {
        // Unknown until there is an element; its text's colour is then what is meant most.
        return Some(Color::Current);
    };
    let (p, q) = match (share_a, share_b) {
        (None, None) => (0.5, 0.5),
        (Some(p), None) => (p, 1.0 - p),
        (None, Some(q)) => (1.0 - q, q),
        (Some(p), Some(q)) => (p, q),
    };
    let sum = p + q;
    if sum <= 0.0 {
        return None;
    }
    let (p, q) = (p / sum, q / sum);
    let alpha = a.a * p + b.a * q;
    let weigh = |x: f32, y: f32| {
        if alpha > 0.0 {
            (x * a.a * p + y * b.a * q) / alpha
        } else {
            0.0
        }
    };
    let [r, g, b] = if &*space == "srgb" {
        [weigh(a.r, b.r), weigh(a.g, b.g), weigh(a.b, b.b)]
    } else {
        let (x, y) = (to_oklab(a), to_oklab(b));
        from_oklab(weigh(x[0], y[0]), weigh(x[1], y[1]), weigh(x[2], y[2]))
    };
    let alpha = alpha * sum.min(1.0);
    Some(Color::Rgba(Rgba { r, g, b, a: alpha }.clamped()))
}

fn percent(text: &mut Cursor<'_, '_>) -> Option<f32> {
    text.attempt(|ahead| {
        ahead.space();
        match ahead.next()? {
            Token::Percent(percent) if (0.0..=100.0).contains(percent) => Some(percent / 100.0),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn read(text: &str) -> Option<String> {
        let tokens = tokenize(text);
        let color = Cursor::new(&tokens).whole(Color::parse)?;
        let Color::Rgba(c) = color else {
            return Some("current".into());
        };
        let byte = |part: f32| (part * 255.0).round() as u8;
        let mut out = format!("{:02x}{:02x}{:02x}", byte(c.r), byte(c.g), byte(c.b));
        if c.a < 1.0 {
            out += &format!("{:02x}", byte(c.a));
        }
        Some(out)
    }

    #[test]
    fn every_way_to_write_them() {
        for (text, wanted) in [
            ("red", "ff0000"),
            ("ReBeccaPurple", "663399"),
            ("#0f8", "00ff88"),
            ("#00ff8880", "00ff8880"),
            ("rgb(255, 128, 0)", "ff8000"),
            ("rgb(100% 50% 0% / 50%)", "ff800080"),
            ("rgba(1,2,3,.5)", "01020380"),
            ("hsl(120 100% 25%)", "008000"),
            ("hsl(0.5turn, 100%, 50%)", "00ffff"),
            ("hwb(0 20% 20%)", "cc3333"),
            ("lab(29.2345% 39.3825 20.0664)", "7d2329"),
            ("oklch(62.8% 0.2577 29.23)", "ff0000"),
            ("oklab(100% 0 0)", "ffffff"),
            ("color(srgb 1 0.5 0)", "ff8000"),
            ("color-mix(in srgb, red, blue)", "800080"),
            ("color-mix(in srgb, red 25%, white)", "ffbfbf"),
            ("transparent", "00000000"),
            ("currentColor", "current"),
            ("rgb(none 300 -5)", "00ff00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        for wrong in [
            "",
            "#12",
            "#ggg",
            "rgb(1,2)",
            "rgb(1, 2 3)",
            "rgb(1 2 3 4)",
            "blau",
            "hsl()",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
