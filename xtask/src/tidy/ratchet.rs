//! Small rooms: a function fits a screen, a file stays readable, and what is over the line may only shrink.
//!
//! `xtask/ratchet.toml` lists what is over, with its size. A listed size that is no longer true is a finding in both
//! directions, so that the list cannot rot.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use anyhow::{Context as _, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde::Deserialize;

use super::Finding;

pub(super) const FILE: &str = "xtask/ratchet.toml";
const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 500;

/// What is over the line, by name: files by path, functions by `path::name`.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    files: BTreeMap<String, usize>,
    functions: BTreeMap<String, usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ratchet {
    #[serde(default)]
    files: BTreeMap<String, usize>,
    #[serde(default)]
    functions: BTreeMap<String, usize>,
}

impl Sizes {
    /// Notes the file and its functions, as far as they are too long.
    pub(super) fn measure(&mut self, name: &str, text: &str) {
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            self.files.insert(name.to_owned(), lines);
        }
        // A file that is no Rust is a finding of another check.
        let Ok(stream) = TokenStream::from_str(text) else {
            return;
        };
        functions(stream, &mut |function, lines| {
            if lines > FUNCTION_LINES_MAX {
                let longest = self
                    .functions
                    .entry(format!("{name}::{function}"))
                    .or_default();
                *longest = lines.max(*longest);
            }
        });
    }
}

/// Calls back with each function's name and lines, from `fn` to its closing brace. Functions inside functions count
/// for themselves and for the one around them.
fn functions(stream: TokenStream, found: &mut impl FnMut(&str, usize)) {
    let mut open: Option<(String, usize)> = None;
    let mut after_fn: Option<usize> = None;
    for token in stream {
        match token {
            TokenTree::Ident(ident) => match after_fn.take() {
                Some(line) => open = Some((ident.to_string(), line)),
                None if ident == "fn" => after_fn = Some(ident.span().start().line),
                None => {}
            },
            TokenTree::Group(group) => {
                after_fn = None;
                if group.delimiter() == Delimiter::Brace
                    && let Some((name, line)) = open.take()
                {
                    found(&name, group.span_close().end().line + 1 - line);
                }
                functions(group.stream(), found);
            }
            TokenTree::Punct(punct) => {
                after_fn = None;
                if punct.as_char() == ';' {
                    open = None;
                }
            }
            TokenTree::Literal(_) => after_fn = None,
        }
    }
}

pub(super) fn check(sizes: &Sizes, ratchet: &str) -> Result<Vec<Finding>> {
    let allowed: Ratchet = toml::from_str(ratchet).context(FILE)?;
    let mut findings = compare(&sizes.files, &allowed.files, FILE_LINES_MAX);
    findings.extend(compare(
        &sizes.functions,
        &allowed.functions,
        FUNCTION_LINES_MAX,
    ));
    Ok(findings)
}

fn compare(
    found: &BTreeMap<String, usize>,
    allowed: &BTreeMap<String, usize>,
    max: usize,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, lines) in found {
        match allowed.get(name) {
            None => findings.push(format!("{name}: {lines} lines, allowed {max}")),
            Some(listed) if lines > listed => findings.push(format!(
                "{name}: {lines} lines, and {FILE} lets it only shrink from {listed}"
            )),
            Some(listed) if lines < listed => findings.push(format!(
                "{name}: {lines} lines now; write that in {FILE} in place of {listed}"
            )),
            Some(_) => {}
        }
    }
    let gone = allowed.keys().filter(|name| !found.contains_key(*name));
    findings.extend(
        gone.map(|name| format!("{name}: is not over {max} lines any more; take it out of {FILE}")),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, lines: usize) -> String {
        let body = "    let x = \"}\"; // }\n".repeat(lines - 2);
        format!("fn {name}() {{\n{body}}}\n")
    }

    fn found(text: &str, ratchet: &str) -> Vec<Finding> {
        let mut sizes = Sizes::default();
        sizes.measure("a.rs", text);
        check(&sizes, ratchet).unwrap()
    }

    #[test]
    fn a_function_fits_a_screen() {
        assert!(found(&function("f", 70), "").is_empty());
        assert_eq!(
            found(&function("f", 71), ""),
            ["a.rs::f: 71 lines, allowed 70"]
        );
    }

    #[test]
    fn a_file_fits_too() {
        assert!(found(&"// x\n".repeat(500), "").is_empty());
        assert_eq!(
            found(&"// x\n".repeat(501), ""),
            ["a.rs: 501 lines, allowed 500"]
        );
    }

    #[test]
    fn methods_and_nested_functions_count() {
        let method = format!("impl A {{\n    pub {} }}\n", function("g", 80));
        assert_eq!(found(&method, "").len(), 1);
        let signatures =
            "trait T { fn a(&self) -> fn(u8) -> u8; fn b(&self); }\nstruct S { x: u8 }\n";
        assert!(found(signatures, "").is_empty());
    }

    #[test]
    fn what_is_over_may_only_shrink() {
        let text = function("f", 80);
        let listed = |lines: usize| format!("[functions]\n\"a.rs::f\" = {lines}\n");
        assert!(found(&text, &listed(80)).is_empty());
        assert!(found(&text, &listed(79))[0].contains("only shrink from 79"));
        assert!(found(&text, &listed(81))[0].contains("in place of 81"));
        assert!(found(&function("f", 20), &listed(80))[0].contains("take it out"));
    }
}
