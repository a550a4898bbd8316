//! The document that is loaded: modules, data, and the rule that decides.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::problem::Problems;

/// Bytes of a document.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;

/// Modules of a document.
pub const MODULES_MAX: usize = 200;

/// A document as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document<'d> {
    /// Such as `data.wardian.policy.decision`.
    pub(crate) entrypoint: String,
    pub(crate) modules: Vec<Module>,
    /// Read where it is needed: the compiler's copy of it is thrown away.
    #[serde(borrow, default)]
    pub(crate) data: Option<&'d RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) source: String,
}

impl<'d> Document<'d> {
    pub(crate) fn read(json: &'d [u8]) -> Result<Document<'d>, Problems> {
        if json.len() > DOCUMENT_BYTES_MAX {
            let bytes = json.len();
            return Err(Problems::one(format!(
                "document: {bytes} bytes, allowed {DOCUMENT_BYTES_MAX}"
            )));
        }
        let document: Document<'d> = serde_json::from_slice(json)
            .map_err(|error| Problems::one(format!("document: {error}")))?;
        let mut problems = Problems::default();
        if !document.entrypoint.starts_with("data.") {
            problems.add("entrypoint: it is not below `data.`".into());
        }
        match document.modules.len() {
            0 => problems.add("modules: there are none".into()),
            1..=MODULES_MAX => {}
            count => problems.add(format!("modules: {count} entries, allowed {MODULES_MAX}")),
        }
        let mut names: Vec<_> = document
            .modules
            .iter()
            .map(|module| &*module.name)
            .collect();
        names.sort_unstable();
        for twice in names.array_windows().filter(|[one, other]| one == other) {
            let [name, _] = twice;
            problems.add(format!("modules: `{}` is there twice", name.escape_debug()));
        }
        problems.none_or(document)
    }
}
