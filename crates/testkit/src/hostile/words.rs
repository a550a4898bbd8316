//! The smallest pieces of a header: words, quoted text with the escapes of the text format, numbers with units.

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SyntaxError(pub(super) String);

pub(super) type Parsed<T> = Result<T, SyntaxError>;

pub(super) fn fail<T>(message: impl Into<String>) -> Parsed<T> {
    Err(SyntaxError(message.into()))
}

/// A cursor over one line.
#[derive(Debug)]
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { rest: line.trim() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    /// The next word, up to white space or one of `stops`.
    pub(super) fn word(&mut self, stops: &[char]) -> Parsed<&'a str> {
        let end = self
            .rest
            .find(|c: char| c.is_whitespace() || stops.contains(&c))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if word.is_empty() {
            fail(format!("a word was expected before `{rest}`"))
        } else {
            Ok(word)
        }
    }

    /// Takes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    /// A quoted string as bytes.
    pub(super) fn quoted(&mut self) -> Parsed<Vec<u8>> {
        // Not by `take`, which would drop white space at the text's beginning.
        let Some(text) = self.rest.strip_prefix('"') else {
            return fail(format!("quoted text was expected before `{}`", self.rest));
        };
        let mut bytes = Vec::new();
        let mut chars = text.chars();
        loop {
            match chars.next() {
                None => return fail("quoted text does not end"),
                Some('"') => break,
                Some('\\') => bytes.push(escape(&mut chars)?),
                Some(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        self.rest = chars.as_str().trim_start();
        Ok(bytes)
    }

    /// A quoted string as text.
    pub(super) fn text(&mut self) -> Parsed<String> {
        let bytes = self.quoted()?;
        String::from_utf8(bytes).or_else(|_| fail("text that is not UTF-8"))
    }

    pub(super) fn end(&self) -> Parsed<()> {
        if self.is_empty() {
            Ok(())
        } else {
            fail(format!("`{}` is more than was expected", self.rest))
        }
    }
}

fn escape(chars: &mut std::str::Chars<'_>) -> Parsed<u8> {
    let first = chars.next();
    if let Some(c @ ('"' | '\\')) = first {
        return u8::try_from(c).or_else(|_| fail("an escape that is no byte"));
    }
    let digits = [first, chars.next()].map(|c| {
        c.and_then(|c| c.to_digit(16))
            .and_then(|d| u8::try_from(d).ok())
    });
    match digits {
        [Some(high), Some(low)] => Ok(high << 4 | low),
        _ => fail(r#"an escape is `\hh`, `\"` or `\\`"#),
    }
}

/// A number of bytes, such as `1MiB`, `64KiB` or `9`.
pub(super) fn bytes(word: &str) -> Parsed<u64> {
    scaled(word, &[("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)])
}

/// A time in milliseconds, such as `150ms` or `2s`.
pub(super) fn milliseconds(word: &str) -> Parsed<u64> {
    scaled(word, &[("ms", 1), ("s", 1000)])
}

/// A plain number.
pub(super) fn count(word: &str) -> Parsed<u64> {
    scaled(word, &[("", 1)])
}

fn scaled(word: &str, units: &[(&str, u64)]) -> Parsed<u64> {
    let number = |&(unit, scale): &(&str, u64)| {
        word.strip_suffix(unit)?
            .parse::<u64>()
            .ok()?
            .checked_mul(scale)
    };
    match units.iter().find_map(number) {
        Some(number) => Ok(number),
        None => fail(format!("`{word}` is no such number")),
    }
}
