//! Spreadsheets: list sheets; read them as typed rows, JSON, NDJSON or CSV.
//!
//! Reads XLSX (XLSM and templates too), XLS of Excel 5.0 to 2003, ODS, and CSV: parted by commas, semicolons, tabs or
//! bars, in UTF-8, UTF-16 with its mark, or Windows-1252. The format is found by the content.
//!
//! - Formulas are what was kept of their results. Number formats decide what is a date, in the system of 1900 or 1904.
//! - A sheet is a rectangle from A1 to its last row and column that have a cell; what is not there is
//!   [empty](Cell::Empty). Of a merged area only the first cell has something in it.
//! - With a header, the first row names the columns: an empty name becomes `column_3`, one that is there already gets
//!   `_2`, `_3` and so on.
//! - A source has at most 20 MB, and all sheets of a call together [`CELLS_DEFAULT`] cells unless
//!   [`ParseOptions::cells_max`] says otherwise: one cell at the far end of a sheet makes a rectangle of
//!   17,000,000,000, which is an error (`sheet.too_many_cells`) and not a crash. Encrypted and damaged workbooks and
//!   those that unpack without end are errors too.
//!
//! What exactly is read, and where that differs from other programs, is in the repository's
//! `docs/reference/sheets.md`.
//!
//! ```no_run
//! use wardian_sandbox::{Sandbox, SandboxConfig};
//! use wardian_service::sheet::{self, Cell, ParseOptions};
//!
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! let workbook = sheet::parse_blocking(&sandbox, std::fs::read("orders.xlsx")?, ParseOptions::header())?;
//! for sheet in &workbook.sheets {
//!     println!("{}: {} rows of {:?}", sheet.info().name, sheet.info().rows, sheet.header());
//!     for row in sheet.rows() {
//!         for cell in row.cells() {
//!             match cell {
//!                 Cell::Number(number) => println!("{number}"),
//!                 other => println!("{other}"),
//!             }
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod cell;
mod check;
mod csv;
mod json;
mod options;

use std::time::Duration;

use bytes::Bytes;
use wardian_abi::{Arguments, DecodeLimits};
use wardian_sandbox::{Cpu, Limits, Sandbox, Source};

pub use answer::{
    Dialect, Document, Format, Kind, Listing, SheetInfo, SheetName, Visibility, Workbook,
};
pub use cell::{Cell, Cells, Elapsed, Moment, Row, Rows, STRINGS_BYTES_MAX, Sheet, TooMuchText};
pub use options::{Area, ParseOptions, Which};

use crate::ServiceError;
use crate::guest::{Guest, Wanted};
use answer::Form;

/// Bytes that a source may have.
pub const SOURCE_BYTES_MAX: usize = 20_000_000;
/// Cells that a call gives unless [`ParseOptions::cells_max`] says otherwise, empty ones of each rectangle included.
pub const CELLS_DEFAULT: u32 = 2_000_000;
/// The most that [`ParseOptions::cells_max`] can say.
pub const CELLS_MAX: u32 = 20_000_000;
/// Columns that a sheet may have.
pub const COLUMNS_MAX: u32 = 16_384;
/// Sheets that a workbook may have.
pub const SHEETS_MAX: u32 = 1_000;

/// The guest as WebAssembly: for `inspect`, and for calling it by another binding.
pub static MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sheet.wasm"));

/// Its functions, in the Service ABI.
pub const FUNCTIONS: [&str; 2] = ["list", "parse"];

static WANTED: Wanted = Wanted {
    functions: &FUNCTIONS,
    codes: &[
        "sheet.request",
        "sheet.options",
        "sheet.too_many_bytes",
        "sheet.too_many_cells",
        "sheet.too_large",
        "sheet.unknown_format",
        "sheet.unsupported",
        "sheet.encrypted",
        "sheet.malformed",
        "sheet.no_such_sheet",
    ],
    answers: DecodeLimits {
        depth_max: 8,
        // Each sheet is described by some fifteen values.
        values_max: 20_000,
    },
};

/// Fuel of a call: more than twice what the largest workbooks take that tests read.
pub const FUEL: u64 = 100_000_000_000;

/// The memory is the sandbox's default: what a workbook of 5 MB takes lies well below it, as a test measures.
fn limits() -> Limits {
    Limits {
        // The source and the names and numbers around it.
        input_bytes_max: SOURCE_BYTES_MAX as u64 + 4_096,
        deadline: Duration::from_secs(60),
        deadline_hard: Duration::from_secs(62),
        host_calls_max: 1,
        ..Limits::default()
    }
}

/// The sheet guest, linked and ready. Cloning shares it.
///
/// ```no_run
/// # async fn f(sandbox: wardian_sandbox::Sandbox, files: Vec<Vec<u8>>) -> Result<(), wardian_service::ServiceError> {
/// use wardian_service::sheet::{ParseOptions, Sheets};
///
/// let sheets = Sheets::load(&sandbox).await?;
/// for file in files {
///     let json = sheets.json(file, ParseOptions::header()).await?;
///     println!("{} bytes", json.bytes.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sheets {
    guest: Guest,
}

impl std::fmt::Debug for Sheets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheets").finish_non_exhaustive()
    }
}

impl Sheets {
    /// Loads and links the guest; the sandbox compiles it once.
    ///
    /// # Errors
    /// [`ServiceError::Load`] and [`ServiceError::Link`].
    pub async fn load(sandbox: &Sandbox) -> Result<Sheets, ServiceError> {
        let source = Source::new("sheet", Bytes::from_static(MODULE)).cpu(Cpu::Fuel(FUEL));
        Sheets::load_from(sandbox, source).await
    }

    /// The same with another build of the guest in place of the embedded one. It has to export [`FUNCTIONS`] in the
    /// Service ABI and may import nothing but `wardian.panic`.
    ///
    /// It is trusted as little as the embedded one: same rights, same limits, and answers that are not what was asked
    /// for are errors. Give it [`FUEL`], or it has the sandbox's default, which is too little for large workbooks.
    ///
    /// # Errors
    /// As [`Sheets::load`].
    pub async fn load_from(sandbox: &Sandbox, source: Source) -> Result<Sheets, ServiceError> {
        Ok(Sheets {
            guest: Guest::load(sandbox, source, &WANTED, limits()).await?,
        })
    }

    /// What a call may use; a minute and the sandbox's default of memory, unless [changed](Sheets::with_limits).
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.guest.limits()
    }

    /// The same guest under other limits. Workbooks of 20 MB, or several million cells, take more memory than the
    /// default; the error says so (`limit.memory`).
    ///
    /// ```no_run
    /// # fn f(sheets: wardian_service::sheet::Sheets) {
    /// let mut limits = sheets.limits().clone();
    /// limits.memory_bytes_max = 256 << 20;
    /// let roomy = sheets.with_limits(limits);
    /// # }
    /// ```
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Sheets {
        Sheets {
            guest: self.guest.with_limits(limits),
        }
    }

    /// The format and the sheets of a workbook; cells are not read.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for workbooks, [`ServiceError::Call`] for the rest.
    pub async fn list(&self, file: impl Into<Bytes>) -> Result<Listing, ServiceError> {
        let file = file.into();
        check(&file)?;
        let arguments = Arguments::new().with("file", file.as_ref());
        self.guest
            .call("list", arguments, |value, _, usage| {
                Listing::read(value, usage, &file)
            })
            .await
    }

    /// The cells of a workbook.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] for options and workbooks, [`ServiceError::Call`] for the rest.
    pub async fn parse(
        &self,
        file: impl Into<Bytes>,
        options: ParseOptions,
    ) -> Result<Workbook, ServiceError> {
        let file = file.into();
        check(&file)?;
        let arguments = options.arguments("cells").with("file", file.as_ref());
        self.guest
            .call("parse", arguments, |value, answer, usage| {
                Workbook::read(value, answer, usage, &file, &options)
            })
            .await
    }

    async fn document(
        &self,
        file: Bytes,
        options: ParseOptions,
        form: Form,
    ) -> Result<Document, ServiceError> {
        check(&file)?;
        let arguments = options.arguments(form.name()).with("file", file.as_ref());
        self.guest
            .call("parse", arguments, |value, answer, usage| {
                Document::read(value, answer, usage, &file, (&options, form))
            })
            .await
    }

    /// A workbook as JSON: an array of rows, which are objects with a header and arrays without. Of all sheets an object
    /// of such arrays, by name and in order.
    ///
    /// Empty cells are `null`, dates and durations ISO 8601 text, errors `{"error": "#DIV/0!"}`, numbers their shortest
    /// digits.
    ///
    /// # Errors
    /// As [`Sheets::parse`].
    pub async fn json(
        &self,
        file: impl Into<Bytes>,
        options: ParseOptions,
    ) -> Result<Document, ServiceError> {
        self.document(file.into(), options, Form::Json).await
    }

    /// The same with a line for each row. Of all sheets each line is `{"sheet": name, "row": row}`.
    ///
    /// # Errors
    /// As [`Sheets::parse`].
    pub async fn ndjson(
        &self,
        file: impl Into<Bytes>,
        options: ParseOptions,
    ) -> Result<Document, ServiceError> {
        self.document(file.into(), options, Form::Ndjson).await
    }

    /// One sheet as CSV by RFC 4180. Several are refused (`sheet.options`).
    ///
    /// # Errors
    /// As [`Sheets::parse`].
    pub async fn csv(
        &self,
        file: impl Into<Bytes>,
        options: ParseOptions,
    ) -> Result<Document, ServiceError> {
        self.document(file.into(), options, Form::Csv).await
    }
}

/// What the guest would refuse too, but only after 20 MB were copied to it.
fn check(file: &Bytes) -> Result<(), ServiceError> {
    if file.len() <= SOURCE_BYTES_MAX {
        return Ok(());
    }
    Err(ServiceError::Refused {
        code: "sheet.too_many_bytes",
        message: format!(
            "the source has {} bytes, allowed {SOURCE_BYTES_MAX}",
            file.len()
        ),
        usage: Box::default(),
    })
}

macro_rules! free_functions {
    ($($(#[$doc:meta])* $name:ident / $blocking:ident ($($options:ident: $options_type:ty)?) -> $result:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`ServiceError::Refused`] for options and workbooks, the others for what happens around the call.
        pub async fn $name(
            sandbox: &Sandbox,
            file: impl Into<Bytes>
            $(, $options: $options_type)?
        ) -> Result<$result, ServiceError> {
            Sheets::load(sandbox).await?.$name(file $(, $options)?).await
        }

        #[doc = concat!("[`", stringify!($name), "`] on the caller's own thread, which it blocks.")]
        ///
        /// # Errors
        #[doc = concat!("As [`", stringify!($name), "`].")]
        pub fn $blocking(
            sandbox: &Sandbox,
            file: impl Into<Bytes>
            $(, $options: $options_type)?
        ) -> Result<$result, ServiceError> {
            futures_lite::future::block_on($name(sandbox, file $(, $options)?))
        }

        impl Sheets {
            #[doc = concat!("[`Sheets::", stringify!($name), "`] on the caller's own thread, which it blocks.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Sheets::", stringify!($name), "`].")]
            pub fn $blocking(
                &self,
                file: impl Into<Bytes>
                $(, $options: $options_type)?
            ) -> Result<$result, ServiceError> {
                futures_lite::future::block_on(self.$name(file $(, $options)?))
            }
        }
    )*};
}

free_functions! {
    /// The format and the sheets of a workbook; cells are not read.
    list / list_blocking() -> Listing;
    /// The cells of a workbook.
    parse / parse_blocking(options: ParseOptions) -> Workbook;
    /// A workbook as JSON; see [`Sheets::json`].
    json / json_blocking(options: ParseOptions) -> Document;
    /// A workbook as JSON, a line for each row; see [`Sheets::ndjson`].
    ndjson / ndjson_blocking(options: ParseOptions) -> Document;
    /// One sheet as CSV; see [`Sheets::csv`].
    csv / csv_blocking(options: ParseOptions) -> Document;
}
