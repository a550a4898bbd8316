//! What a document may consist of at most. Beyond a cap that would cost the document's meaning there is an error;
//! beyond the others what is left over is left out, and a warning says so.

/// Bytes of HTML, style sheets within it included.
pub const HTML_BYTES_MAX: usize = 500_000;
/// Pages of a result.
pub const PAGES_MAX: usize = 200;
/// Nodes of the tree.
pub const NODES_MAX: usize = 250_000;
/// How deep elements may be nested. What is deeper hangs higher up; browsers do the same, at 512.
pub const DEPTH_MAX: usize = 64;
/// How deep tables may be nested, each of which takes stack, and may double the work. Those further in are laid out as blocks.
pub const TABLES_DEPTH_MAX: usize = 8;
/// How deep boxes of columns may be nested.
pub const COLUMNS_DEPTH_MAX: usize = 3;
/// Fonts and pictures that come with a document.
pub const ASSETS_MAX: usize = 200;
/// Bytes of all of them together.
pub const ASSET_BYTES_MAX: usize = 32_000_000;
/// Bytes of a font, unpacked.
pub const FONT_BYTES_MAX: usize = 32_000_000;
/// Pixels of one picture.
pub const PICTURE_PIXELS_MAX: u64 = 40_000_000;
/// Bytes of all pictures, taken apart, that are not written as they came.
pub const PICTURE_BYTES_MAX: u64 = 160 << 20;
/// Selectors of all rules.
pub const SELECTORS_MAX: usize = 50_000;
/// Bytes of a value after its variables are put in.
pub const VALUE_BYTES_MAX: usize = 16_384;
/// How deep values, selectors and variables may be nested.
pub const NESTING_MAX: usize = 24;
/// Columns that a table may have, and rows or columns that one cell may span.
pub const COLUMNS_MAX: usize = 1_000;
/// Warnings that are reported; how many more there were is said.
pub const WARNINGS_MAX: usize = 50;
/// Style sheets that come with a document.
pub const STYLES_MAX: usize = 20;
/// Bytes that a stream of a PDF may unpack to while the file is read.
pub const PDF_STREAM_BYTES_MAX: usize = 64 << 20;
/// Objects of a PDF that is read, or of all that are merged.
pub const PDF_VALUES_MAX: usize = 1_000_000;
/// PDFs that are merged at once, and pages and bytes of all of them.
pub const MERGE_FILES_MAX: usize = 200;
/// Pages of a merged document.
pub const MERGE_PAGES_MAX: usize = 5_000;
/// Bytes of a PDF that is read, or of all that are merged.
pub const PDF_BYTES_MAX: usize = 50_000_000;
