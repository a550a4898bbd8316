//! Writes the table of the large guest: xorshift bytes, the same everywhere.

use std::path::PathBuf;
use std::{env, fs, io};

const TABLE_BYTES: usize = 2_000_000;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let table: Vec<u8> = (0..TABLE_BYTES)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect();
    let out =
        env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo did not set OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("table.bin"), table)
}
