//! `an+b`, in all the ways that tokens cut it into pieces.

use super::cursor::{Cursor, lower};
use super::token::Token;

/// Reads `odd`, `even`, `3`, `2n + 1`, `-n+3` and the like.
pub(crate) fn read(text: &mut Cursor<'_, '_>) -> Option<(i32, i32)> {
    text.space();
    match text.next()? {
        Token::Number { value, int: true } => Some((0, *value as i32)),
        Token::Dimension { value, unit } if value.fract() == 0.0 => {
            let unit = lower(unit);
            let rest = unit.strip_prefix('n')?;
            after_n(*value as i32, rest, text)
        }
        Token::Ident(name) => {
            let name = lower(name);
            match &*name {
                "odd" => Some((2, 1)),
                "even" => Some((2, 0)),
                _ => match name.strip_prefix("-n") {
                    Some(rest) => after_n(-1, rest, text),
                    None => after_n(1, name.strip_prefix('n')?, text),
                },
            }
        }
        Token::Delim('+') => match text.next()? {
            Token::Ident(name) => after_n(1, lower(name).strip_prefix('n')?, text),
            _ => None,
        },
        _ => None,
    }
}

/// `rest` is what was stuck to the `n`: nothing, `-`, or `-3`.
fn after_n(a: i32, rest: &str, text: &mut Cursor<'_, '_>) -> Option<(i32, i32)> {
    match rest {
        "" => {}
        "-" => {
            text.space();
            return match text.next()? {
                Token::Number { value, int: true } if *value >= 0.0 => Some((a, -(*value as i32))),
                _ => None,
            };
        }
        number => {
            let digits = number.strip_prefix('-')?;
            return digits.parse::<i32>().ok().map(|b| (a, -b));
        }
    }
    let b = text.attempt(|ahead| {
        ahead.space();
        match ahead.next()? {
            Token::Number { value, int: true } => Some(*value as i32),
            Token::Delim(sign @ ('+' | '-')) => {
                ahead.space();
                match ahead.next()? {
                    Token::Number { value, int: true } if *sign == '-' => Some(-(*value as i32)),
                    Token::Number { value, int: true } => Some(*value as i32),
                    _ => None,
                }
            }
            _ => None,
        }
    });
    Some((a, b.unwrap_or(0)))
}

/// Whether a place, from 1, is one of `an + b`.
pub(crate) fn holds((a, b): (i32, i32), place: u32) -> bool {
    let place = i64::from(place) - i64::from(b);
    match i64::from(a) {
        0 => place == 0,
        a => place % a == 0 && place / a >= 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokenize;
    use super::*;

    fn places(text: &str) -> Option<Vec<u32>> {
        let tokens = tokenize(text);
        let ab = Cursor::new(&tokens).whole(read)?;
        Some((1..=8).filter(|place| holds(ab, *place)).collect())
    }

    #[test]
    fn every_way_to_write_it() {
        assert_eq!(places("odd"), Some(vec![1, 3, 5, 7]));
        assert_eq!(places(" even "), Some(vec![2, 4, 6, 8]));
        assert_eq!(places("3"), Some(vec![3]));
        assert_eq!(places("3n"), Some(vec![3, 6]));
        assert_eq!(places("3n+1"), Some(vec![1, 4, 7]));
        assert_eq!(places("3n + 1"), Some(vec![1, 4, 7]));
        assert_eq!(places("3n-1"), Some(vec![2, 5, 8]));
        assert_eq!(places("3n - 1"), Some(vec![2, 5, 8]));
        assert_eq!(places("-n+3"), Some(vec![1, 2, 3]));
        assert_eq!(places("-n + 3"), Some(vec![1, 2, 3]));
        assert_eq!(places("n+6"), Some(vec![6, 7, 8]));
        assert_eq!(places("+n"), Some((1..=8).collect()));
        assert_eq!(places("0n+0"), Some(vec![]));
        for wrong in ["", "x", "n x", "2 n", "1.5n", "3n+"] {
            assert_eq!(places(wrong), None, "{wrong}");
        }
    }
}
