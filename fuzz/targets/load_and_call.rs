//! See `oracle::load_and_call`.
#![no_main]

use wardian_testkit::oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::load_and_call(data));
