//! Puts the guests where the library embeds them.

use std::env;
use std::process::exit;

use wardian_embed::{Guest, embed};

/// Each with the feature that asks for it, as cargo tells build scripts.
const GUESTS: [(&str, Guest); 3] = [
    (
        "CARGO_FEATURE_IMAGE",
        guest("image", "wardian-guest-image", "services/image"),
    ),
    (
        "CARGO_FEATURE_PDF",
        guest("pdf", "wardian-guest-pdf", "services/pdf"),
    ),
    (
        "CARGO_FEATURE_SHEET",
        guest("sheet", "wardian-guest-sheet", "services/sheet"),
    ),
];

const fn guest(name: &'static str, package: &'static str, folder: &'static str) -> Guest {
    Guest {
        name,
        package,
        folder,
        crates: &["abi"],
    }
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for (feature, guest) in GUESTS {
        if env::var_os(feature).is_none() {
            continue;
        }
        if let Err(problem) = embed(&guest) {
            eprintln!("error: {problem}");
            exit(1);
        }
    }
}
