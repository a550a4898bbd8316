//! The documents are true: every path, test and crate that they name exists.
//!
//! Three kinds of places are read. A block fenced as `tree` holds a path at the start of each line, two spaces deeper
//! for each folder above it. Text in backticks that looks like a path or like a crate of ours is one, and
//! `path.rs::name` is a function in it: so SECURITY.md's proofs stay proofs. A link to a file leads there.

use std::path::{Path, PathBuf};

use super::Finding;

/// The documents whose words in backticks are held to account. Links are checked in every document.
const MAPS: &[&str] = &[
    "ARCHITECTURE.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "README.md",
];

/// Looks a path up: its text, which is empty for a folder, or nothing where there is nothing.
pub(super) trait Look: Fn(&Path) -> Option<String> {}
impl<F: Fn(&Path) -> Option<String>> Look for F {}

pub(super) fn check(file: &str, text: &str, crates: &[String], look: &impl Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fence = Fence::None;
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    for (index, line) in text.lines().enumerate() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            fence = fence.toggled(info.trim());
            continue;
        }
        let mut wrong = match &mut fence {
            Fence::Tree(folders) => missing(&tree_line(line, folders), look),
            Fence::Code => Vec::new(),
            Fence::None => missing_links(folder, line, look),
        };
        if MAPS.contains(&file) && matches!(fence, Fence::None) {
            wrong.extend(missing(&prose_paths(line), look));
            wrong.extend(missing_functions(line, look));
            let strangers = named_crates(line)
                .into_iter()
                .filter(|name| !crates.contains(name));
            wrong.extend(strangers.map(|name| format!("there is no crate {name}")));
        }
        findings.extend(
            wrong
                .into_iter()
                .map(|what| format!("{file}:{}: {what}", index + 1)),
        );
    }
    findings
}

/// Whether a line is prose, code, or part of the tree with the folders above it.
enum Fence {
    None,
    Code,
    Tree(Vec<(usize, PathBuf)>),
}

impl Fence {
    fn toggled(&self, info: &str) -> Self {
        match self {
            Fence::None if info == "tree" => Fence::Tree(Vec::new()),
            Fence::None => Fence::Code,
            Fence::Code | Fence::Tree(_) => Fence::None,
        }
    }
}

fn missing(paths: &[PathBuf], look: &impl Look) -> Vec<String> {
    let gone = paths.iter().filter(|path| look(path).is_none());
    gone.map(|path| format!("{} does not exist", path.display()))
        .collect()
}

/// The paths at the start of a line of the tree: words up to two spaces, where the description begins.
fn tree_line(line: &str, folders: &mut Vec<(usize, PathBuf)>) -> Vec<PathBuf> {
    let depth = line.len() - line.trim_start().len();
    folders.retain(|(above, _)| *above < depth);
    let parent = folders
        .last()
        .map(|(_, folder)| folder.clone())
        .unwrap_or_default();
    let names = line.trim().split("  ").next().unwrap_or_default();
    let names = names
        .split_whitespace()
        .map(|name| name.trim_end_matches('/'));
    let paths: Vec<PathBuf> = names.map(|name| parent.join(name)).collect();
    if let [folder] = paths.as_slice() {
        folders.push((depth, folder.clone()));
    }
    paths
}

/// Text in backticks that is a path: it has a slash or a known ending, and none of the signs of code or of a pattern.
fn prose_paths(line: &str) -> Vec<PathBuf> {
    let words = in_backticks(line).into_iter().filter(|word| is_path(word));
    words
        .map(|word| PathBuf::from(word.trim_end_matches('/')))
        .collect()
}

fn is_path(word: &str) -> bool {
    let plain = word
        .chars()
        .all(|c| c.is_alphanumeric() || "/._-".contains(c));
    let file = [".rs", ".md", ".toml", ".wat"]
        .iter()
        .any(|ending| word.ends_with(ending));
    plain && !word.starts_with('/') && (word.contains('/') || file)
}

/// `path.rs::name` names a function, which the file must hold.
fn missing_functions(line: &str, look: &impl Look) -> Vec<String> {
    let mut wrong = Vec::new();
    for word in in_backticks(line) {
        let Some((path, name)) = word.split_once("::").filter(|(path, _)| is_path(path)) else {
            continue;
        };
        match look(Path::new(path)) {
            None => wrong.push(format!("{path} does not exist")),
            Some(text) if !text.contains(&format!("fn {name}(")) => {
                wrong.push(format!("{path} has no function {name}"))
            }
            Some(_) => {}
        }
    }
    wrong
}

/// Links to files, relative to the document. Addresses and links within the page are not looked up.
fn missing_links(folder: &Path, line: &str, look: &impl Look) -> Vec<String> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target);
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    let paths =
        files.map(|target| plain(&folder.join(target.split('#').next().unwrap_or_default())));
    missing(&paths.collect::<Vec<_>>(), look)
}

/// The path without `..`, as git names it.
fn plain(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path {
        if part == ".." {
            short.pop();
        } else if part != "." {
            short.push(part);
        }
    }
    short
}

fn named_crates(line: &str) -> Vec<String> {
    let ours = |word: &&str| {
        word.starts_with("wardian-") && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    in_backticks(line)
        .into_iter()
        .filter(ours)
        .map(str::to_owned)
        .collect()
}

fn in_backticks(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "```tree\nREADME.md STYLE.md\ncrates/\n  abi/      bytes on the wall\n    src/\n  gone/     nothing\nxtask/    set-up\n```\n";

    fn look(path: &Path) -> Option<String> {
        let there = [
            "README.md",
            "STYLE.md",
            "crates",
            "crates/abi",
            "crates/abi/src",
            "xtask",
            "docs/a.md",
        ];
        match path.to_str() {
            Some("crates/abi/src/lib.rs") => Some("fn packs() {}".to_owned()),
            Some(known) if there.contains(&known) => Some(String::new()),
            _ => None,
        }
    }

    fn found_in(file: &str, text: &str) -> Vec<Finding> {
        check(file, text, &["wardian-abi".to_owned()], &look)
    }

    fn found(text: &str) -> Vec<Finding> {
        found_in("ARCHITECTURE.md", text)
    }

    #[test]
    fn the_tree_is_walked_by_its_depth() {
        assert_eq!(
            found(TREE),
            ["ARCHITECTURE.md:6: crates/gone does not exist"]
        );
    }

    #[test]
    fn paths_in_prose_exist() {
        let text = "see `crates/abi/src/lib.rs` and `crates/abi/src/gone.rs`";
        assert_eq!(
            found(text),
            ["ARCHITECTURE.md:1: crates/abi/src/gone.rs does not exist"]
        );
        assert_eq!(found("see `gone.md`").len(), 1);
        assert!(
            found("`POST /api/x`, `hostile/*.wat`, `(ptr, len)`, `cargo xtask test`, crates/gone")
                .is_empty()
        );
        assert!(found_in("CHANGELOG.md", text).is_empty());
    }

    #[test]
    fn a_named_test_exists() {
        assert!(found("| x | `crates/abi/src/lib.rs::packs` |").is_empty());
        assert_eq!(
            found("`crates/abi/src/lib.rs::unpacks`"),
            ["ARCHITECTURE.md:1: crates/abi/src/lib.rs has no function unpacks"]
        );
        assert_eq!(found("`crates/gone.rs::packs`").len(), 1);
        assert!(found("`Compiler::Helper`").is_empty());
    }

    #[test]
    fn links_lead_somewhere_from_where_the_document_lies() {
        assert!(
            found_in(
                "docs/b.md",
                "[a](a.md) [r](../README.md#try-it) [w](https://x/y) [h](#here)"
            )
            .is_empty()
        );
        assert_eq!(
            found_in("docs/b.md", "[s](STYLE.md)"),
            ["docs/b.md:1: docs/STYLE.md does not exist"]
        );
    }

    #[test]
    fn crates_exist() {
        assert_eq!(
            found("`wardian-abi` and `wardian-gone`"),
            ["ARCHITECTURE.md:1: there is no crate wardian-gone"]
        );
    }

    #[test]
    fn other_fences_are_code() {
        assert!(found("```rust\nlet a = `crates/gone`; [a](b)\n```\n").is_empty());
    }
}
