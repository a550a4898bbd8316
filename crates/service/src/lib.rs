//! Services: typed functions whose work happens inside the sandbox.
//!
//! A parser of untrusted files is where hosts break. Here it is a guest without any rights: it gets bytes, it gives
//! bytes, each call runs in a memory of its own, and what it does wrong ends in a typed error.
//!
//! ```no_run
//! use wardian_sandbox::{Sandbox, SandboxConfig};
//! use wardian_service::image::{self, ResizeOptions};
//!
//! let sandbox = Sandbox::new(SandboxConfig::default())?;
//! let photo = std::fs::read("photo.jpg")?;
//! let small = image::resize_blocking(&sandbox, photo, ResizeOptions::width(800))?;
//! println!("{} × {}, {} bytes, {:?}", small.width, small.height, small.bytes.len(), small.usage.wall);
//! std::fs::write("small.jpg", &small.bytes)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod error;
#[cfg(any(feature = "image", feature = "pdf", feature = "sheet"))]
mod fields;
#[cfg(any(feature = "image", feature = "pdf", feature = "sheet"))]
mod guest;
#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "pdf")]
pub mod pdf;
#[cfg(feature = "sheet")]
pub mod sheet;

pub use error::ServiceError;
