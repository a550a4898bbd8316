//! The real work: an invoice and a report of more than twenty pages, laid out, cut and written.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use futures_lite::future::block_on;
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::{Cpu, Source};
use wardian_service::pdf::{FUEL, MODULE, Pdfs, RenderOptions};

use crate::engines::wardian;
use crate::method::{Case, Measured, Plan, compare};
use crate::report::{Section, time};

const NATIVE: &str = "native, the guest's own code";
const OURS: &str = "Wardian, pristine, fuel + deadline";
const DOCUMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/documents");

/// A document, what it is called, and the milliseconds it may take in the box.
const WORK: [(&str, &str, f64); 2] = [
    ("invoice.html", "Make a PDF of an invoice", 60.0),
    ("report.html", "Make a PDF of a report", 600.0),
];

pub fn render(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let load = |cpu| {
        let source = Source::new("pdf", Bytes::from_static(MODULE)).cpu(cpu);
        block_on(Pdfs::load_from(&sandbox, source))
    };
    let (fuel, by_time) = (load(Cpu::Fuel(FUEL))?, load(Cpu::Time)?);
    let mut sections = Vec::new();
    for (file, title, most) in WORK {
        let path = Path::new(DOCUMENTS).join(file);
        let html = std::fs::read(&path).with_context(|| format!("no {}", path.display()))?;
        let html = Bytes::from(html);
        let boxed = |pdfs: &Pdfs| {
            let made = pdfs.render_blocking(html.clone(), RenderOptions::default());
            made.expect("the guest makes it")
        };
        let made = boxed(&fuel);
        let request = Arguments::new().with("html", html.as_ref()).encode()?;
        ensure!(
            native(&request) == made.pages,
            "{file} has other pages natively"
        );
        let cases = vec![
            Case::new(NATIVE, || native(&request) as usize),
            Case::new(OURS, || boxed(&fuel).bytes.len()),
            Case::new("Wardian, pristine, `Cpu::Time`", || {
                boxed(&by_time).bytes.len()
            }),
        ];
        let measured = compare(cases, plan);
        let note = format!(
            "`examples/documents/{file}`: {} of HTML and CSS become {} pages and {} bytes of PDF. The call used {} units of fuel and {} MiB of memory. All on the wall clock: the guest leaves its caller's thread.",
            kilobytes(html.len()),
            made.pages,
            made.bytes.len(),
            made.usage.fuel.unwrap_or_default(),
            made.usage.memory_peak_bytes >> 20,
        );
        sections.push(section(title, &note, &measured, most));
    }
    Ok(sections)
}

fn section(title: &str, note: &str, measured: &[Measured], most: f64) -> Section {
    let mut section = Section::new(title, note).header(&["case", "p50", "p10", "p90", "× first"]);
    let first = wall(measured, NATIVE);
    for m in measured {
        let times = [m.p50, m.p10, m.p90].map(time);
        let ratio = format!("{:.2}", m.p50 / first);
        section.line([m.name.clone()].into_iter().chain(times).chain([ratio]));
    }
    let ours = wall(measured, OURS);
    section.at_most("default metering", ours, most * 1e6);
    section.ratio_at_most("default metering, against native", ours / first, 2.0);
    section
}

fn kilobytes(bytes: usize) -> String {
    format!("{:.0} KB", bytes as f64 / 1e3)
}

/// The median on the wall clock.
fn wall(measured: &[Measured], name: &str) -> f64 {
    let found = measured.iter().find(|m| m.name == name);
    found.map_or(f64::NAN, |m| m.p50)
}

/// The pages that come of it.
fn native(request: &[u8]) -> u32 {
    let answer = wardian_guest_pdf::call("render", request);
    let Ok(Response::Ok(answer)) = Response::decode(&answer, &DecodeLimits::default()) else {
        return 0;
    };
    let pages = answer.get("pages").and_then(Value::as_int);
    pages
        .and_then(|pages| u32::try_from(pages).ok())
        .unwrap_or_default()
}
