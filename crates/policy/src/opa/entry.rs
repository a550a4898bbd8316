//! Which of a policy's entrypoints is asked.

use std::collections::BTreeMap;

use super::OpaProblem;

/// The id of an entrypoint by its name, such as `app/allow`, from what `policy_entrypoints` answered. A dot stands for a
/// slash, and `data.` before the name is ignored. Without a name, the only one there is.
///
/// # Errors
/// [`OpaProblem::List`], and [`OpaProblem::Entrypoint`] with the names of all.
pub fn entrypoint(entrypoints: &[u8], wanted: Option<&str>) -> Result<u32, OpaProblem> {
    let known: BTreeMap<String, u32> =
        serde_json::from_slice(entrypoints).map_err(|source| OpaProblem::List {
            of: "entrypoints",
            source,
        })?;
    let found = match wanted {
        Some(name) => known.get(name).or_else(|| known.get(&slashed(name))),
        None if known.len() == 1 => known.values().next(),
        None => None,
    };
    found.copied().ok_or_else(|| OpaProblem::Entrypoint {
        wanted: wanted.map(str::to_owned),
        known: known.into_keys().collect(),
    })
}

fn slashed(name: &str) -> String {
    name.strip_prefix("data.").unwrap_or(name).replace('.', "/")
}
