//! The documents and the workbook of the demo: an invoice and a report become PDFs, which are merged and looked into; a
//! workbook is listed and read.

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_lite::future::block_on;
use wardian_sandbox::Usage as Bill;
use wardian_service::ServiceError;
use wardian_service::pdf::{HTML_BYTES_MAX, Pdfs, RenderOptions};
use wardian_service::sheet::{ParseOptions, SOURCE_BYTES_MAX, Sheets, Which};

use super::Done;
use crate::commands::{pdf, sheet};
use crate::counted::Counted;
use crate::input;
use crate::interrupt::Interrupt;
use crate::output::{self, Target};
use crate::show;

const DOCUMENTS: [(&str, &str); 2] = [
    ("documents/invoice.html", "invoice.pdf"),
    ("documents/report.html", "report.pdf"),
];
const WORKBOOK: &str = "workbooks/nursery.xlsx";

/// All of them, and how long each guest took until it was ready.
#[derive(Debug, Default)]
pub(super) struct All {
    pub(super) calls: Vec<Done>,
    pub(super) ready: Vec<(&'static str, Duration)>,
}

/// Where the calls read, write and are counted.
struct Desk<'a> {
    counted: &'a Counted,
    examples: &'a Path,
    out: &'a Path,
    interrupt: &'a Interrupt,
}

pub(super) fn run(
    counted: &Counted,
    examples: &Path,
    out: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<All> {
    let desk = Desk {
        counted,
        examples,
        out,
        interrupt,
    };
    let mut all = All::default();
    desk.pdfs(&mut all)?;
    desk.sheets(&mut all)?;
    Ok(all)
}

impl Desk<'_> {
    fn pdfs(&self, all: &mut All) -> anyhow::Result<()> {
        let begun = Instant::now();
        let pdfs = block_on(Pdfs::load(&self.counted.sandbox))?;
        all.ready.push((pdf::MODULE, begun.elapsed()));
        self.counted.count_load(pdf::MODULE);
        let mut files = Vec::new();
        for (source, file) in DOCUMENTS {
            let html = input::read(&self.examples.join(source), HTML_BYTES_MAX as u64)?;
            let made = pdfs.render_blocking(html, RenderOptions::default());
            let made = self.counted(pdf::MODULE, made, |made| made.usage)?;
            let result = pdf::pages(made.pages, made.bytes.len());
            all.calls.push(self.written(
                "render",
                source,
                file,
                &result,
                &made.bytes,
                made.usage,
            )?);
            files.push(made.bytes);
        }
        let merged = pdfs.merge_blocking(files);
        let merged = self.counted(pdf::MODULE, merged, |merged| merged.usage)?;
        let result = pdf::pages(merged.pages, merged.bytes.len());
        let bytes = &merged.bytes;
        all.calls
            .push(self.written("merge", "both", "both.pdf", &result, bytes, merged.usage)?);
        let info = pdfs.info_blocking(merged.bytes);
        let info = self.counted(pdf::MODULE, info, |info| info.usage)?;
        let result = pdf::described(&info);
        all.calls
            .push(done("info", "both.pdf", result, None, info.usage));
        Ok(())
    }

    fn sheets(&self, all: &mut All) -> anyhow::Result<()> {
        let begun = Instant::now();
        let sheets = block_on(Sheets::load(&self.counted.sandbox))?;
        all.ready.push((sheet::MODULE, begun.elapsed()));
        self.counted.count_load(sheet::MODULE);
        let book = input::read(&self.examples.join(WORKBOOK), SOURCE_BYTES_MAX as u64)?;
        let book = Bytes::from(book);
        let listed = sheets.list_blocking(book.clone());
        let listed = self.counted(sheet::MODULE, listed, |listed| listed.usage)?;
        let names: Vec<String> = listed
            .sheets
            .iter()
            .map(|sheet| show::quoted(&sheet.name))
            .collect();
        all.calls
            .push(done("list", WORKBOOK, names.join(", "), None, listed.usage));
        let every = ParseOptions {
            which: Which::All,
            ..ParseOptions::default()
        };
        let one = ParseOptions {
            which: Which::Name("Orders 2026".into()),
            ..ParseOptions::header()
        };
        let made = [
            (
                "parse",
                "nursery.json",
                sheets.json_blocking(book.clone(), every),
            ),
            ("parse", "orders.csv", sheets.csv_blocking(book, one)),
        ];
        for (function, file, made) in made {
            let made = self.counted(sheet::MODULE, made, |made| made.usage)?;
            let rows: u64 = made.sheets.iter().map(|sheet| u64::from(sheet.rows)).sum();
            let (sheets, bytes) = (made.sheets.len(), made.bytes.len() as u64);
            let of = if sheets == 1 { "sheet" } else { "sheets" };
            let result = format!(
                "{} rows of {sheets} {of}, {}",
                show::count(rows),
                show::bytes(bytes)
            );
            all.calls.push(self.written(
                function,
                WORKBOOK,
                file,
                &result,
                &made.bytes,
                made.usage,
            )?);
        }
        Ok(())
    }

    fn counted<T>(
        &self,
        module: &'static str,
        made: Result<T, ServiceError>,
        usage: impl Fn(&T) -> Bill,
    ) -> anyhow::Result<T> {
        self.counted.count_service(module, made.as_ref().map(usage));
        Ok(made?)
    }

    fn written(
        &self,
        function: &'static str,
        source: &str,
        file: &str,
        result: &str,
        bytes: &[u8],
        usage: Bill,
    ) -> anyhow::Result<Done> {
        let target = Target::File(self.out.join(file));
        output::write(&target, true, bytes, self.interrupt)?;
        let result = format!("{file}: {result}");
        Ok(done(function, source, result, Some(file), usage))
    }
}

fn done(
    function: &'static str,
    source: &str,
    result: String,
    file: Option<&str>,
    usage: Bill,
) -> Done {
    let name = source.rsplit('/').next().unwrap_or(source);
    Done {
        function,
        source: name.into(),
        result,
        file: file.map(Into::into),
        usage,
    }
}
