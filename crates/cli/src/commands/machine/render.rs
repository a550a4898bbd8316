//! `wardian machine render`: a picture of a machine, or its text for those who draw.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wardian_machine::render::Render;

use crate::exit::Usage;
use crate::interrupt::Interrupt;
use crate::output::{self, Target};
use crate::show::quoted;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian machine render order.json -o order.svg
  wardian machine render order.json --format mermaid --active order.paid")]
pub(crate) struct RenderArgs {
    /// The machine's document, or `-`
    file: PathBuf,
    /// A picture, or the text of one
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "svg|mermaid|dot",
        default_value = "svg"
    )]
    format: Format,
    /// The id of a state to highlight; may be given again
    #[arg(long, value_name = "ID")]
    active: Vec<String>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Svg,
    Mermaid,
    Dot,
}

pub(crate) fn run(args: &RenderArgs, interrupt: &Interrupt) -> anyhow::Result<()> {
    let target = args.output.as_deref().map(Target::of);
    if let Some(target) = &target {
        output::check(target, args.force)?;
    }
    let machine = super::read(&args.file)?;
    for id in &args.active {
        if !machine.state_ids().any(|own| own == id) {
            return Err(Usage::new(format!("no state has the id {}", quoted(id))).into());
        }
    }
    let render = Render::new(&machine).highlight(args.active.iter().map(String::as_str));
    let text = match args.format {
        Format::Svg => render.svg()?,
        Format::Mermaid => render.mermaid(),
        Format::Dot => render.dot(),
    };
    match &target {
        Some(target) => output::write(target, args.force, text.as_bytes(), interrupt),
        None => output::print(&text),
    }
}
