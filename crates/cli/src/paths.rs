//! Where the command keeps things.

use std::path::{Path, PathBuf};

use crate::settings::Settings;

/// The folders of the cache.
#[derive(Clone, Debug)]
pub(crate) struct CachePaths {
    /// All of it.
    pub(crate) root: PathBuf,
}

impl CachePaths {
    /// Compiled modules and counters.
    pub(crate) fn compiled(&self) -> PathBuf {
        self.root.join("compiled")
    }

    /// The modules themselves, so that they can be called by name.
    pub(crate) fn sources(&self) -> PathBuf {
        self.root.join("modules")
    }
}

/// The cache that the settings ask for; `None` where there is to be none, or no place for one is known.
pub(crate) fn cache(settings: &Settings) -> Option<CachePaths> {
    if settings.no_cache {
        return None;
    }
    let root = settings.cache_dir.clone().or_else(user_cache)?;
    Some(CachePaths { root })
}

/// `$XDG_CACHE_HOME/wardian`, else `$HOME/.cache/wardian`. A relative path in either is ignored, as the XDG
/// specification says.
fn user_cache() -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base =
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("wardian"))
}

/// The name under which a module's file is known: its stem, with whatever is not `A-Z a-z 0-9 . _ -` as `_`.
pub(crate) fn module_name(file: &Path) -> String {
    const NAME_CHARS_MAX: usize = 64;
    let stem = file
        .file_stem()
        .map(|stem| stem.to_string_lossy())
        .unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name: String = stem
        .chars()
        .take(NAME_CHARS_MAX)
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    // A leading point would hide the file that the module is kept in.
    match name.trim_start_matches('.') {
        "" => "module".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_whatever_the_file_is_called() {
        let names: Vec<_> = [
            "dir/resize.wasm",
            "a b\u{1b}[31m.wat",
            "...",
            "ünder.wasm",
            "x.y.wasm",
            "..wasm",
        ]
        .map(|name| module_name(Path::new(name)))
        .into();
        assert_eq!(
            names,
            ["resize", "a_b__31m", "module", "_nder", "x.y", "module"]
        );
    }
}
