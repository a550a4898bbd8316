//! `cargo xtask tidy`: the rules that a compiler does not know.
//!
//! Each check is a function from plain data to findings, so that its tests hand it a bad example. This file only
//! gathers the data. All checks run; all findings are shown.

mod headers;
mod layers;
mod licences;
mod map;
mod ratchet;
mod reasons;
mod tokens;
mod words;

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::Metadata;

use crate::workspace::{Workspace, read};

/// One broken rule: `path:line: what, and what to do`.
pub(crate) type Finding = String;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let findings = all(workspace)?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        n => bail!(
            "tidy found {n} broken rule{}",
            if n == 1 { "" } else { "s" }
        ),
    }
}

fn all(workspace: &Workspace) -> Result<Vec<Finding>> {
    let host = workspace.metadata(&workspace.root)?;
    let mut findings = graph(workspace, &host)?;
    let crates: Vec<String> = host
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let names: Vec<String> = workspace
        .files()?
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    findings.extend(words::no_binaries(&names));
    let look = |path: &Path| committed(workspace, &names, path);
    let mut sizes = ratchet::Sizes::default();
    for name in &names {
        let Ok(text) = std::fs::read_to_string(workspace.root.join(name)) else {
            continue;
        };
        findings.extend(words::check(name, &text));
        if name.ends_with(".rs") {
            findings.extend(headers::check(name, &text));
            findings.extend(tokens::check(name, &text));
            sizes.measure(name, &text);
        }
        if name.ends_with(".md") {
            findings.extend(map::check(name, &text, &crates, &look));
        }
    }
    findings.extend(ratchet::check(
        &sizes,
        &read(&workspace.root.join(ratchet::FILE))?,
    )?);
    Ok(findings)
}

/// What is committed at a path: a file's text, nothing for a folder that holds some file.
fn committed(workspace: &Workspace, names: &[String], path: &Path) -> Option<String> {
    if names.iter().any(|name| Path::new(name) == path) {
        return Some(std::fs::read_to_string(workspace.root.join(path)).unwrap_or_default());
    }
    names
        .iter()
        .any(|name| Path::new(name).starts_with(path))
        .then(String::new)
}

/// What cargo knows: who depends on whom, under which licence.
fn graph(workspace: &Workspace, host: &Metadata) -> Result<Vec<Finding>> {
    let policy =
        licences::Policy::parse(&read(&workspace.root.join("deny.toml"))?).context("deny.toml")?;
    let mut findings = layers::check(&layers::edges(host));
    findings.extend(licences::check(&licences::packages(host), &policy));
    let fuzz = workspace.root.join("fuzz");
    for dir in workspace.guest_workspaces()?.into_iter().chain([fuzz]) {
        let guests = workspace.metadata(&dir)?;
        findings.extend(licences::check(&licences::packages(&guests), &policy));
    }
    findings.extend(reasons::check(&read(&workspace.root.join("Cargo.toml"))?));
    Ok(findings)
}
