//! Writes the table of the large guest: xorshift bytes, the same everywhere.

use std::{env, fs, path::Path};

const TABLE_BYTES: usize = 2_000_000;

fn main() {
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
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("table.bin"), table).expect("cannot write the table");
}
