//! The oracles of the fuzz targets over their seeds, over the hostile corpus and over random bytes, without a fuzzer:
//! so a change that breaks one is found by the ordinary tests.

use std::path::{Path, PathBuf};

use proptest::prelude::{ProptestConfig, any};
use proptest::proptest;
use wardian_testkit::hostile::cases;
use wardian_testkit::oracle::{self, ALL};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

#[test]
fn every_seed_passes() {
    for (name, oracle) in ALL {
        let folder = fuzz().join("seeds").join(name);
        let mut count = 0;
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            println!("{}", path.display());
            oracle(&std::fs::read(path).unwrap());
            count += 1;
        }
        assert!(count > 0, "{} is empty", folder.display());
    }
}

#[test]
fn every_oracle_has_a_target() {
    let mut targets: Vec<String> = std::fs::read_dir(fuzz().join("targets"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, ALL.map(|(name, _)| name));
}

#[test]
fn the_hostile_corpus_passes() {
    for case in cases().unwrap() {
        println!("{}", case.name);
        oracle::inspect(&case.wasm);
        oracle::debug(&case.wasm);
        oracle::load_and_call(&case.wasm);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_pass_quickly(data: Vec<u8>) {
        oracle::abi(&data);
        oracle::image(&data);
        oracle::inspect(&data);
        oracle::machine(&data);
        oracle::sheet(&data);
        oracle::text(&data);
    }

    #[test]
    fn random_modules_pass(data in proptest::collection::vec(any::<u8>(), 100..2000)) {
        oracle::load_and_call(&data);
    }
}
