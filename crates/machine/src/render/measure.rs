//! How much room words take. Nobody knows the font that a viewer has, so this is an estimate for the usual sans-serif
//! ones, rather too wide than too narrow.

/// Width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

pub(super) fn width(text: &str, font_size: f64) -> f64 {
    text.chars().map(relative_width).sum::<f64>() * font_size
}

/// In parts of the font's size.
fn relative_width(character: char) -> f64 {
    match character {
        'f' | 'i' | 'j' | 'l' | 't' | 'r' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!'
        | ' ' | '(' | ')' | '[' | ']' | '/' | '-' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        '\u{1100}'.. => 1.05,
        other if other.is_uppercase() || other == '_' || other == '=' => 0.72,
        _ => 0.61,
    }
}

/// Broken at spaces so that no line has more than `characters_max`; a word that has more is broken inside.
pub(super) fn wrap(text: &str, characters_max: usize) -> Vec<String> {
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + rest.len() > characters_max {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        while rest.len() > characters_max {
            let tail = rest.split_off(characters_max);
            lines.push(rest.into_iter().collect());
            rest = tail;
        }
        length += rest.len();
        line.extend(rest);
    }
    lines.push(line);
    lines
}
