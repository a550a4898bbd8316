//! Codes are a contract: this list changes only on purpose, and a test meets each of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Codes that no test can bring about: the system has no random bytes; the disk fails.
const NOT_MET: [&str; 2] = ["artifact.key_random", "artifact.file_io"];

/// Whatever stands in quotes and begins with `artifact.`, in all files below.
fn codes(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(codes(&path));
        } else if !path.ends_with("codes.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let parts = text.split('"').filter(|part| part.starts_with("artifact."));
            found.extend(parts.map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_code_is_met_by_a_test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (known, mut met) = (
        codes(&here.join("src/artifact")),
        codes(&here.join("tests/artifact")),
    );
    met.extend(NOT_MET.map(str::to_owned));
    let not_met: Vec<&String> = known.difference(&met).collect();
    assert_eq!(not_met, Vec::<&String>::new());
    let unknown: Vec<&String> = met.difference(&known).collect();
    assert_eq!(unknown, Vec::<&String>::new());
    assert_eq!(known.len(), 67);
}
