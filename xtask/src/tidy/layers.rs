//! Direction: who may depend on whom. The table below is architecture's "Direction", and the only place to change it.
//!
//! A crate may depend on crates of lower layers, never on its own: so a binding never depends on another binding.

use cargo_metadata::{DependencyKind, Metadata};

use super::Finding;

/// Layer of each crate of ours. A crate that is not here is refused until somebody decides where it belongs.
const LAYERS: &[(&str, u8)] = &[
    ("wardian-abi", 0),
    ("wardian-embed", 0),
    ("wardian-machine", 1),
    ("wardian-rules", 1),
    ("wardian-glia", 1),
    ("wardian-schema", 1),
    ("wardian-store", 1),
    ("wardian-sandbox", 1),
    ("wardian-guard", 2),
    ("wardian-service", 2),
    ("wardian-policy", 2),
    ("wardian-cell", 2),
    ("wardian-plugin", 2),
    ("wardian", 3),
    ("wardian-server", 4),
    ("wardian-cli", 5),
    ("wardian-testkit", 5),
];

/// Only tests depend on these, by the beginnings of their names: a guest as a native library is an oracle.
const TESTS_ONLY: &[&str] = &["wardian-testkit", "wardian-guest-"];
/// The engine, by the beginnings of its crates' names, and the one crate that knows it.
const ENGINE: &[&str] = &["wasmtime", "cranelift"];
const KNOWS_ENGINE: &str = "wardian-sandbox";

/// One crate of ours depends on something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) for_tests: bool,
    /// Programs at the edge of the workspace (xtask, examples) may use any library and are used by nobody.
    pub(super) from_edge: bool,
}

/// The dependencies of all crates of the workspace.
pub(super) fn edges(metadata: &Metadata) -> Vec<Edge> {
    let mut edges = Vec::new();
    for package in metadata.workspace_packages() {
        let lies_in_crates = package
            .manifest_path
            .as_std_path()
            .starts_with(metadata.workspace_root.as_std_path().join("crates"));
        for dependency in &package.dependencies {
            edges.push(Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                for_tests: dependency.kind == DependencyKind::Development,
                from_edge: !lies_in_crates,
            });
        }
    }
    edges
}

pub(super) fn check(edges: &[Edge]) -> Vec<Finding> {
    edges.iter().filter_map(refused).collect()
}

fn refused(edge: &Edge) -> Option<Finding> {
    let Edge { from, to, .. } = edge;
    let engine = ENGINE.iter().any(|beginning| to.starts_with(beginning));
    if engine && from != KNOWS_ENGINE {
        return Some(format!(
            "{from}: depends on {to}; only {KNOWS_ENGINE} knows the engine"
        ));
    }
    let ours = to == "wardian" || to.starts_with("wardian-");
    if !ours && to != "xtask" {
        return None;
    }
    let tests_only = |name: &str| {
        TESTS_ONLY
            .iter()
            .any(|beginning| name.starts_with(beginning))
    };
    if tests_only(to) {
        if tests_only(from) {
            // Oracles judge guests.
            return None;
        }
        return (!edge.for_tests).then(|| {
            format!("{from}: depends on {to} outside of its tests; make it a dev-dependency")
        });
    }
    let Some(upper) = layer(to) else {
        return Some(format!(
            "{from}: depends on {to}, which has no layer in xtask/src/tidy/layers.rs"
        ));
    };
    if edge.from_edge {
        return None;
    }
    let Some(own) = layer(from) else {
        return Some(format!("{from}: has no layer in xtask/src/tidy/layers.rs"));
    };
    (!edge.for_tests && upper >= own)
        .then(|| format!("{from}: depends on {to}, against the direction of ARCHITECTURE.md"))
}

fn layer(name: &str) -> Option<u8> {
    LAYERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, layer)| *layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            for_tests: false,
            from_edge: false,
        }
    }

    #[test]
    fn forward_edges_pass() {
        let good = [
            edge("wardian-cli", "wardian-service"),
            edge("wardian-service", "wardian-sandbox"),
            edge("wardian-sandbox", "wardian-abi"),
            edge("wardian-sandbox", "wasmtime"),
            edge("wardian-service", "serde"),
            Edge {
                for_tests: true,
                ..edge("wardian-service", "wardian-testkit")
            },
            Edge {
                from_edge: true,
                ..edge("example-thumbnails", "wardian")
            },
        ];
        assert_eq!(check(&good), Vec::<Finding>::new());
    }

    #[test]
    fn a_binding_never_depends_on_another() {
        assert_eq!(check(&[edge("wardian-policy", "wardian-service")]).len(), 1);
    }

    #[test]
    fn backward_edges_are_found() {
        assert_eq!(
            check(&[
                edge("wardian-abi", "wardian-sandbox"),
                edge("wardian", "wardian-cli")
            ])
            .len(),
            2
        );
    }

    #[test]
    fn only_the_sandbox_knows_the_engine() {
        let bad = [
            edge("wardian-service", "wasmtime"),
            edge("wardian-cli", "cranelift-codegen"),
            edge("wardian-cli", "wasmtime-wizer"),
        ];
        assert_eq!(check(&bad).len(), 3);
        assert_eq!(
            check(&[Edge {
                for_tests: true,
                ..edge("wardian-service", "wasmtime")
            }])
            .len(),
            1
        );
    }

    #[test]
    fn the_testkit_and_native_guests_are_for_tests() {
        assert_eq!(
            check(&[edge("wardian-service", "wardian-guest-image")]).len(),
            1
        );
        let oracle = Edge {
            for_tests: true,
            ..edge("wardian-service", "wardian-guest-image")
        };
        assert!(check(&[oracle]).is_empty());
        assert_eq!(check(&[edge("wardian-cli", "wardian-testkit")]).len(), 1);
        assert!(check(&[edge("wardian-testkit", "wardian-guest-image")]).is_empty());
    }

    #[test]
    fn nobody_depends_on_a_crate_without_a_layer() {
        assert_eq!(
            check(&[
                edge("wardian-cli", "wardian-novelty"),
                edge("wardian-novelty", "wardian-abi")
            ])
            .len(),
            2
        );
        assert_eq!(check(&[edge("wardian-cli", "xtask")]).len(), 1);
    }
}
