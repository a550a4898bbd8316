//! See `oracle::policy`.
#![no_main]

use wardian_testkit::oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::policy(data));
