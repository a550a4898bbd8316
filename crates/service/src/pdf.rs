//! PDFs: made of HTML and CSS, merged, looked into.
//!
//! [`render`] lays a document out on pages as a browser prints it: `@page` with margin boxes and page numbers, flex, grid
//! and tables whose heads are repeated, pictures (PNG, JPEG, GIF, WebP, SVG), links, and fonts that the caller passes
//! along or none at all, for a family that covers Latin, Greek and Cyrillic is within.
//!
//! - Nothing is fetched and nothing opened. What a document refers to is in it, as a data URL, or among the
//!   [assets](RenderOptions::asset) by the very text that the document names it by. Scripts do not run.
//! - Broken HTML renders as it does in a browser. What cannot be shown as it was meant is a [`Warning`], and the rest
//!   renders: an unreadable picture or font, a letter that no font has, content wider than its page.
//! - A document has at most 500 KB of HTML and style sheets ([`HTML_BYTES_MAX`]) and 200 pages ([`PAGES_MAX`]).
//!
//! What exactly of HTML and CSS is understood is in the repository's `docs/reference/pdf.md`.
//!
//! ```no_run
//! use wardian_sandbox::{Sandbox, SandboxConfig};
//! use wardian_service::pdf::{self, RenderOptions};
//!
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! let options = RenderOptions::default().asset("logo.svg", std::fs::read("logo.svg")?);
//! let made = pdf::render_blocking(&sandbox, std::fs::read("invoice.html")?, options)?;
//! for warning in &made.warnings {
//!     eprintln!("{}: {}", warning.kind.code(), warning.message);
//! }
//! std::fs::write("invoice.pdf", &made.bytes)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod check;
mod options;

use std::time::Duration;

use bytes::Bytes;
use wardian_abi::{Arguments, DecodeLimits, Value};
use wardian_sandbox::{Cpu, Limits, Sandbox, Source};

pub use answer::{Merged, PdfInfo, Rendered, Warning, WarningKind};
pub use options::{Margins, Orientation, PageSize, RenderOptions};

use crate::ServiceError;
use crate::guest::{Guest, Wanted};

/// Bytes of HTML and style sheets together.
pub const HTML_BYTES_MAX: usize = 500_000;
/// Pages that a document may become.
pub const PAGES_MAX: u32 = 200;
/// Style sheets beside a document.
pub const STYLES_MAX: usize = 20;
/// Fonts, and pictures, beside a document.
pub const ASSETS_MAX: usize = 200;
/// Bytes of all fonts and pictures together.
pub const ASSET_BYTES_MAX: usize = 32_000_000;
/// PDFs that are merged at once.
pub const MERGE_FILES_MAX: usize = 200;
/// Pages of a merged PDF.
pub const MERGE_PAGES_MAX: u32 = 5_000;
/// Bytes of a PDF that is read, or of all that are merged.
pub const PDF_BYTES_MAX: usize = 50_000_000;

/// The guest as WebAssembly: for `inspect`, and for calling it by another binding.
pub static MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pdf.wasm"));

/// Its functions, in the Service ABI.
pub const FUNCTIONS: [&str; 3] = ["render", "merge", "info"];

static WANTED: Wanted = Wanted {
    functions: &FUNCTIONS,
    codes: &[
        "pdf.request",
        "pdf.options",
        "pdf.too_many_bytes",
        "pdf.too_many_pages",
        "pdf.malformed",
        "pdf.encrypted",
        "pdf.write",
    ],
    answers: DecodeLimits {
        depth_max: 4,
        // Fifty warnings of two fields.
        values_max: 500,
    },
};

/// Fuel of a call: eight times what any of the example documents takes, as a test measures.
pub const FUEL: u64 = 100_000_000_000;

fn limits() -> Limits {
    Limits {
        memory_bytes_max: 256 << 20,
        // Files to merge are the most; names and numbers are around them.
        input_bytes_max: PDF_BYTES_MAX as u64 + (1 << 20),
        deadline: Duration::from_secs(30),
        deadline_hard: Duration::from_secs(32),
        host_calls_max: 1,
        ..Limits::default()
    }
}

/// The PDF guest, linked and ready. Cloning shares it.
///
/// ```no_run
/// # async fn f(sandbox: wardian_sandbox::Sandbox, invoices: Vec<String>) -> Result<(), wardian_service::ServiceError> {
/// use wardian_service::pdf::{Pdfs, RenderOptions};
///
/// let pdfs = Pdfs::load(&sandbox).await?;
/// for html in invoices {
///     let made = pdfs.render(html, RenderOptions::default()).await?;
///     println!("{} pages, {} bytes", made.pages, made.bytes.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Pdfs {
    guest: Guest,
}

impl std::fmt::Debug for Pdfs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pdfs").finish_non_exhaustive()
    }
}

impl Pdfs {
    /// Loads and links the guest; the sandbox compiles it once.
    ///
    /// It is the largest of the guests: compiling it takes half a minute on two cores. With a cache on disk, or compiled
    /// ahead, that happens once on a machine or not at all.
    ///
    /// # Errors
    /// [`ServiceError::Load`] and [`ServiceError::Link`].
    pub async fn load(sandbox: &Sandbox) -> Result<Pdfs, ServiceError> {
        let source = Source::new("pdf", Bytes::from_static(MODULE)).cpu(Cpu::Fuel(FUEL));
        Pdfs::load_from(sandbox, source).await
    }

    /// The same with another build of the guest in place of the embedded one. It has to export [`FUNCTIONS`] in the
    /// Service ABI and may import nothing but `wardian.panic`.
    ///
    /// It is trusted as little as the embedded one: same rights, same limits, and answers that are not what was asked
    /// for are errors. Give it [`FUEL`], or it has the sandbox's default, which is too little for long documents.
    ///
    /// # Errors
    /// As [`Pdfs::load`].
    pub async fn load_from(sandbox: &Sandbox, source: Source) -> Result<Pdfs, ServiceError> {
        Ok(Pdfs {
            guest: Guest::load(sandbox, source, &WANTED, limits()).await?,
        })
    }

    /// What a call may use; 256 MiB and half a minute, unless [changed](Pdfs::with_limits).
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.guest.limits()
    }

    /// The same guest under other limits.
    ///
    /// ```no_run
    /// # fn f(pdfs: wardian_service::pdf::Pdfs) {
    /// let hurried = pdfs.limits().clone().with_deadline(std::time::Duration::from_secs(2));
    /// let pdfs = pdfs.with_limits(hurried);
    /// # }
    /// ```
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Pdfs {
        Pdfs {
            guest: self.guest.with_limits(limits),
        }
    }

    /// A document as a PDF.
    ///
    /// `html` is text, or bytes in whatever encoding they name, UTF-8 if they name none.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for options and documents beyond the caps (`pdf.options`, `pdf.too_many_bytes`,
    /// `pdf.too_many_pages`), [`ServiceError::Call`] for what happens around the call.
    pub async fn render(
        &self,
        html: impl Into<Bytes>,
        options: RenderOptions,
    ) -> Result<Rendered, ServiceError> {
        let html = html.into();
        check::document(&html, &options)?;
        let arguments = options.arguments().with("html", html.as_ref());
        self.guest.call("render", arguments, Rendered::read).await
    }

    /// Several PDFs as one: all pages, in order. Links within each, outlines, forms and named places keep working;
    /// scripts and signatures are left behind.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for files (`pdf.malformed`, `pdf.encrypted`, `pdf.too_many_bytes`,
    /// `pdf.too_many_pages`), which say which one, counted from 1; [`ServiceError::Call`] for the rest.
    pub async fn merge(
        &self,
        files: impl IntoIterator<Item = impl Into<Bytes>>,
    ) -> Result<Merged, ServiceError> {
        let files: Vec<Bytes> = files
            .into_iter()
            .take(MERGE_FILES_MAX + 1)
            .map(Into::into)
            .collect();
        check::files(&files)?;
        let all = files.iter().map(|file| Value::Bin(file.as_ref().into()));
        let arguments = Arguments::new().with("files", Value::Array(all.collect()));
        let least = files.len();
        self.guest
            .call("merge", arguments, |value, answer, usage| {
                Merged::read(value, answer, usage, least)
            })
            .await
    }

    /// How many pages a PDF has, and how large they are.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for files (`pdf.malformed`, `pdf.encrypted`, `pdf.too_many_bytes`),
    /// [`ServiceError::Call`] for the rest.
    pub async fn info(&self, file: impl Into<Bytes>) -> Result<PdfInfo, ServiceError> {
        let file = file.into();
        check::files(std::slice::from_ref(&file))?;
        let arguments = Arguments::new().with("file", file.as_ref());
        self.guest
            .call("info", arguments, |value, _, usage| {
                PdfInfo::read(value, usage, &file)
            })
            .await
    }
}

macro_rules! free_functions {
    ($($(#[$doc:meta])* $name:ident / $blocking:ident ($($argument:ident: $argument_type:ty),*) -> $result:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`ServiceError::Refused`] for options and files, the others for what happens around the call.
        pub async fn $name(
            sandbox: &Sandbox,
            $($argument: $argument_type),*
        ) -> Result<$result, ServiceError> {
            Pdfs::load(sandbox).await?.$name($($argument),*).await
        }

        #[doc = concat!("[`", stringify!($name), "`] on the caller's own thread, which it blocks.")]
        ///
        /// # Errors
        #[doc = concat!("As [`", stringify!($name), "`].")]
        pub fn $blocking(
            sandbox: &Sandbox,
            $($argument: $argument_type),*
        ) -> Result<$result, ServiceError> {
            futures_lite::future::block_on($name(sandbox, $($argument),*))
        }

        impl Pdfs {
            #[doc = concat!("[`Pdfs::", stringify!($name), "`] on the caller's own thread, which it blocks.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Pdfs::", stringify!($name), "`].")]
            pub fn $blocking(&self, $($argument: $argument_type),*) -> Result<$result, ServiceError> {
                futures_lite::future::block_on(self.$name($($argument),*))
            }
        }
    )*};
}

free_functions! {
    /// A document as a PDF; see [`Pdfs::render`].
    render / render_blocking(html: impl Into<Bytes>, options: RenderOptions) -> Rendered;
    /// Several PDFs as one; see [`Pdfs::merge`].
    merge / merge_blocking(files: impl IntoIterator<Item = impl Into<Bytes>>) -> Merged;
    /// How many pages a PDF has, and how large they are.
    info / info_blocking(file: impl Into<Bytes>) -> PdfInfo;
}
