//! The map is true: every path and every crate that ARCHITECTURE.md names exists.
//!
//! Two kinds of places are read. The block fenced as `tree` holds a path at the start of each line, two spaces deeper
//! for each folder above it. Elsewhere, text in backticks that looks like a path or like a crate of ours is one.

use std::path::{Path, PathBuf};

use super::Finding;

const FILE: &str = "ARCHITECTURE.md";

pub(super) fn check(text: &str, crates: &[String], exists: impl Fn(&Path) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tree: Option<Vec<(usize, PathBuf)>> = None;
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            fenced = !fenced;
            tree = (fenced && info.trim() == "tree").then(Vec::new);
            continue;
        }
        let paths = match &mut tree {
            Some(folders) => tree_line(line, folders),
            None if fenced => Vec::new(),
            None => prose_paths(line),
        };
        let missing = paths.iter().filter(|path| !exists(path));
        findings.extend(
            missing.map(|path| format!("{FILE}:{}: {} does not exist", index + 1, path.display())),
        );
        let strangers = named_crates(line)
            .into_iter()
            .filter(|name| !crates.contains(name));
        findings.extend(
            strangers.map(|name| format!("{FILE}:{}: there is no crate {name}", index + 1)),
        );
    }
    findings
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
    let paths: Vec<PathBuf> = names
        .split_whitespace()
        .map(|name| parent.join(name.trim_end_matches('/')))
        .collect();
    if let [folder] = paths.as_slice() {
        folders.push((depth, folder.clone()));
    }
    paths
}

/// Text in backticks that is a path: it has a slash, no space, and none of the signs of code or of a pattern.
fn prose_paths(line: &str) -> Vec<PathBuf> {
    let path = |word: &&str| {
        let plain = word
            .chars()
            .all(|c| c.is_alphanumeric() || "/._-".contains(c));
        let file = word.ends_with(".rs") || word.ends_with(".md") || word.ends_with(".toml");
        plain && !word.starts_with('/') && (word.contains('/') || file)
    };
    in_backticks(line)
        .into_iter()
        .filter(path)
        .map(|word| PathBuf::from(word.trim_end_matches('/')))
        .collect()
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

    fn found(text: &str) -> Vec<Finding> {
        let there = [
            "README.md",
            "STYLE.md",
            "crates",
            "crates/abi",
            "crates/abi/src",
            "xtask",
            "crates/abi/src/lib.rs",
        ];
        let crates = ["wardian-abi".to_owned()];
        check(text, &crates, |path| {
            there.iter().any(|known| Path::new(known) == path)
        })
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
        assert_eq!(
            found("see `crates/abi/src/lib.rs` and `crates/abi/src/gone.rs`"),
            ["ARCHITECTURE.md:1: crates/abi/src/gone.rs does not exist"]
        );
        assert_eq!(found("see `gone.md`").len(), 1);
        assert!(found("`POST /api/x`, `guests/hostile/*.wat`, `(ptr, len)`, `cargo xtask test`, crates/gone").is_empty());
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
        assert!(found("```rust\nlet a = `crates/gone`;\n```\n").is_empty());
    }
}
