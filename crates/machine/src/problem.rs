//! What is wrong with a machine, and where.

use std::fmt;

/// One thing that is wrong, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901) into the document, or into the document that a builder's calls would have been.
    pub pointer: String,
    /// What is wrong there.
    pub flaw: Flaw,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.pointer {
            "" => write!(f, "the machine: {}", self.flaw),
            pointer => write!(f, "{}: {}", Quoted(pointer), self.flaw),
        }
    }
}

/// Texts of a document inside messages: cut, and without control characters.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

const SHOWN_CHARACTERS_MAX: usize = 200;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars().take(SHOWN_CHARACTERS_MAX) {
            match character {
                '`' => f.write_str("'")?,
                character if is_hidden(character) => {
                    write!(f, "{}", character.escape_unicode())?;
                }
                character => write!(f, "{character}")?,
            }
        }
        match self.0.chars().nth(SHOWN_CHARACTERS_MAX) {
            Some(_) => f.write_str("…"),
            None => Ok(()),
        }
    }
}

/// Control characters, those that break lines, turn, hide or mean nothing, and those that XML cannot hold.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// What can be wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A value of another kind than what belongs there.
    #[error("{found} where {wanted} belongs")]
    WrongType {
        /// What is there.
        found: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A key that means nothing here, so that what it should say would be lost.
    #[error("unknown key `{}`{}", Quoted(key), hinted(*hint))]
    UnknownKey {
        /// The key.
        key: String,
        /// What to write instead, where that is known.
        hint: Option<&'static str>,
    },
    /// A key that is there twice.
    #[error("key `{}` is there twice", Quoted(key))]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A key that must be there and is not.
    #[error("key `{key}` is missing")]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A text or number that is none of those allowed.
    #[error("`{}` is not {wanted}", Quoted(found))]
    NotAllowed {
        /// What is there.
        found: String,
        /// What would be allowed.
        wanted: &'static str,
    },
    /// A compound state that does not say where it begins.
    #[error("a compound state needs `initial`")]
    NoInitial,
    /// A target that leads to no state.
    #[error("target `{}` is no state{}", Quoted(target), hinted(*hint))]
    UndefinedTarget {
        /// As it is written.
        target: String,
        /// What may be meant.
        hint: Option<&'static str>,
    },
    /// Targets that cannot be active together.
    #[error(
        "targets `{}` and `{}` cannot be active together",
        Quoted(first),
        Quoted(second)
    )]
    TargetsExclude {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Two states, or two invocations, of one id.
    #[error("id `{}` belongs to another as well", Quoted(id))]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// Something that a state of this kind cannot have.
    #[error("{} {kind} state cannot have `{key}`", if kind.starts_with('a') { "an" } else { "a" })]
    NotOnKind {
        /// The kind.
        kind: &'static str,
        /// What it cannot have.
        key: &'static str,
    },
    /// A history whose default leads to itself.
    #[error("the default of this history leads back to it")]
    HistoryLoop,
    /// More of something than a machine may have.
    #[error("{what}: {found} where at most {max} may be")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// Problems after the first thousand are counted.
    #[error("and {0} more")]
    More(usize),
    /// No JSON at all.
    #[error("no JSON: {0}")]
    Syntax(String),
}

fn hinted(hint: Option<&'static str>) -> String {
    hint.map(|hint| format!("; {hint}")).unwrap_or_default()
}

/// Everything that is wrong with a machine: first what cannot be read, then what leads nowhere or says two things, each in
/// the order of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl std::error::Error for Problems {}

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
