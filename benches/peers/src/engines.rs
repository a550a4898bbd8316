//! The engines that are compared, each driven the way its own documentation says.

pub mod bare;
#[cfg(feature = "extism")]
pub mod extism;
pub mod wardian;
pub mod wasmi;
