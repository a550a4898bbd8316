//! What a guest did when it trapped: cause, functions, places in its source, and its last words.

use std::fmt;

use wasmtime::WasmBacktrace;

use crate::text::clean;

/// Characters of a guest's message that are kept.
pub(crate) const MESSAGE_CHARS_MAX: usize = 4096;
/// Characters of a function's or file's name that are kept.
const NAME_CHARS_MAX: usize = 256;
/// Bytes of a mangled name that is made readable; a longer one is shown as it is.
const MANGLED_BYTES_MAX: usize = 4096;
/// Frames that are kept.
pub(crate) const FRAMES_MAX: usize = 64;

/// A trap, readable.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Trap {
    /// The cause.
    pub kind: TrapKind,
    /// Innermost first; inlined functions have frames of their own where the module has DWARF.
    pub frames: Vec<Frame>,
    /// The last lines that the guest wrote to its log or stderr, cut and escaped.
    pub log_tail: String,
}

/// Why a guest trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are WebAssembly's own")]
pub enum TrapKind {
    Unreachable,
    MemoryOutOfBounds,
    TableOutOfBounds,
    IndirectCallToNull,
    BadSignature,
    IntegerOverflow,
    IntegerDivisionByZero,
    BadConversionToInteger,
    NullReference,
    StackOverflow,
    OutOfFuel,
    Interrupt,
    /// The component model's rules were broken: a bad pointer, an invalid string, re-entering.
    Component,
    /// Any other.
    Other,
}

impl TrapKind {
    /// The words for a message.
    pub fn text(self) -> &'static str {
        match self {
            TrapKind::Unreachable => "reached `unreachable`",
            TrapKind::MemoryOutOfBounds => "memory access out of bounds",
            TrapKind::TableOutOfBounds => "table access out of bounds",
            TrapKind::IndirectCallToNull => "indirect call to null",
            TrapKind::BadSignature => "indirect call with the wrong signature",
            TrapKind::IntegerOverflow => "integer overflow",
            TrapKind::IntegerDivisionByZero => "integer division by zero",
            TrapKind::BadConversionToInteger => {
                "conversion of a number that does not fit an integer"
            }
            TrapKind::NullReference => "null reference",
            TrapKind::StackOverflow => "stack overflow",
            TrapKind::OutOfFuel => "out of fuel",
            TrapKind::Interrupt => "interrupted",
            TrapKind::Component => "broke a rule of the component model",
            TrapKind::Other => "trap",
        }
    }

    fn of(trap: wasmtime::Trap) -> TrapKind {
        use wasmtime::Trap as T;
        match trap {
            T::UnreachableCodeReached => TrapKind::Unreachable,
            T::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
            T::TableOutOfBounds => TrapKind::TableOutOfBounds,
            T::IndirectCallToNull => TrapKind::IndirectCallToNull,
            T::BadSignature => TrapKind::BadSignature,
            T::IntegerOverflow => TrapKind::IntegerOverflow,
            T::IntegerDivisionByZero => TrapKind::IntegerDivisionByZero,
            T::BadConversionToInteger => TrapKind::BadConversionToInteger,
            T::NullReference => TrapKind::NullReference,
            T::StackOverflow => TrapKind::StackOverflow,
            T::OutOfFuel => TrapKind::OutOfFuel,
            T::Interrupt => TrapKind::Interrupt,
            _ => TrapKind::Other,
        }
    }
}

/// One function on the guest's stack.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Frame {
    /// The function's name, demangled, cut and escaped; `func 12` if it has none.
    pub function: String,
    /// Source file, where the module has line tables.
    pub file: Option<String>,
    /// Line in it.
    pub line: Option<u32>,
    /// Column in it.
    pub column: Option<u32>,
    /// Byte offset in the module, for tools that have its symbols.
    pub offset: Option<u64>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())?;
        match self.place() {
            Some(frame) => write!(f, " in {frame}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.function)?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, " at {file}:{line}"),
            (Some(file), None) => write!(f, " at {file}"),
            _ => Ok(()),
        }
    }
}

impl Trap {
    /// The frame a person wants to see: the innermost that lies in the author's own source, else the innermost.
    pub fn place(&self) -> Option<&Frame> {
        let own = |f: &&Frame| f.file.as_deref().is_some_and(|file| !is_library(file));
        self.frames.iter().find(own).or_else(|| self.frames.first())
    }

    /// Reads the engine's error. `None` if it is not a trap at all.
    pub(crate) fn read(error: &wasmtime::Error, log_tail: &str) -> Option<Trap> {
        let kind = match error.downcast_ref::<wasmtime::Trap>() {
            Some(trap) => TrapKind::of(*trap),
            None if error.downcast_ref::<WasmBacktrace>().is_some() => TrapKind::Component,
            None => return None,
        };
        let frames = error
            .downcast_ref::<WasmBacktrace>()
            .map_or_else(Vec::new, frames);
        Some(Trap {
            kind,
            frames,
            log_tail: log_tail.to_owned(),
        })
    }

    /// Whether the frames show a language's panic machinery.
    pub(crate) fn looks_like_panic(&self) -> bool {
        const SIGNS: [&str; 6] = [
            "rust_begin_unwind",
            "rust_panic",
            "core::panicking::",
            "std::panicking::",
            "runtime.fatalpanic",
            "runtime.dopanic",
        ];
        self.kind == TrapKind::Unreachable
            && self
                .frames
                .iter()
                .take(12)
                .any(|f| SIGNS.iter().any(|s| f.function.contains(s)))
    }
}

/// Files of standard libraries, as compilers name them.
fn is_library(file: &str) -> bool {
    [
        "/rustc/",
        "/rust/deps/",
        "library/std/",
        "library/core/",
        "/.cargo/registry/",
        "~lib/",
    ]
    .iter()
    .any(|part| file.contains(part))
}

/// A function's name as its author wrote it, where it is one that Rust mangled; cut and escaped.
fn readable(name: &str) -> String {
    use std::fmt::Write as _;

    /// Takes what is shown and no more: a short mangled name can stand for a very long one.
    struct Cut(String);

    impl fmt::Write for Cut {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push_str(text);
            if self.0.len() > 4 * NAME_CHARS_MAX {
                Err(fmt::Error)
            } else {
                Ok(())
            }
        }
    }

    if name.len() > MANGLED_BYTES_MAX {
        return clean(name.as_bytes(), NAME_CHARS_MAX);
    }
    let mut cut = Cut(String::new());
    // Too long is an error of our own making; what was written until then is what will be shown.
    let _ = write!(cut, "{:#}", rustc_demangle::demangle(name));
    clean(cut.0.as_bytes(), NAME_CHARS_MAX)
}

fn frames(trace: &WasmBacktrace) -> Vec<Frame> {
    let mut out = Vec::new();
    for frame in trace.frames() {
        let offset = frame.module_offset().and_then(|o| u64::try_from(o).ok());
        let name = frame
            .func_name()
            .map_or_else(|| format!("func {}", frame.func_index()), readable);
        if frame.symbols().is_empty() {
            out.push(Frame {
                function: name,
                file: None,
                line: None,
                column: None,
                offset,
            });
        } else {
            out.extend(frame.symbols().iter().map(|s| Frame {
                function: s.name().map_or_else(|| name.clone(), readable),
                file: s.file().map(|n| clean(n.as_bytes(), NAME_CHARS_MAX)),
                line: s.line(),
                column: s.column(),
                offset,
            }));
        }
        if out.len() >= FRAMES_MAX {
            out.truncate(FRAMES_MAX);
            break;
        }
    }
    out
}
