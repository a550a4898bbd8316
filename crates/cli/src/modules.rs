//! Which module is meant: a file, an embedded one, or one that was called before.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use wardian_sandbox::{Cpu, Limits};

use crate::exit::{Failure, Usage};
use crate::input;
use crate::kept::{Kept, MODULE_BYTES_MAX};
use crate::paths::{self, module_name};
use crate::settings::Settings;
use crate::show::{quoted, quoted_path};

/// Texts with longer lines become modules that do not know theirs.
const LINE_BYTES_MAX: usize = 64 << 10;

/// A module's bytes and where they come from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) wasm: Vec<u8>,
    pub(crate) origin: Origin,
}

/// Where a module comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Origin {
    File,
    Embedded,
    Kept,
}

impl Found {
    /// Whether it can only be named again if its bytes are kept.
    pub(crate) fn is_to_be_kept(&self) -> bool {
        self.origin != Origin::Embedded
    }

    /// What a call may use unless it says otherwise.
    pub(crate) fn limits(&self) -> Limits {
        match self.origin {
            // A photograph of 48 megapixels takes more than the default.
            Origin::Embedded => Limits {
                memory_bytes_max: 256 << 20,
                ..Limits::default().with_deadline(Duration::from_secs(60))
            },
            Origin::File | Origin::Kept => Limits::default(),
        }
    }

    /// How its use of the processor is limited unless a call says otherwise.
    pub(crate) fn cpu(&self) -> Cpu {
        match self.origin {
            Origin::Embedded => Cpu::Fuel(400_000_000_000),
            Origin::File | Origin::Kept => Cpu::default(),
        }
    }
}

/// Modules that are part of this program: name and bytes.
pub(crate) fn embedded() -> [(&'static str, &'static [u8]); 3] {
    [
        ("image", wardian_service::image::MODULE),
        ("pdf", wardian_service::pdf::MODULE),
        ("sheet", wardian_service::sheet::MODULE),
    ]
}

/// Finds what `asked` means: `-`, and whatever has a folder or ends in `.wasm` or `.wat`, is a file; anything else is the
/// name of an embedded module, or of one that was loaded from a file before.
pub(crate) fn find(asked: &OsStr, settings: &Settings) -> anyhow::Result<Found> {
    let path = Path::new(asked);
    if is_file_name(path) {
        return from_file(path);
    }
    let name = asked.to_string_lossy();
    if let Some((name, wasm)) = embedded().into_iter().find(|(own, _)| *own == name) {
        return Ok(Found {
            name: name.into(),
            wasm: wasm.into(),
            origin: Origin::Embedded,
        });
    }
    let cache = paths::cache(settings);
    if let Some(kept) = cache.as_ref().and_then(|cache| Kept::of(cache).find(&name)) {
        let wasm = kept.read()?;
        return Ok(Found {
            name: kept.name,
            wasm,
            origin: Origin::Kept,
        });
    }
    Err(unknown(path, settings).into())
}

fn is_file_name(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    path.as_os_str() == "-"
        || path.components().count() != 1
        || matches!(ending, Some("wasm" | "wat"))
}

fn unknown(path: &Path, settings: &Settings) -> Failure {
    let kept = paths::cache(settings)
        .map(|cache| Kept::of(&cache).list())
        .unwrap_or_default();
    let mut names: Vec<String> = embedded().iter().map(|(name, _)| quoted(name)).collect();
    names.extend(kept.iter().take(20).map(|kept| quoted(&kept.name)));
    let hint = if path.exists() {
        format!(
            "for the file of that name write {}",
            quoted_path(&PathBuf::from(".").join(path))
        )
    } else if names.is_empty() {
        "name a `.wasm` or `.wat` file; modules that were loaded once can be named later".into()
    } else {
        format!(
            "name a `.wasm` or `.wat` file, or one of {}",
            names.join(", ")
        )
    };
    Failure::new(format!(
        "no module is called {}",
        quoted(&path.to_string_lossy())
    ))
    .hint(hint)
}

/// Reads a module's file; text is assembled.
pub(crate) fn from_file(path: &Path) -> anyhow::Result<Found> {
    let bytes = input::read(path, MODULE_BYTES_MAX)?;
    let name = if path.as_os_str() == "-" {
        "stdin".into()
    } else {
        module_name(path)
    };
    Ok(Found {
        name,
        wasm: assemble(path, bytes)?,
        origin: Origin::File,
    })
}

/// Text becomes a module with the lines of its text in it, so that traps can name them.
fn assemble(path: &Path, bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let is_text = path.extension().is_some_and(|ending| ending == "wat");
    if bytes.starts_with(b"\0asm") || !(is_text || path.as_os_str() == "-") {
        return Ok(bytes);
    }
    let name = quoted_path(path);
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Usage::new(format!("{name} is not text: {error}")).hint("a binary module ends in `.wasm`")
    })?;
    // The assembler writes the path into the module.
    let shown = crate::show::path(path);
    let mut parser = wat::Parser::new();
    // The assembler goes through the whole line for every instruction, and of so long a line its number says nothing.
    if text.lines().all(|line| line.len() <= LINE_BYTES_MAX) {
        parser.generate_dwarf(wat::GenerateDwarf::Lines);
    }
    parser
        .parse_str(Some(Path::new(&shown)), text)
        .map_err(|error| Unassembled(error.to_string()))
        .with_context(|| format!("{name} is not a module in the text format"))
}

/// What the assembler says of a text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unassembled(String);

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A test that cannot go on says where.
mod tests {
    use super::*;

    /// Whether a text whose longest line has so many bytes becomes a module that knows its lines.
    fn knows_its_lines(line: usize) -> bool {
        let text = r#"(module (func (export "run") unreachable)"#;
        let text = format!("{text}{})\n", " ".repeat(line - text.len() - 1));
        let module = assemble(Path::new("it.wat"), text.into_bytes()).unwrap();
        let name = b".debug_line";
        module.windows(name.len()).any(|bytes| bytes == name)
    }

    #[test]
    fn only_long_lines_are_forgotten() {
        assert!(knows_its_lines(LINE_BYTES_MAX));
        assert!(!knows_its_lines(LINE_BYTES_MAX + 1));
    }
}
