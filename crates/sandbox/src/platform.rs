//! What this machine offers that decides how fast a sandbox is; for whoever explains it to a person.

/// Whether the kernel says which pages an instance wrote to (`PAGEMAP_SCAN`, Linux 6.7), as far as this process may ask.
/// Without it less of an instance's memory stays resident, and a pristine call of a large guest costs about twice as
/// much.
#[must_use]
pub fn pagemap_scan() -> bool {
    wasmtime::PoolingAllocationConfig::is_pagemap_scan_available()
}
