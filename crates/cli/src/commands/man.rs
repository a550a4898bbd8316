//! `wardian man`: the manual, a page a command, made from the command line's own definition.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::exit::Failure;
use crate::interrupt::Interrupt;
use crate::output::{self, Target};
use crate::settings::{Settings, for_people};
use crate::show::{self, listed, quoted_path};

/// Print the manual page, or write all of them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian man | man -l -
  wardian man --out-dir ~/.local/share/man/man1      (then `man wardian-image-resize`)")]
pub(crate) struct ManArgs {
    /// Write a page for each command here; made if it is not there
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// Overwrite files
    #[arg(long, requires = "out_dir")]
    force: bool,
}

/// One page and the name of its file.
struct Page {
    file: String,
    text: Vec<u8>,
}

pub(crate) fn run(
    args: &ManArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let mut command = for_people();
    // Names what each page is called, and hands the shared settings down.
    command.build();
    let Some(folder) = &args.out_dir else {
        return output::print_bytes(&page(&command)?.text);
    };
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    let files: Vec<PathBuf> = pages.iter().map(|page| folder.join(&page.file)).collect();
    refuse_existing(&files, args.force)?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", quoted_path(folder)))?;
    for (page, file) in pages.iter().zip(&files) {
        let target = Target::File(file.clone());
        output::write(&target, args.force, &page.text, interrupt)?;
    }
    if settings.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{} pages in {}\n",
        show::count(pages.len() as u64),
        show::path(folder)
    ))
}

fn refuse_existing(files: &[PathBuf], force: bool) -> anyhow::Result<()> {
    let there: Vec<&Path> = files
        .iter()
        .map(PathBuf::as_path)
        .filter(|file| !force && file.exists())
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let exist = if there.len() == 1 { "exists" } else { "exist" };
    Err(Failure::new(format!("{} {exist}", listed(&there)))
        .hint("use `--force` to overwrite, or choose another folder")
        .into())
}

fn collect(command: &clap::Command, pages: &mut Vec<Page>) -> anyhow::Result<()> {
    pages.push(page(command)?);
    for inner in command.get_subcommands() {
        collect(inner, pages)?;
    }
    Ok(())
}

/// The sections that people look for. Examples and tables stand as they are in `--help`, lines unbroken.
fn page(command: &clap::Command) -> anyhow::Result<Page> {
    let source = concat!("wardian ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .manual("General Commands Manual")
        .source(source);
    let file = man.get_filename();
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    if let Some(after) = command.get_after_help() {
        notes(&after.to_string()).to_writer(&mut text)?;
    }
    if command.get_name() == "wardian" {
        man.render_version_section(&mut text)?;
    }
    Ok(Page { file, text })
}

/// What `--help` says at its end: notes, then examples, then perhaps exit codes.
fn notes(after: &str) -> Roff {
    let (notes, rest) = after.split_once("Examples:\n").unwrap_or((after, ""));
    let (examples, codes) = rest.split_once("\n\nExit codes: ").unwrap_or((rest, ""));
    let mut roff = Roff::new();
    for (title, text) in [
        ("NOTES", notes.trim()),
        ("EXAMPLES", examples),
        ("EXIT STATUS", codes),
    ] {
        if text.is_empty() {
            continue;
        }
        roff.control("SH", [title]).control("nf", []);
        for line in text.lines() {
            // An empty line would end nothing here, but is bad form.
            roff.text([roman(if line.is_empty() { " " } else { line })]);
        }
        roff.control("fi", []);
    }
    roff
}
