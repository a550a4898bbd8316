//! Licences and banned crates, from the lists of `deny.toml`: so tidy and `cargo deny` cannot disagree.
//!
//! One rule is ours alone: no pre-release versions.

use anyhow::{Context as _, Result};
use cargo_metadata::Metadata;
use serde::Deserialize;
use spdx::{Expression, LicenseReq, ParseMode};

use super::Finding;

/// The lists of `deny.toml` that tidy reads.
#[derive(Debug)]
pub(super) struct Policy {
    allowed: Vec<LicenseReq>,
    banned: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    /// Crates that may depend on it all the same.
    #[serde(default)]
    wrappers: Vec<String>,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct File {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

impl Policy {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let mut allowed = Vec::new();
        for name in &file.licenses.allow {
            let licensee =
                spdx::Licensee::parse(name).with_context(|| format!("`{name}` is no licence"))?;
            allowed.push(licensee.into_req());
        }
        Ok(Self {
            allowed,
            banned: file.bans.deny,
        })
    }

    fn allows(&self, expression: &str) -> Result<bool> {
        let parsed = Expression::parse_mode(expression, ParseMode::LAX)?;
        Ok(parsed.evaluate(|asked| self.allowed.contains(asked)))
    }
}

/// A package of the graph, as far as this check cares.
#[derive(Clone, Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: Option<String>,
    pub(super) dependents: Vec<String>,
}

/// The packages that are really used, with who depends on each of them.
pub(super) fn packages(metadata: &Metadata) -> Vec<Package> {
    let nodes = metadata
        .resolve
        .as_ref()
        .map(|resolve| resolve.nodes.as_slice())
        .unwrap_or_default();
    let mut found = Vec::new();
    for node in nodes {
        let package = &metadata[&node.id];
        let users = nodes
            .iter()
            .filter(|user| user.dependencies.contains(&node.id));
        found.push(Package {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
            dependents: users
                .map(|user| metadata[&user.id].name.to_string())
                .collect(),
        });
    }
    found
}

pub(super) fn check(packages: &[Package], policy: &Policy) -> Vec<Finding> {
    packages
        .iter()
        .flat_map(|package| judge(package, policy))
        .collect()
}

fn judge(package: &Package, policy: &Policy) -> Vec<Finding> {
    let Package { name, version, .. } = package;
    let mut findings = Vec::new();
    match package
        .licence
        .as_deref()
        .map(|licence| (licence, policy.allows(licence)))
    {
        Some((_, Ok(true))) => {}
        Some((licence, Ok(false))) => findings.push(format!(
            "{name} {version}: licence {licence} is not on deny.toml's list"
        )),
        Some((licence, Err(error))) => findings.push(format!(
            "{name} {version}: licence `{licence}` cannot be read: {error}"
        )),
        None => findings.push(format!("{name} {version}: names no licence")),
    }
    for ban in policy.banned.iter().filter(|ban| ban.name == *name) {
        for user in package
            .dependents
            .iter()
            .filter(|user| !ban.wrappers.contains(user))
        {
            findings.push(format!(
                "{user}: depends on {name}, which deny.toml bans: {}",
                ban.reason
            ));
        }
    }
    // Verus says by the date when it was made, and has never another version; the engine for Rego has it for its proofs.
    let is_dated = version.starts_with("0.0.0-20");
    // A version such as 1.0.0+spec-1.1.0 has a dash in its build part, which says nothing about its ripeness.
    if version
        .split('+')
        .next()
        .is_some_and(|bare| bare.contains('-'))
        && !is_dated
    {
        findings.push(format!("{name} {version}: is a pre-release"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = r#"
[licenses]
allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
[bans]
deny = [
  { crate = "openssl", reason = "C code in the host" },
  { crate = "engine", wrappers = ["core"], reason = "one crate knows it" },
]
"#;

    fn package(name: &str, version: &str, licence: &str, dependents: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: Some(licence.to_owned()),
            dependents: dependents.iter().map(|&user| user.to_owned()).collect(),
        }
    }

    fn found(package: Package) -> Vec<Finding> {
        check(&[package], &Policy::parse(DENY).unwrap())
    }

    #[test]
    fn allowed_licences_pass() {
        for licence in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "MIT AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(
                found(package("a", "1.0.0+spec-1.1", licence, &[])),
                Vec::<Finding>::new()
            );
        }
    }

    #[test]
    fn other_licences_are_found() {
        for licence in [
            "GPL-3.0-only",
            "MIT AND AGPL-3.0",
            "Apache-2.0 WITH Classpath-exception-2.0",
            "no licence at all",
        ] {
            assert_eq!(
                found(package("a", "1.0.0", licence, &[])).len(),
                1,
                "{licence}"
            );
        }
        assert_eq!(
            found(Package {
                licence: None,
                ..package("a", "1.0.0", "", &[])
            })
            .len(),
            1
        );
    }

    #[test]
    fn banned_crates_are_found_with_who_wants_them() {
        assert_eq!(
            found(package("openssl", "1.0.0", "MIT", &["tls"])),
            ["tls: depends on openssl, which deny.toml bans: C code in the host"]
        );
        assert_eq!(
            found(package("engine", "1.0.0", "MIT", &["core"])),
            Vec::<Finding>::new()
        );
        assert_eq!(
            found(package("engine", "1.0.0", "MIT", &["core", "cli"])).len(),
            1
        );
    }

    #[test]
    fn pre_releases_are_found() {
        assert_eq!(found(package("a", "1.0.0-rc.1", "MIT", &[])).len(), 1);
    }

    #[test]
    fn a_licence_that_nobody_knows_is_an_error_of_the_list() {
        assert!(
            Policy::parse("[licenses]\nallow = [\"Nonsense-9\"]\n[bans]\ndeny = []\n").is_err()
        );
    }
}
