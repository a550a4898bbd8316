//! `wardian pdf`: documents laid out on pages, PDFs merged and looked into, by a guest that can do nothing else.
//!
//! - **in**: files or standard input, options as text, and what comes along with documents
//! - **out**: typed options for `wardian_service::pdf`; then a PDF to its file, warnings to standard error, and what came
//!   of it as text or JSON
//! - **never**: a file opened because a document names it

mod along;
mod line;

use std::ffi::OsString;
use std::path::PathBuf;

use futures_lite::future::block_on;
use serde_json::{Value as Json, json};
use wardian_sandbox::{Limits, Sandbox};
use wardian_service::ServiceError;
use wardian_service::pdf::{
    HTML_BYTES_MAX, MERGE_FILES_MAX, PDF_BYTES_MAX, PdfInfo, Pdfs, Rendered,
};

use crate::batch::{Batch, Inputs, Made, Results, To};
use crate::exit::Helped;
use crate::interrupt::Interrupt;
use crate::limits::{self, Setting};
use crate::output;
use crate::settings::Settings;
use crate::show::{self, quoted_path};

pub(crate) use line::PdfArgs;
use line::{InfoArgs, MergeArgs, PdfCommand, RenderArgs};

/// The name that calls are counted under.
pub(crate) const MODULE: &str = "pdf";

pub(crate) fn run(
    args: &PdfArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let desk = Desk {
        settings,
        interrupt,
    };
    match &args.command {
        PdfCommand::Render(args) => render(&desk, args),
        PdfCommand::Merge(args) => merge(&desk, args),
        PdfCommand::Info(args) => info(&desk, args),
    }
}

/// What all three commands work with.
struct Desk<'a> {
    settings: &'a Settings,
    interrupt: &'a Interrupt,
}

impl Desk<'_> {
    fn batch<'a>(
        &'a self,
        from: &'a Inputs,
        to: &'a To,
        results: Results,
        limits: &[Setting],
    ) -> anyhow::Result<Batch<'a>> {
        Ok(Batch {
            settings: self.settings,
            interrupt: self.interrupt,
            from,
            to,
            results,
            noun: match results {
                Results::Files => "PDF",
                Results::Documents | Results::Text => "text",
            },
            module: MODULE,
            bytes_max: PDF_BYTES_MAX as u64,
            limits: limits::apply(Limits::default(), limits)?,
        })
    }
}

/// The guest, with the limits that the command line gives.
fn load(sandbox: &Sandbox, limits: &[Setting]) -> anyhow::Result<Pdfs> {
    let pdfs = block_on(Pdfs::load(sandbox))?;
    let limits = limits::apply(pdfs.limits().clone(), limits)?;
    Ok(pdfs.with_limits(limits))
}

fn render(desk: &Desk<'_>, args: &RenderArgs) -> anyhow::Result<()> {
    let options = along::options(&args.page, &args.with)?;
    let limits = &args.limits.limits;
    let batch = Batch {
        bytes_max: HTML_BYTES_MAX as u64,
        ..desk.batch(&args.from, &args.to, Results::Files, limits)?
    };
    let ending = |_: &std::path::Path| Some(OsString::from("pdf"));
    let load = |sandbox: &Sandbox| load(sandbox, limits);
    batch.run(ending, load, |pdfs, item, html| {
        let made = pdfs.render_blocking(html, options.clone());
        let made = made.map_err(helped)?;
        if !desk.settings.quiet {
            warn(&show::path(&item.input), &made);
        }
        Ok(Made {
            words: pages(made.pages, made.bytes.len()),
            report: json!({
                "pages": made.pages,
                "bytes": made.bytes.len(),
                "warnings": made.warnings.iter().map(|warning| json!({
                    "code": warning.kind.code(),
                    "message": warning.message,
                })).collect::<Vec<Json>>(),
                "more_warnings": made.more_warnings,
            }),
            usage: made.usage,
            result: made.bytes.into(),
        })
    })
}

/// Says what is not as it was meant. Messages were cleaned.
fn warn(name: &str, made: &Rendered) {
    for warning in &made.warnings {
        output::warn(&format!(
            "warning: {name}: {}: {}",
            warning.kind.code(),
            warning.message
        ));
    }
    if made.more_warnings > 0 {
        let more = show::count(u64::from(made.more_warnings));
        output::warn(&format!("warning: {name}: and {more} more"));
    }
}

fn merge(desk: &Desk<'_>, args: &MergeArgs) -> anyhow::Result<()> {
    let from = Inputs {
        inputs: args.inputs.clone(),
        jobs: None,
        json: args.json,
        usage: args.usage,
    };
    let to = To {
        output: args.output.clone(),
        out_dir: None,
        force: args.force,
    };
    let limits = &args.limits.limits;
    let batch = desk.batch(&from, &to, Results::Files, limits)?;
    let load = |sandbox: &Sandbox| load(sandbox, limits);
    batch.run_together(MERGE_FILES_MAX, load, |pdfs: &Pdfs, names, files| {
        let merged = pdfs
            .merge_blocking(files)
            .map_err(|error| helped(named(error, names)))?;
        Ok(Made {
            words: pages(merged.pages, merged.bytes.len()),
            report: json!({ "pages": merged.pages, "bytes": merged.bytes.len() }),
            usage: merged.usage,
            result: merged.bytes.into(),
        })
    })
}

/// The guest knows files by their places, counted from 1; people by their names.
fn named(error: ServiceError, names: &[PathBuf]) -> ServiceError {
    let ServiceError::Refused {
        code,
        message,
        usage,
    } = error
    else {
        return error;
    };
    let place = message.strip_prefix("file ").and_then(|rest| {
        let (number, rest) = rest.split_once(' ')?;
        let at = number.parse::<usize>().ok()?.checked_sub(1)?;
        Some(format!("{} {rest}", quoted_path(names.get(at)?)))
    });
    ServiceError::Refused {
        code,
        message: place.unwrap_or(message),
        usage,
    }
}

fn info(desk: &Desk<'_>, args: &InfoArgs) -> anyhow::Result<()> {
    let nowhere = To::default();
    let limits = &args.limits.limits;
    let batch = desk.batch(&args.from, &nowhere, Results::Text, limits)?;
    batch.run(
        |_| None,
        |sandbox| load(sandbox, limits),
        |pdfs, _, file| {
            let info = pdfs.info_blocking(file).map_err(helped)?;
            Ok(Made {
                result: info_text(&info).into(),
                words: described(&info),
                // Plain structures of names and numbers cannot fail.
                report: serde_json::to_value(&info).unwrap_or_else(|_| json!({})),
                usage: info.usage,
            })
        },
    )
}

fn info_text(info: &PdfInfo) -> String {
    let title = match &info.title {
        Some(title) => format!("title    {}\n", title.replace(['\n', '\r'], " ")),
        None => String::new(),
    };
    format!(
        "{title}pages    {}\nsize     {}\nbytes    {}\nversion  {}\n",
        show::count(u64::from(info.pages)),
        size(info),
        show::count(info.bytes),
        info.version
    )
}

/// `24 pages, 210 × 297 mm, 133.1 KiB`
pub(crate) fn described(info: &PdfInfo) -> String {
    let bytes = show::bytes(info.bytes);
    format!("{}, {}, {bytes}", page_count(info.pages), size(info))
}

fn size(info: &PdfInfo) -> String {
    let millimetres = |points: f64| (points * 25.4 / 72.0).round();
    let differ = if info.uniform { "" } else { ", others differ" };
    format!(
        "{} × {} mm{differ}",
        millimetres(info.width),
        millimetres(info.height)
    )
}

fn page_count(pages: u32) -> String {
    match pages {
        1 => "1 page".into(),
        more => format!("{} pages", show::count(u64::from(more))),
    }
}

/// `24 pages, 133.1 KiB`
pub(crate) fn pages(pages: u32, bytes: usize) -> String {
    format!("{}, {}", page_count(pages), show::bytes(bytes as u64))
}

fn helped(error: ServiceError) -> Helped {
    Helped::by_options(error, |code| match code {
        "pdf.too_many_pages" | "pdf.too_many_bytes" => {
            Some("make it in parts, and put them together with `wardian pdf merge`")
        }
        "pdf.encrypted" => Some("a reader that knows the password can save it without one"),
        _ => None,
    })
}
