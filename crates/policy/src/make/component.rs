//! Makes a policy's component of a core module, and looks whether it is one.
//!
//! - in: a core module that says its world itself, as `wit-bindgen` has it do, or one that says none and is taken for ours.
//! - out: a component that exports `wardian:policy/checker@1.0.0` with our types, and nothing else.
//! - never: an import, not even of types.

use wit_component::{
    ComponentEncoder, DecodedWasm, StringEncoding, decode, embed_component_metadata, targets,
};
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

/// The world of policies, for whoever writes one.
pub const POLICY_WIT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/wit/policy.wit"));
/// What a policy's component exports.
pub const CHECKER: &str = "wardian:policy/checker@1.0.0";

const WORLD: &str = "policy";
/// What tools put a module's world into; each adds a suffix of its own.
const WORLD_SECTION: &str = "component-type";

/// Why a module makes no component of a policy.
#[derive(Debug, thiserror::Error)]
pub enum ComponentizeError {
    /// It cannot be read, or is a component already.
    #[error("not a core module: {0}")]
    NotAModule(String),
    /// The encoder refuses it: it lacks an export of its world, or has an import that its world does not.
    #[error("no component can be made of the module: {0}")]
    Encode(String),
    /// It wants something, and a policy gets nothing.
    #[error("the policy imports {}, and a policy imports nothing", .0.join(", "))]
    Imports(Vec<String>),
    /// It exports something else.
    #[error("the policy exports {}, and not `{CHECKER}` alone", listed(.0))]
    Exports(Vec<String>),
    /// The interface is there with other types.
    #[error("the policy's `{CHECKER}` is another than that of this version: {0}")]
    Types(String),
    /// The world that this library carries cannot be read: its own fault.
    #[error("the world of policies cannot be read: {0}")]
    World(String),
}

/// Makes a component of a core module. The core module is kept as it is, exports that the world does not know among it.
///
/// # Errors
/// [`ComponentizeError`]: it is none of a policy.
pub fn componentize(core: &[u8]) -> Result<Vec<u8>, ComponentizeError> {
    let (resolve, world) = world()?;
    let mut core = core.to_vec();
    if !says_its_world(&core)? {
        embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8)
            .map_err(|e| ComponentizeError::World(chain(&e)))?;
    }
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&core)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|e| ComponentizeError::Encode(chain(&e)))?;
    check(&component, &resolve, world)?;
    Ok(component)
}

/// Looks whether a component is one of a policy: our export, nothing besides, and no import.
///
/// # Errors
/// [`ComponentizeError`]: it is not.
pub fn check_component(component: &[u8]) -> Result<(), ComponentizeError> {
    let (resolve, world) = world()?;
    check(component, &resolve, world)
}

fn world() -> Result<(Resolve, WorldId), ComponentizeError> {
    let mut resolve = Resolve::default();
    let world = resolve
        .push_source("policy.wit", POLICY_WIT)
        .and_then(|package| resolve.select_world(&[package], Some(WORLD)));
    match world {
        Ok(world) => Ok((resolve, world)),
        Err(e) => Err(ComponentizeError::World(chain(&e))),
    }
}

fn says_its_world(core: &[u8]) -> Result<bool, ComponentizeError> {
    let unreadable = |e: &dyn std::fmt::Display| ComponentizeError::NotAModule(e.to_string());
    let mut says = false;
    for payload in wasmparser::Parser::new(0).parse_all(core) {
        match payload.map_err(|e| unreadable(&e))? {
            wasmparser::Payload::Version { encoding, .. }
                if encoding != wasmparser::Encoding::Module =>
            {
                return Err(unreadable(&"it is a component"));
            }
            wasmparser::Payload::CustomSection(section) => {
                says |= section.name().starts_with(WORLD_SECTION);
            }
            _ => {}
        }
    }
    Ok(says)
}

fn check(component: &[u8], resolve: &Resolve, world: WorldId) -> Result<(), ComponentizeError> {
    let decoded = decode(component).map_err(|e| ComponentizeError::Encode(chain(&e)))?;
    let (found, its) = match decoded {
        DecodedWasm::Component(found, its) => (found, its),
        DecodedWasm::WitPackage(..) => return Err(ComponentizeError::Exports(Vec::new())),
    };
    let Some(its) = found.worlds.get(its) else {
        return Err(ComponentizeError::Exports(Vec::new()));
    };
    if !its.imports.is_empty() {
        return Err(ComponentizeError::Imports(names(
            &found,
            its.imports.iter(),
        )));
    }
    let exports = names(&found, its.exports.iter());
    if exports != [CHECKER] {
        return Err(ComponentizeError::Exports(exports));
    }
    targets(resolve, world, component).map_err(|e| ComponentizeError::Types(chain(&e)))
}

fn names<'a>(
    resolve: &Resolve,
    items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> Vec<String> {
    items.map(|(key, _)| resolve.name_world_key(key)).collect()
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    }
}

/// All that an error says, from the outermost on.
fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}")
}
