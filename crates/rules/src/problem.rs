//! What is wrong with an input or a policy, and where.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Problems that are told of one text; those behind them are not.
pub const PROBLEMS_MAX: usize = 100;

/// One thing that is wrong, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// What can be wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is no JSON, or is more than 127 deep.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A text is too long.
    #[error("{bytes} bytes, allowed {max}")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// The most.
        max: usize,
    },
    /// A list has too many entries.
    #[error("{count} entries, allowed {max}")]
    TooMany {
        /// How many it has.
        count: usize,
        /// The most.
        max: usize,
    },
    /// A value of another kind than what belongs there.
    #[error("{found} where {wanted} belongs")]
    WrongType {
        /// What is there.
        found: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A text that is none of those allowed.
    #[error("{} is not {wanted}", Quoted(found))]
    NotAllowed {
        /// What is there.
        found: String,
        /// What would be allowed.
        wanted: &'static str,
    },
    /// A member that nobody would look at.
    #[error("unknown member {}", Quoted(.0))]
    Unknown(String),
    /// A member that is there twice.
    #[error("member {} is there twice", Quoted(.0))]
    Twice(String),
    /// A member that must be there and is not.
    #[error("member `{0}` is missing")]
    Missing(&'static str),
    /// Two members that say the same thing, perhaps not the same.
    #[error("says the same as `{0}`")]
    SaidBy(&'static str),
    /// An empty text.
    #[error("an empty text")]
    Empty,
    /// A query that is read-only in one entry and not in another.
    #[error("query {} is read-only in one entry and not in another", Quoted(.0))]
    Contradiction(String),
}

/// Everything that is wrong, what is there twice first; never empty, and no more than [`PROBLEMS_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl core::error::Error for Problems {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.pointer {
            "" => write!(f, "the whole: {}", self.flaw),
            // As Rust shows texts: without what could change a terminal.
            pointer => write!(f, "{}: {}", Shown(pointer), self.flaw),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            [one] => write!(f, "{one}"),
            all => {
                write!(f, "{} problems", all.len())?;
                all.iter().try_for_each(|problem| write!(f, "\n{problem}"))
            }
        }
    }
}

const SHOWN_CHARS_MAX: usize = 200;

/// A text of somebody else's, cut and escaped.
struct Shown<'t>(&'t str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shown in self.0.chars().take(SHOWN_CHARS_MAX) {
            match shown {
                '`' | '"' | '\'' => write!(f, "'")?,
                shown => write!(f, "{}", shown.escape_debug())?,
            }
        }
        match self.0.chars().nth(SHOWN_CHARS_MAX) {
            Some(_) => f.write_str("…"),
            None => Ok(()),
        }
    }
}

/// The same in quotes.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", Shown(self.0))
    }
}

/// Gathers problems, up to the most.
#[derive(Debug, Default)]
pub(crate) struct Gathered(Vec<Problem>);

impl Gathered {
    pub(crate) fn add(&mut self, at: &At<'_>, flaw: Flaw) {
        if self.0.len() < PROBLEMS_MAX {
            let pointer = at.pointer();
            self.0.push(Problem { pointer, flaw });
        }
    }

    /// What was read, unless anything was wrong.
    pub(crate) fn end<T>(self, read: Option<T>) -> Result<T, Problems> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(Problems(self.0)),
        }
    }
}

/// A place on the way down: written out only where something is wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    Top,
    Member(&'a At<'a>, &'a str),
    Entry(&'a At<'a>, usize),
}

impl At<'_> {
    fn pointer(&self) -> String {
        match self {
            At::Top => String::new(),
            At::Member(above, key) => {
                let key = match key.contains(['~', '/']) {
                    true => Cow::Owned(key.replace('~', "~0").replace('/', "~1")),
                    false => Cow::Borrowed(*key),
                };
                alloc::format!("{}/{key}", above.pointer())
            }
            At::Entry(above, number) => alloc::format!("{}/{number}", above.pointer()),
        }
    }
}
