//! Words that no committed file may hold, and files that may not be committed.
//!
//! A machine's own paths and package hosts make a file true on one machine only. The patterns are written in two
//! halves, so that this file does not find itself.

use super::Finding;

/// Machine paths and package hosts, with what to say about each.
const EVERYWHERE: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/roo", "t/."), "a path of one machine"),
    (concat!("/hom", "e/runner"), "a path of one machine"),
    (concat!("/Use", "rs/"), "a path of one machine"),
    (concat!(".pye", "nv/"), "a path of one machine"),
    (concat!("index.crates", ".io"), "a package host"),
    (concat!("static.crates", ".io"), "a package host"),
    (concat!("files.python", "hosted.org"), "a package host"),
    (concat!("pypi", ".org/simple"), "a package host"),
    (concat!("registry.npm", "js.org"), "a package host"),
    (concat!("proxy.gol", "ang.org"), "a package host"),
];

/// Notes to oneself: an issue or a finished change is the place for them.
const IN_SOURCES: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

/// Built from source, never committed.
const BINARIES: &[&str] = &[".wasm", ".cwasm", ".so", ".a", ".o", ".rlib", ".crate"];

pub(super) fn check(name: &str, text: &str) -> Vec<Finding> {
    let source = is_source(name);
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        for (pattern, what) in EVERYWHERE {
            if line.contains(pattern) {
                findings.push(format!("{name}:{number}: `{pattern}` is {what}"));
            }
        }
        for word in IN_SOURCES.iter().filter(|_| source) {
            if line.contains(word) {
                findings.push(format!(
                    "{name}:{number}: `{word}`: do it, or open an issue"
                ));
            }
        }
    }
    findings
}

fn is_source(name: &str) -> bool {
    [
        ".rs", ".go", ".wat", ".wit", ".ts", ".c", ".zig", ".py", ".sh",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
}

/// What Open Policy Agent's compiler wrote, which is not ours to run; the READMEs there say how it was made.
const OTHERS_BINARIES: [&str; 2] = [
    "crates/policy/tests/opa/fixtures/",
    "crates/testkit/fixtures/rego/bench-100-rules/",
];

pub(super) fn no_binaries(names: &[String]) -> Vec<Finding> {
    let binary = |name: &&String| {
        BINARIES.iter().any(|ending| name.ends_with(ending))
            && !OTHERS_BINARIES.iter().any(|place| name.starts_with(place))
    };
    names
        .iter()
        .filter(binary)
        .map(|name| format!("{name}: built files are not committed; build it from source"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_package_hosts_are_found_in_any_file() {
        let path = concat!("see /wo", "rk/plan");
        assert_eq!(check("README.md", path).len(), 1);
        assert_eq!(
            check(
                "guests/g.toml",
                concat!("fine\nurl = \"https://index.crates", ".io/\"")
            )
            .len(),
            1
        );
        assert!(
            check(
                "README.md",
                "see docs/reference and https://docs.rs/wardian"
            )
            .is_empty()
        );
    }

    #[test]
    fn notes_to_oneself_are_found_in_sources() {
        let note = concat!("//! A file.\n// TO", "DO: finish\n");
        assert_eq!(
            check("crates/abi/src/lib.rs", note),
            [concat!(
                "crates/abi/src/lib.rs:2: `TO",
                "DO`: do it, or open an issue"
            )]
        );
        assert!(check("STYLE.md", note).is_empty());
    }

    #[test]
    fn built_files_are_not_committed() {
        let names = [
            "guests/a.wasm".to_owned(),
            "guests/a.wat".to_owned(),
            "b.cwasm".to_owned(),
        ];
        assert_eq!(no_binaries(&names).len(), 2);
    }
}
