//! CSS text to tokens, by the rules of CSS Syntax Level 3. Nothing is an error: what cannot be read is a token that no
//! rule wants.

use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    Ident(Cow<'a, str>),
    /// Its name; the parenthesis is part of it.
    Function(Cow<'a, str>),
    At(Cow<'a, str>),
    /// Whether it could be an identifier: only then it selects.
    Hash(Cow<'a, str>, bool),
    Str(Cow<'a, str>),
    Url(Cow<'a, str>),
    /// A string or an address that is cut off.
    Bad,
    Delim(char),
    Number {
        value: f32,
        int: bool,
    },
    Percent(f32),
    Dimension {
        value: f32,
        unit: Cow<'a, str>,
    },
    Space,
    Colon,
    Semicolon,
    Comma,
    Open(Bracket),
    Close(Bracket),
    /// `<!--` and `-->`.
    Comment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bracket {
    Round,
    Square,
    Curly,
}

/// A token and the bytes it stands in.
#[derive(Clone, Debug)]
pub(crate) struct Spanned<'a> {
    pub(crate) token: Token<'a>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// All tokens of a text.
pub(crate) fn tokenize(text: &str) -> Vec<Spanned<'_>> {
    let mut reader = Reader { text, at: 0 };
    let mut out = Vec::with_capacity(text.len() / 4);
    loop {
        reader.skip_comments();
        let start = reader.at;
        match reader.token() {
            Some(token) => out.push(Spanned {
                token,
                start,
                end: reader.at,
            }),
            None => return out,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_at(&self, n: usize) -> Option<char> {
        self.rest().chars().nth(n)
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    fn skip_comments(&mut self) {
        while self.eat("/*") {
            match self.rest().find("*/") {
                Some(end) => self.at += end + 2,
                None => self.at = self.text.len(),
            }
        }
    }

    fn token(&mut self) -> Option<Token<'a>> {
        let c = self.peek()?;
        if is_space(c) {
            while self.peek().is_some_and(is_space) {
                self.bump();
            }
            return Some(Token::Space);
        }
        if self.eat("<!--") || self.eat("-->") {
            return Some(Token::Comment);
        }
        if self.starts_number() {
            return Some(self.number());
        }
        if self.starts_ident(0) {
            return Some(self.ident_like());
        }
        self.bump();
        Some(match c {
            '"' | '\'' => self.string(c),
            '#' if self.peek().is_some_and(is_name) || self.starts_escape(0) => {
                let is_id = self.starts_ident(0);
                Token::Hash(self.name(), is_id)
            }
            '@' if self.starts_ident(0) => Token::At(self.name()),
            ':' => Token::Colon,
            ';' => Token::Semicolon,
            ',' => Token::Comma,
            '(' => Token::Open(Bracket::Round),
            ')' => Token::Close(Bracket::Round),
            '[' => Token::Open(Bracket::Square),
            ']' => Token::Close(Bracket::Square),
            '{' => Token::Open(Bracket::Curly),
            '}' => Token::Close(Bracket::Curly),
            other => Token::Delim(other),
        })
    }

    fn starts_escape(&self, n: usize) -> bool {
        self.peek_at(n) == Some('\\') && !matches!(self.peek_at(n + 1), None | Some('\n'))
    }

    fn starts_ident(&self, n: usize) -> bool {
        match self.peek_at(n) {
            Some('-') => {
                matches!(self.peek_at(n + 1), Some(c) if c == '-' || is_name_start(c))
                    || self.starts_escape(n + 1)
            }
            Some(c) if is_name_start(c) => true,
            _ => self.starts_escape(n),
        }
    }

    fn starts_number(&self) -> bool {
        let digit = |n| self.peek_at(n).is_some_and(|c| c.is_ascii_digit());
        let from = usize::from(matches!(self.peek(), Some('+' | '-')));
        digit(from) || (self.peek_at(from) == Some('.') && digit(from + 1))
    }

    fn number(&mut self) -> Token<'a> {
        let start = self.at;
        let mut int = true;
        if matches!(self.peek(), Some('+' | '-')) {
            self.bump();
        }
        self.digits();
        if self.peek() == Some('.') && self.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
            int = false;
            self.bump();
            self.digits();
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.peek_at(1), Some('+' | '-')));
            if self.peek_at(1 + sign).is_some_and(|c| c.is_ascii_digit()) {
                int = false;
                self.at += 1 + sign;
                self.digits();
            }
        }
        let value: f32 = self.text[start..self.at].parse().unwrap_or(0.0);
        // What is infinite for us is merely very large to an author.
        let value = value.clamp(-1e9, 1e9);
        if self.starts_ident(0) {
            let unit = self.name();
            return Token::Dimension { value, unit };
        }
        if self.eat("%") {
            return Token::Percent(value);
        }
        Token::Number { value, int }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.bump();
        }
    }

    fn ident_like(&mut self) -> Token<'a> {
        let name = self.name();
        if !self.eat("(") {
            return Token::Ident(name);
        }
        if !name.eq_ignore_ascii_case("url") {
            return Token::Function(name);
        }
        let inside = self.rest().trim_start_matches(is_space);
        if inside.starts_with(['"', '\'']) {
            return Token::Function(name);
        }
        self.at = self.text.len() - inside.len();
        self.url()
    }

    /// An address without quotes, behind its parenthesis.
    fn url(&mut self) -> Token<'a> {
        let start = self.at;
        let mut plain = true;
        let mut out = String::new();
        loop {
            let at = self.at;
            match self.bump() {
                None | Some(')') => {
                    let end = at;
                    return Token::Url(if plain {
                        Cow::Borrowed(self.text[start..end].trim_end_matches(is_space))
                    } else {
                        Cow::Owned(out.trim_end_matches(is_space).to_owned())
                    });
                }
                Some('"' | '\'' | '(') => return self.bad_url(),
                Some('\\') => {
                    if plain {
                        out.push_str(&self.text[start..at]);
                        plain = false;
                    }
                    if matches!(self.peek(), None | Some('\n')) {
                        return self.bad_url();
                    }
                    out.push(self.escape());
                }
                Some(c) if is_space(c) => {
                    let rest = self.rest().trim_start_matches(is_space);
                    if !(rest.is_empty() || rest.starts_with(')')) {
                        return self.bad_url();
                    }
                    if !plain {
                        out.push(c);
                    }
                }
                Some(c) => {
                    if !plain {
                        out.push(c);
                    }
                }
            }
        }
    }

    fn bad_url(&mut self) -> Token<'a> {
        while let Some(c) = self.bump() {
            match c {
                ')' => break,
                '\\' if self.peek().is_some() => {
                    self.escape();
                }
                _ => {}
            }
        }
        Token::Bad
    }

    fn string(&mut self, quote: char) -> Token<'a> {
        let start = self.at;
        let mut out: Option<String> = None;
        loop {
            let at = self.at;
            match self.bump() {
                None => return Token::Str(self.finish(start, at, out)),
                Some(c) if c == quote => return Token::Str(self.finish(start, at, out)),
                Some('\n') => {
                    self.at = at;
                    return Token::Bad;
                }
                Some('\\') => {
                    let text = out.get_or_insert_with(|| self.text[start..at].to_owned());
                    match self.peek() {
                        None => {}
                        Some('\n') => {
                            self.at += 1;
                        }
                        Some(_) => {
                            let c = self.escape();
                            text.push(c);
                        }
                    }
                }
                Some(c) => {
                    if let Some(text) = &mut out {
                        text.push(c);
                    }
                }
            }
        }
    }

    fn finish(&self, start: usize, end: usize, out: Option<String>) -> Cow<'a, str> {
        out.map_or(Cow::Borrowed(&self.text[start..end]), Cow::Owned)
    }

    fn name(&mut self) -> Cow<'a, str> {
        let start = self.at;
        let mut out: Option<String> = None;
        loop {
            match self.peek() {
                Some(c) if is_name(c) => {
                    self.bump();
                    if let Some(text) = &mut out {
                        text.push(c);
                    }
                }
                Some('\\') if self.starts_escape(0) => {
                    let mut text = out
                        .take()
                        .unwrap_or_else(|| self.text[start..self.at].to_owned());
                    self.bump();
                    text.push(self.escape());
                    out = Some(text);
                }
                _ => return self.finish(start, self.at, out),
            }
        }
    }

    /// What an escape means, behind its backslash.
    fn escape(&mut self) -> char {
        let hex: String = self
            .rest()
            .chars()
            .take(6)
            .take_while(char::is_ascii_hexdigit)
            .collect();
        if hex.is_empty() {
            return self.bump().unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        self.at += hex.len();
        if self.peek().is_some_and(is_space) {
            self.bump();
        }
        u32::from_str_radix(&hex, 16)
            .ok()
            .filter(|code| *code != 0)
            .and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_name(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token<'_>> {
        tokenize(text).into_iter().map(|t| t.token).collect()
    }

    #[test]
    fn numbers_and_names() {
        assert_eq!(
            tokens("-.5em +3% 1e3 10px-- -moz-x --v"),
            [
                Token::Dimension {
                    value: -0.5,
                    unit: "em".into()
                },
                Token::Space,
                Token::Percent(3.0),
                Token::Space,
                Token::Number {
                    value: 1_000.0,
                    int: false
                },
                Token::Space,
                Token::Dimension {
                    value: 10.0,
                    unit: "px--".into()
                },
                Token::Space,
                Token::Ident("-moz-x".into()),
                Token::Space,
                Token::Ident("--v".into()),
            ]
        );
    }

    #[test]
    fn escapes_strings_and_addresses() {
        assert_eq!(
            tokens(
                r#"\26 B "a\"b\
c" url( x\)y ) url("q") #1a @media 'cut"#
            ),
            [
                Token::Ident("&B".into()),
                Token::Space,
                Token::Str("a\"bc".into()),
                Token::Space,
                Token::Url("x)y".into()),
                Token::Space,
                Token::Function("url".into()),
                Token::Str("q".into()),
                Token::Close(Bracket::Round),
                Token::Space,
                Token::Hash("1a".into(), false),
                Token::Space,
                Token::At("media".into()),
                Token::Space,
                Token::Str("cut".into()),
            ]
        );
    }

    #[test]
    fn what_is_broken_is_a_bad_token_and_the_rest_is_read() {
        assert_eq!(
            tokens("\"cut\nx url(a b) y /* open"),
            [
                Token::Bad,
                Token::Space,
                Token::Ident("x".into()),
                Token::Space,
                Token::Bad,
                Token::Space,
                Token::Ident("y".into()),
                Token::Space,
            ]
        );
        assert_eq!(
            tokens("a/**/b/"),
            [
                Token::Ident("a".into()),
                Token::Ident("b".into()),
                Token::Delim('/'),
            ]
        );
    }
}
