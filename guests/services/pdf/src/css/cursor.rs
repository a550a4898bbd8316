//! A place in a list of tokens. Readers of values move it on, or leave it where it was and say `None`.

use std::borrow::Cow;

use super::token::{Bracket, Spanned, Token};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'t, 'a> {
    tokens: &'t [Spanned<'a>],
    at: usize,
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub(crate) fn new(tokens: &'t [Spanned<'a>]) -> Self {
        Cursor { tokens, at: 0 }
    }

    /// The tokens that are left.
    pub(crate) fn rest(&self) -> &'t [Spanned<'a>] {
        self.tokens.get(self.at..).unwrap_or(&[])
    }

    pub(crate) fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at).map(|spanned| &spanned.token)
    }

    pub(crate) fn next(&mut self) -> Option<&'t Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Skips white space; says whether there was any.
    pub(crate) fn space(&mut self) -> bool {
        let from = self.at;
        while matches!(self.peek(), Some(Token::Space | Token::Comment)) {
            self.at += 1;
        }
        self.at > from
    }

    /// Whether nothing is left but white space.
    pub(crate) fn is_done(&self) -> bool {
        let mut rest = *self;
        rest.space();
        rest.peek().is_none()
    }

    /// Reads what `read` reads, or stays where it was.
    pub(crate) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut ahead = *self;
        let found = read(&mut ahead)?;
        *self = ahead;
        Some(found)
    }

    /// The same of everything that is left.
    pub(crate) fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let found = read(&mut self)?;
        self.is_done().then_some(found)
    }

    fn token<T>(&mut self, read: impl FnOnce(&'t Token<'a>) -> Option<T>) -> Option<T> {
        self.attempt(|ahead| {
            ahead.space();
            read(ahead.next()?)
        })
    }

    /// A word as it stands there.
    pub(crate) fn ident(&mut self) -> Option<&'t str> {
        self.token(|token| match token {
            Token::Ident(name) => Some(&**name),
            _ => None,
        })
    }

    /// A word in lower case.
    pub(crate) fn word(&mut self) -> Option<Cow<'t, str>> {
        self.ident().map(lower)
    }

    /// One word out of a table.
    pub(crate) fn keyword<T: Copy>(&mut self, table: &[(&str, T)]) -> Option<T> {
        self.attempt(|ahead| {
            let word = ahead.ident()?;
            table
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(word))
                .map(|(_, value)| *value)
        })
    }

    /// Whether this very word comes next.
    pub(crate) fn is_word(&mut self, wanted: &str) -> bool {
        self.keyword(&[(wanted, ())]).is_some()
    }

    pub(crate) fn string(&mut self) -> Option<&'t str> {
        self.token(|token| match token {
            Token::Str(text) => Some(&**text),
            _ => None,
        })
    }

    pub(crate) fn number(&mut self) -> Option<f32> {
        self.token(|token| match token {
            Token::Number { value, .. } => Some(*value),
            _ => None,
        })
    }

    pub(crate) fn integer(&mut self) -> Option<i32> {
        self.token(|token| match token {
            Token::Number { value, int: true } => Some(*value as i32),
            _ => None,
        })
    }

    pub(crate) fn comma(&mut self) -> bool {
        self.token(|token| matches!(token, Token::Comma).then_some(()))
            .is_some()
    }

    pub(crate) fn delim(&mut self, wanted: char) -> bool {
        self.token(|token| (*token == Token::Delim(wanted)).then_some(()))
            .is_some()
    }

    /// The address in `url(…)`, with quotes or without.
    pub(crate) fn url(&mut self) -> Option<&'t str> {
        self.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Url(url) => Some(&**url),
                Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                    let mut inside = ahead.inside(Bracket::Round);
                    inside.string()
                }
                _ => None,
            }
        })
    }

    /// A function of any name, in lower case, and what stands in its parentheses.
    pub(crate) fn function(&mut self) -> Option<(Cow<'t, str>, Cursor<'t, 'a>)> {
        self.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Function(name) => Some((lower(name), ahead.inside(Bracket::Round))),
                _ => None,
            }
        })
    }

    /// What stands in brackets.
    pub(crate) fn bracketed(&mut self, bracket: Bracket) -> Option<Cursor<'t, 'a>> {
        self.attempt(|ahead| {
            ahead.space();
            match ahead.next()? {
                Token::Open(found) if *found == bracket => Some(ahead.inside(bracket)),
                _ => None,
            }
        })
    }

    /// What stands behind an opening bracket that was just read; moves behind the closing one.
    pub(crate) fn inside(&mut self, bracket: Bracket) -> Cursor<'t, 'a> {
        let from = self.at;
        let mut open = vec![bracket];
        while let Some(token) = self.next() {
            match token {
                Token::Function(_) => open.push(Bracket::Round),
                Token::Open(found) => open.push(*found),
                Token::Close(found) if open.last() == Some(found) => {
                    open.pop();
                    if open.is_empty() {
                        return Cursor::new(&self.tokens[from..self.at - 1]);
                    }
                }
                _ => {}
            }
        }
        // The end of the text closes whatever is open.
        Cursor::new(&self.tokens[from..])
    }

    /// Moves to the next token that `is_end` wants, at this depth of brackets, and gives what stands before it.
    pub(crate) fn until(&mut self, is_end: impl Fn(&Token<'a>) -> bool) -> Cursor<'t, 'a> {
        let from = self.at;
        while let Some(token) = self.peek() {
            if is_end(token) {
                break;
            }
            self.at += 1;
            match token {
                Token::Function(_) => {
                    self.inside(Bracket::Round);
                }
                Token::Open(bracket) => {
                    self.inside(*bracket);
                }
                _ => {}
            }
        }
        Cursor::new(&self.tokens[from..self.at])
    }

    /// The parts between commas.
    pub(crate) fn parts(mut self) -> Vec<Cursor<'t, 'a>> {
        let mut parts = Vec::new();
        loop {
            parts.push(self.until(|token| *token == Token::Comma));
            if self.next().is_none() {
                return parts;
            }
        }
    }

    /// The bytes that the tokens stand in.
    pub(crate) fn span(&self) -> Option<(usize, usize)> {
        let rest = self.rest();
        Some((rest.first()?.start, rest.last()?.end))
    }
}

/// A name in lower case, without a copy where it is already.
pub(crate) fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokenize;
    use super::*;

    #[test]
    fn brackets_are_matched_and_what_is_open_ends_with_the_text() {
        let tokens = tokenize("f(a (b) ], [c) d; rest");
        let mut cursor = Cursor::new(&tokens);
        let (name, inside) = cursor.function().unwrap();
        assert_eq!(name, "f");
        assert_eq!(inside.parts().len(), 2);
        assert!(cursor.is_done(), "the square bracket is never closed");
        let tokens = tokenize("a(b;c) d; rest");
        let mut cursor = Cursor::new(&tokens);
        let before = cursor.until(|token| *token == Token::Semicolon);
        assert_eq!(before.span(), Some((0, 8)));
        assert_eq!(cursor.next(), Some(&Token::Semicolon));
    }

    #[test]
    fn a_reader_that_fails_leaves_the_place() {
        let tokens = tokenize("  auto 3 'x' url(y)");
        let mut cursor = Cursor::new(&tokens);
        assert_eq!(cursor.number(), None);
        assert_eq!(cursor.keyword(&[("AUTO", 7)]), Some(7));
        assert_eq!(cursor.integer(), Some(3));
        assert_eq!(cursor.string(), Some("x"));
        assert_eq!(cursor.url(), Some("y"));
        assert!(cursor.is_done());
    }
}
