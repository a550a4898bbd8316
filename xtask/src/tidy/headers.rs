//! Every Rust file opens with `//!`: what it is for, and which choice was made.

use super::Finding;

pub(super) fn check(name: &str, text: &str) -> Vec<Finding> {
    let opens = text.lines().next().is_some_and(|line| {
        line.strip_prefix("//!")
            .is_some_and(|rest| !rest.trim().is_empty())
    });
    if opens {
        Vec::new()
    } else {
        vec![format!(
            "{name}:1: does not open with `//!` and what the file is for"
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_file_says_what_it_is_for() {
        assert!(check("a.rs", "//! The pool.\nuse std::fmt;\n").is_empty());
        for bad in [
            "",
            "use std::fmt;\n//! The pool.\n",
            "//!\n",
            "// The pool.\n",
            "\n//! The pool.\n",
        ] {
            assert_eq!(check("a.rs", bad).len(), 1, "{bad:?}");
        }
    }
}
