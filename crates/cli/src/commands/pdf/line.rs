//! The command line of `wardian pdf`: every option, and what it means as a typed one.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use wardian_service::pdf::{Margins, Orientation, PageSize};

use crate::batch::{Inputs, To};
use crate::limits::{self, Setting};

/// Make PDFs of HTML and CSS, merge PDFs, look into them.
#[derive(Debug, Args)]
#[command(after_help = "\
Documents are laid out as a browser prints them, by a guest that can open nothing: pictures,
fonts and style sheets beside a document are passed along by name. At most 500 KB of HTML and
CSS and 200 pages a document.

Examples:
  wardian pdf render invoice.html -o invoice.pdf
  wardian pdf render 'letters/*.html' --asset logo.svg --out-dir pdfs
  wardian pdf merge cover.pdf report.pdf -o all.pdf
  wardian pdf info all.pdf --json")]
pub(crate) struct PdfArgs {
    #[command(subcommand)]
    pub(crate) command: PdfCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PdfCommand {
    /// Lay out documents on pages
    Render(Box<RenderArgs>),
    /// Make one PDF of several
    Merge(MergeArgs),
    /// Say how many pages there are, and how large
    Info(InfoArgs),
}

/// Lay out documents on pages.
#[derive(Debug, Args)]
#[command(after_help = "\
What is said of pages here wins over the document's own `@page`. What cannot be shown as it was
meant is a warning on standard error, and the rest renders.

No file is opened because a document names it. `--asset logo.svg` passes one along under the
name that the document has for it, `--assets DIR` all files of a folder by their paths in it.

Examples:
  wardian pdf render invoice.html -o invoice.pdf
  wardian pdf render report.html --size letter --orientation landscape --margin 15mm -o report.pdf
  wardian pdf render page.html --assets . --style print.css --font brand.woff2 -o page.pdf
  wardian pdf render 'in/**/*.html' --asset logo.svg=brand/logo-2026.svg --out-dir out
  cat letter.html | wardian pdf render > letter.pdf")]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(crate) to: To,
    #[command(flatten)]
    pub(crate) from: Inputs,
    #[command(flatten)]
    pub(crate) page: Page,
    #[command(flatten)]
    pub(crate) with: With,
    #[command(flatten)]
    pub(crate) limits: CallLimits,
}

/// What a call may use.
#[derive(Debug, Args)]
pub(crate) struct CallLimits {
    /// Limits of each call, such as memory=512MiB,deadline=2m,fuel=…
    #[arg(long = "limit", value_name = "KEY=VALUE,…", value_delimiter = ',', value_parser = limits::parse)]
    pub(crate) limits: Vec<Setting>,
}

/// What pages are like.
#[derive(Debug, Args)]
pub(crate) struct Page {
    /// a3, a4, a5, a6, b4, b5, letter, legal, tabloid, or sides such as 100x150mm (mm, cm, in, pt)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) size: Option<PageSize>,
    /// Which way pages lie
    #[arg(
        long,
        value_enum,
        value_name = "portrait|landscape",
        hide_possible_values = true
    )]
    pub(crate) orientation: Option<OrientationChoice>,
    /// One length for all sides, or four for above, right, below, left: 15mm or 20mm,15mm,25mm,15mm
    #[arg(long, value_name = "LENGTHS", value_parser = margins)]
    pub(crate) margin: Option<Margins>,
    /// What readers show in place of the file's name
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
}

/// What comes along with every document.
#[derive(Debug, Args)]
pub(crate) struct With {
    /// Style sheet that counts after the document's own; any number of times
    #[arg(long, value_name = "FILE")]
    pub(crate) style: Vec<PathBuf>,
    /// Font, known by the family name in it; any number of times
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
    /// File that documents refer to as NAME, or as FILE is typed here; patterns too; any number of times
    #[arg(long, value_name = "[NAME=]FILE")]
    pub(crate) asset: Vec<String>,
    /// Folder whose files documents refer to by their paths in it
    #[arg(long, value_name = "DIR")]
    pub(crate) assets: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OrientationChoice {
    Portrait,
    Landscape,
}

/// Make one PDF of several, in the order they are named.
#[derive(Debug, Args)]
#[command(after_help = "\
Links within each, outlines, forms and named places keep working; scripts are left behind.
At most 200 files, 5,000 pages and 50 MB together.

Examples:
  wardian pdf merge cover.pdf report.pdf -o all.pdf
  wardian pdf merge 'chapters/*.pdf' -o book.pdf --force
  wardian pdf merge a.pdf b.pdf > both.pdf")]
pub(crate) struct MergeArgs {
    /// Files, or patterns in quotes such as 'chapters/*.pdf'
    #[arg(value_name = "FILE", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Where the result goes; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite a file
    #[arg(long)]
    pub(crate) force: bool,
    /// What came of it as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the bill of the call to standard error
    #[arg(short, long)]
    pub(crate) usage: bool,
    #[command(flatten)]
    pub(crate) limits: CallLimits,
}

/// Say how many pages there are, and how large.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian pdf info report.pdf
  wardian pdf info '*.pdf' --json | jq '.files[] | select(.pages > 10) | .input'")]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) from: Inputs,
    #[command(flatten)]
    pub(crate) limits: CallLimits,
}

impl PdfArgs {
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            PdfCommand::Render(args) => args.from.json,
            PdfCommand::Merge(args) => args.json,
            PdfCommand::Info(args) => args.from.json,
        }
    }
}

impl From<OrientationChoice> for Orientation {
    fn from(choice: OrientationChoice) -> Orientation {
        match choice {
            OrientationChoice::Portrait => Orientation::Portrait,
            OrientationChoice::Landscape => Orientation::Landscape,
        }
    }
}

/// `a4`, or `100x150mm`.
fn size(text: &str) -> Result<PageSize, String> {
    if let Some(named) = PageSize::from_name(text) {
        return Ok(named);
    }
    let wrong = || {
        let names: Vec<&str> = PageSize::NAMED
            .iter()
            .filter_map(|size| size.name())
            .collect();
        format!(
            "none of {}, and no sides such as 100x150mm",
            names.join(", ")
        )
    };
    let (width, height) = text.split_once(['x', '×']).ok_or_else(wrong)?;
    // One unit behind both sides counts for both.
    let unit = height.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let width = match width.ends_with(|c: char| c.is_ascii_digit()) {
        true => length(&format!("{width}{unit}")),
        false => length(width),
    };
    match (width, length(height)) {
        (Ok(width), Ok(height)) => Ok(PageSize::Custom { width, height }),
        _ => Err(wrong()),
    }
}

/// `15mm`, or four of them.
fn margins(text: &str) -> Result<Margins, String> {
    let lengths: Vec<f64> = text
        .split(',')
        .map(|part| length(part.trim()))
        .collect::<Result<_, _>>()?;
    match lengths[..] {
        [one] => Ok(Margins::all(one)),
        [top, right, bottom, left] => Ok(Margins {
            top,
            right,
            bottom,
            left,
        }),
        _ => Err(format!("one length or four are due, got {}", lengths.len())),
    }
}

/// Points of a length: `15mm`, `1.5cm`, `0.5in`, `36pt` or `36`.
fn length(text: &str) -> Result<f64, String> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(at.unwrap_or(text.len()));
    let points = match unit {
        "" | "pt" => 1.0,
        "mm" => 72.0 / 25.4,
        "cm" => 72.0 / 2.54,
        "in" => 72.0,
        _ => return Err("the unit is none of mm, cm, in, pt".into()),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "a length is a number and a unit, such as 15mm".to_owned())?;
    Ok(number * points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_names_or_sides() {
        assert_eq!(size("A5"), Ok(PageSize::A5));
        let custom = |width, height| Ok(PageSize::Custom { width, height });
        assert_eq!(size("100x150"), custom(100.0, 150.0));
        assert_eq!(size("2x3in"), custom(144.0, 216.0));
        assert_eq!(size("1inx36pt"), custom(72.0, 36.0));
        assert_eq!(size("2.54×5.08cm"), custom(72.0, 144.0));
        for wrong in [
            "", "a9", "100", "x", "100x", "x100", "1x2ft", "-1x2", "1x2x3",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn margins_are_one_length_or_four() {
        assert_eq!(margins("1in"), Ok(Margins::all(72.0)));
        let four = margins("1in, 36, 0mm,2.54cm");
        let due = Margins {
            top: 72.0,
            right: 36.0,
            bottom: 0.0,
            left: 72.0,
        };
        assert_eq!(four, Ok(due));
        for wrong in ["", "1in,2in", "x", "1..2", "-1", "1,2,3,4,5"] {
            assert!(margins(wrong).is_err(), "{wrong}");
        }
    }
}
