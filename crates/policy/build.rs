//! Puts the guests that policies are made of where the library embeds them.

use std::env;
use std::process::exit;

use wardian_embed::{Guest, embed};

/// Each with the feature that asks for it, as cargo tells build scripts.
const GUESTS: [(&str, Guest); 2] = [
    (
        "CARGO_FEATURE_MAKE",
        Guest {
            name: "rules",
            package: "wardian-guest-policy-rules",
            folder: "policies/rules",
            crates: &["abi", "rules"],
        },
    ),
    (
        "CARGO_FEATURE_REGO",
        Guest {
            name: "rego",
            package: "wardian-guest-policy-rego",
            folder: "policies/rego",
            crates: &[],
        },
    ),
];

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
