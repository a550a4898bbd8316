//! Every dependency of the workspace has its reason beside it: a comment on the line above, or behind it.

use super::Finding;

const FILE: &str = "Cargo.toml";

pub(super) fn check(manifest: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut inside = false;
    let mut above_is_comment = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        }
        let dependency = if inside { named(line) } else { None };
        // Crates of ours have their reason in ARCHITECTURE.md.
        let stranger = dependency.filter(|_| !line.contains("path ="));
        if let Some(name) = stranger.filter(|_| !above_is_comment && !line.contains(" # ")) {
            findings.push(format!(
                "{FILE}:{}: {name} has no reason beside it",
                index + 1
            ));
        }
        above_is_comment = line.starts_with('#') && line.len() > 2;
    }
    findings
}

fn named(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    bare.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn each_dependency_says_why() {
        let manifest = "[package]\nname = \"x\"\n[workspace.dependencies]\nours = { path = \"o\" }\n# Why.\na = \"1\"\nb = \"1\"\nc = \"1\" # why\n[profile.dev]\nopt = 1\n";
        assert_eq!(check(manifest), ["Cargo.toml:7: b has no reason beside it"]);
    }

    #[test]
    fn an_empty_comment_is_no_reason() {
        assert_eq!(check("[workspace.dependencies]\n#\na = \"1\"\n").len(), 1);
    }
}
