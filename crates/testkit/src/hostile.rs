//! The hostile corpus: `guests/hostile/*.wat`, each with what has to come of it.
//!
//! The grammar of the header is described in `guests/hostile/README.md`.

#[cfg(feature = "sandbox")]
pub mod check;
mod header;
#[cfg(feature = "sandbox")]
pub mod stage;
mod words;

use std::path::{Path, PathBuf};

pub use words::SyntaxError;

/// Where the corpus lies.
#[must_use]
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/hostile")
}

/// The whole corpus, in the order of the names.
///
/// # Errors
/// When a file cannot be read, assembled, or understood. Tests should fail by it: a file that is skipped proves nothing.
pub fn cases() -> Result<Vec<Case>, CorpusError> {
    let directory = directory();
    let io = |source| CorpusError::Read {
        path: directory.clone(),
        source,
    };
    let mut paths = std::fs::read_dir(&directory)
        .map_err(io)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(io)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wat"));
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

/// One file of the corpus.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's name without `.wat`.
    pub name: String,
    /// What has to come of it.
    pub expect: Expect,
    /// The calls to make; each has to end as expected.
    pub calls: Vec<CaseCall>,
    /// Limits that differ from the defaults.
    pub limits: CaseLimits,
    /// Loaded without fuel: only the clock limits it.
    pub cpu_time: bool,
    /// Every call is made twice and has to end the same way.
    pub twice: bool,
    /// What the usage of each call has to say.
    pub usage: Vec<Bound>,
    /// What comes of functions of the image service with this guest in place of its own, where that does not follow from
    /// what comes of a call: function and ending.
    pub image: Vec<(String, Expect)>,
    /// The text of the file.
    pub text: String,
    /// The assembled module or component.
    pub wasm: Vec<u8>,
}

impl Case {
    fn read(path: &Path) -> Result<Self, CorpusError> {
        let text = std::fs::read_to_string(path).map_err(|source| CorpusError::Read {
            path: path.to_owned(),
            source,
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &text)
    }

    /// Reads a case from its text.
    ///
    /// # Errors
    /// When the header has a mistake or the rest does not assemble.
    pub fn parse(name: &str, text: &str) -> Result<Self, CorpusError> {
        let header = header::parse(text).map_err(|(line, source)| CorpusError::Header {
            name: name.to_owned(),
            line,
            source,
        })?;
        let mut case = Self {
            name: name.to_owned(),
            wasm: assemble(name, text)?,
            text: text.to_owned(),
            ..header
        };
        if case.calls.is_empty() {
            case.calls = case.default_calls();
        }
        Ok(case)
    }

    /// The same evil in the shape of a service: what it exports as `eval` it exports under these names too. A case
    /// without an `eval` stays as it is.
    ///
    /// # Errors
    /// When the result does not assemble.
    pub fn shaped(&self, functions: &[&str]) -> Result<Self, CorpusError> {
        let names = functions.iter().map(|name| format!("(export \"{name}\")"));
        let names: Vec<String> = [EVAL.to_owned()].into_iter().chain(names).collect();
        let text = self.text.replace(EVAL, &names.join(" "));
        Ok(Self {
            wasm: assemble(&self.name, &text)?,
            text,
            ..self.clone()
        })
    }

    /// Whether it is a component, by the layer in its preamble.
    #[must_use]
    pub fn is_component(&self) -> bool {
        self.wasm.get(6..8) == Some(&[1, 0])
    }

    fn default_calls(&self) -> Vec<CaseCall> {
        let run = CaseCall {
            function: "run".to_owned(),
            input: CaseInput::Values(Vec::new()),
        };
        if self.is_component() {
            return vec![run];
        }
        vec![
            run,
            CaseCall {
                function: "eval".to_owned(),
                input: CaseInput::Bytes(vec![0x80]),
            },
        ]
    }
}

/// How the files export what a call by bytes runs.
const EVAL: &str = "(export \"eval\")";

fn assemble(name: &str, text: &str) -> Result<Vec<u8>, CorpusError> {
    wat::parse_str(text).map_err(|source| CorpusError::Assemble {
        name: name.to_owned(),
        source: Box::new(source),
    })
}

/// What has to come of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// How far it gets.
    pub room: Room,
    /// The ending within its room: `ok`, `trap`, `limit.fuel`, or `invalid` for `load.invalid`.
    pub ending: String,
    /// What the ending is about: a proposal, an import, an export, a capability, a trap's kind.
    pub name: Option<String>,
    /// What the error's text has to contain.
    pub contains: Option<String>,
}

/// The room in which a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Refused when it is loaded.
    Load,
    /// Refused when it is linked.
    Link,
    /// It runs, and this is how the call ends.
    Call,
}

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseCall {
    /// The export that is called.
    pub function: String,
    /// What it is given.
    pub input: CaseInput,
}

/// What a call is given, and by which ABI.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseInput {
    /// A raw call with values.
    Values(Vec<CaseValue>),
    /// Bytes by the packed ABI; the answer is bytes.
    Bytes(Vec<u8>),
    /// The same, and the answer has to be a response of the Service ABI.
    Service(Vec<u8>),
}

/// A value of a raw call.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are the types")]
pub enum CaseValue {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
    String(String),
}

/// Limits that a case sets; what it leaves out keeps its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "named and measured as the sandbox's own limits"
)]
pub struct CaseLimits {
    pub memory_bytes_max: Option<u64>,
    pub table_elements_max: Option<u64>,
    pub fuel: Option<u64>,
    pub deadline_ms: Option<u64>,
    pub input_bytes_max: Option<u64>,
    pub output_bytes_max: Option<u64>,
    pub host_calls_max: Option<u64>,
    pub log_bytes_max: Option<u64>,
}

/// A bound on one field of the usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The field's name.
    pub field: String,
    /// At least or at most.
    pub relation: Relation,
    /// The bound, which is allowed itself.
    pub value: u64,
}

impl Bound {
    /// Whether `measured` lies within.
    #[must_use]
    pub fn holds(&self, measured: u64) -> bool {
        match self.relation {
            Relation::AtLeast => measured >= self.value,
            Relation::AtMost => measured <= self.value,
        }
    }
}

/// On which side of a bound the measured value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Relation {
    AtLeast,
    AtMost,
}

/// Why the corpus is no good.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CorpusError {
    #[error("cannot read {}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{name}.wat, line {line}: {source}")]
    Header {
        name: String,
        line: usize,
        source: SyntaxError,
    },
    #[error("{name}.wat does not assemble")]
    Assemble {
        name: String,
        source: Box<wat::Error>,
    },
}
