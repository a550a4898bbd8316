//! `wardian module inspect`: what is in a module, without compiling or running it.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::Args;
use wardian_sandbox::inspect::{
    ContractReport, Import, Item, Kind, Listing, Memory, ModuleInfo, Tool, inspect,
};

use crate::modules;
use crate::output;
use crate::settings::Settings;
use crate::show;

/// Show what is in a module, without compiling or running it.
#[derive(Debug, Args)]
#[command(after_help = "\
All names come from the module and are shown clean and cut. A contract is marked `yes` where
the module satisfies it; what it lacks otherwise stands under it.

Examples:
  wardian module inspect filter.wasm
  wardian module inspect image
  wardian module inspect plugin.wat --json | jq '.exports.items[].name'")]
pub(crate) struct InspectArgs {
    /// A `.wasm` or `.wat` file, `-`, or the name of an embedded or cached module
    #[arg(value_name = "FILE")]
    module: OsString,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &InspectArgs, settings: &Settings) -> anyhow::Result<()> {
    let found = modules::find(&args.module, settings)?;
    let info = inspect(&found.wasm)?;
    if args.json {
        return output::print_json(&serde_json::to_value(&info)?);
    }
    output::print(&text(&found.name, &info)?)
}

fn text(name: &str, info: &ModuleInfo) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let kind = match info.kind {
        Kind::Core => "core module",
        Kind::Component => "component",
    };
    writeln!(out, "{name}: {kind}, {}", show::bytes(info.bytes))?;
    writeln!(out, "digest     {}", info.digest)?;
    if let Some(own) = &info.module_name {
        writeln!(out, "own name   {own}")?;
    }
    if let Some(language) = info.language {
        writeln!(out, "language   {language}")?;
    }
    producers(&mut out, info)?;
    let (code, data) = (show::bytes(info.code_bytes), show::bytes(info.data_bytes));
    writeln!(
        out,
        "functions  {}, {code} of code, {data} of data",
        show::count(info.functions)
    )?;
    if info.core_modules != 1 {
        writeln!(out, "modules    {}", info.core_modules)?;
    }
    if info.start {
        writeln!(out, "start      a function runs when it is instantiated")?;
    }
    memories(&mut out, info)?;
    debug(&mut out, info)?;
    doors(&mut out, info)?;
    items(
        &mut out,
        "custom sections",
        &info.custom_sections,
        |section| vec![format!("{}  {}", section.name, show::bytes(section.bytes))],
    )?;
    writeln!(out, "\ncontracts")?;
    for report in &info.contracts {
        contract(&mut out, report)?;
    }
    Ok(out)
}

fn producers(out: &mut String, info: &ModuleInfo) -> std::fmt::Result {
    let fields = [
        ("written in", &info.producers.language),
        ("built by", &info.producers.processed_by),
        ("sdk", &info.producers.sdk),
    ];
    for (title, tools) in fields {
        if !tools.is_empty() {
            let tools: Vec<String> = tools.iter().map(tool).collect();
            writeln!(out, "{title:<10} {}", tools.join(", "))?;
        }
    }
    Ok(())
}

fn tool(tool: &Tool) -> String {
    format!("{} {}", tool.name, tool.version)
        .trim_end()
        .to_owned()
}

/// Its memories, a line each.
pub(crate) fn memories(out: &mut String, info: &ModuleInfo) -> std::fmt::Result {
    for memory in &info.memories.items {
        writeln!(out, "memory     {}", memory_text(memory))?;
    }
    more(out, &info.memories)
}

/// What it exports and imports.
pub(crate) fn doors(out: &mut String, info: &ModuleInfo) -> std::fmt::Result {
    items(out, "exports", &info.exports, |item| {
        item_text(&item.name, item)
    })?;
    items(out, "imports", &info.imports, import_text)
}

fn memory_text(memory: &Memory) -> String {
    let size = |pages: u64| show::bytes(pages.saturating_mul(memory.page_bytes));
    let mut text = match memory.pages_max {
        Some(max) => format!("{} to {}", size(memory.pages_min), size(max)),
        None => format!("{} and more", size(memory.pages_min)),
    };
    let marks = [
        (memory.imported, ", imported"),
        (memory.shared, ", shared"),
        (memory.memory64, ", 64-bit"),
    ];
    marks
        .iter()
        .filter(|(is, _)| *is)
        .for_each(|(_, mark)| text.push_str(mark));
    text
}

fn debug(out: &mut String, info: &ModuleInfo) -> std::fmt::Result {
    let debug = &info.debug;
    let mut has = Vec::new();
    if debug.names {
        has.push("function names".to_owned());
    }
    if debug.dwarf {
        has.push("lines (DWARF)".to_owned());
    }
    has.extend(debug.dwarf_url.iter().map(|url| format!("DWARF at {url}")));
    has.extend(
        debug
            .source_map_url
            .iter()
            .map(|url| format!("source map at {url}")),
    );
    if has.is_empty() {
        has.push("nothing: traps name neither functions nor lines".to_owned());
    }
    writeln!(out, "debug      {}", has.join(", "))
}

fn items<T>(
    out: &mut String,
    title: &str,
    listing: &Listing<T>,
    text: impl Fn(&T) -> Vec<String>,
) -> std::fmt::Result {
    if listing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for line in listing.items.iter().flat_map(text) {
        writeln!(out, "  {line}")?;
    }
    more(out, listing)
}

fn more<T>(out: &mut String, listing: &Listing<T>) -> std::fmt::Result {
    if listing.more > 0 {
        writeln!(out, "  and {} more", show::count(listing.more))?;
    }
    Ok(())
}

fn item_text(name: &str, item: &Item) -> Vec<String> {
    let kind = serde_json::to_value(item.kind).ok();
    let kind = kind
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let mut lines = vec![
        format!("{kind} {name} {}", item.signature)
            .trim_end()
            .to_owned(),
    ];
    for member in &item.members.items {
        lines.extend(
            item_text(&member.name, member)
                .into_iter()
                .map(|line| format!("  {line}")),
        );
    }
    lines
}

fn import_text(import: &Import) -> Vec<String> {
    let name = match import.module.as_str() {
        "" => import.item.name.clone(),
        module => format!("{module}.{}", import.item.name),
    };
    item_text(&name, &import.item)
}

fn contract(out: &mut String, report: &ContractReport) -> std::fmt::Result {
    let name = serde_json::to_value(report.contract).ok();
    let name = name
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    writeln!(
        out,
        "  {name:<9} {}",
        if report.satisfied { "yes" } else { "no" }
    )?;
    for line in &report.missing {
        writeln!(out, "            {line}")?;
    }
    if report.satisfied && !report.callable.is_empty() {
        writeln!(
            out,
            "            callable: {}",
            report.callable.items.join(", ")
        )?;
        more(out, &report.callable)?;
    }
    if report.satisfied && !report.to_grant.is_empty() {
        writeln!(
            out,
            "            to be granted: {}",
            report.to_grant.items.join(", ")
        )?;
        more(out, &report.to_grant)?;
    }
    Ok(())
}
