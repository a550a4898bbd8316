//! PDFs in the sandbox.
mod budget;
mod css;
mod dom;
