//! The built-in policy decision a second time: tables written from the contract alone, to judge what `wardian-rules` says,
//! natively and as a guest; golden fixtures; and generated cases.

mod generate;

pub use generate::case;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Action, resource kind, section, and in the form of files the section and its list.
const ACTIONS: [(&str, &str, &str, &str, &str); 6] = [
    ("env.read", "env_var", "env", "env", "allow"),
    (
        "cache.read",
        "namespace",
        "cache",
        "cache",
        "allow_namespaces",
    ),
    (
        "cache.write",
        "namespace",
        "cache",
        "cache",
        "allow_namespaces",
    ),
    ("db.read", "sql_query", "sql", "sql", "allow_queries"),
    ("db.write", "sql_query", "sql", "sql", "allow_queries"),
    ("http.outbound", "host", "hosts", "egress", "allow_hosts"),
];

/// What a member of an input may be.
#[derive(Clone, Copy)]
enum Is {
    Text,
    /// Null is as good as nothing.
    TextOrNull,
    Natural,
    ObjectOrNull,
    Object,
}

/// Where, by which name, what it is, whether it must be there.
const MEMBERS: [(&str, &str, Is, bool); 13] = [
    ("", "actor", Is::Object, false),
    ("", "action", Is::Text, true),
    ("", "resource", Is::ObjectOrNull, false),
    ("", "args_hash", Is::TextOrNull, false),
    ("", "env", Is::Object, false),
    ("", "timestamp_ns", Is::Natural, false),
    ("/actor", "kind", Is::Text, true),
    ("/actor", "id", Is::Text, false),
    ("/resource", "kind", Is::Text, true),
    ("/resource", "id", Is::TextOrNull, false),
    ("/resource", "attributes", Is::ObjectOrNull, false),
    ("/env", "service", Is::Text, false),
    ("/env", "mode", Is::Text, false),
];

/// Kinds of actors, and whether they have an id.
const ACTORS: [(&str, bool); 4] = [
    ("anonymous", false),
    ("user", true),
    ("service", true),
    ("compiler_tool", true),
];

/// A case with its answer.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The name of its file.
    pub name: String,
    /// What is asked.
    pub input: Value,
    /// The document.
    pub policy: Value,
    /// The answer.
    pub expected: Value,
}

/// Where the golden fixtures lie.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policy")
}

/// All golden fixtures, by name.
///
/// # Errors
/// A file that cannot be read or is none.
pub fn fixtures() -> std::io::Result<Vec<Fixture>> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder())? {
        let path = file?.path();
        let mut read: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let stem = path.file_stem().unwrap_or_default();
        all.push(Fixture {
            name: stem.to_string_lossy().into_owned(),
            input: read["input"].take(),
            policy: read["policy"].take(),
            expected: read["expected"].take(),
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// What has to be answered to a question under a policy that is one.
#[must_use]
pub fn judge(input: &Value, policy: &Value) -> &'static str {
    if !is_input(input) {
        return r#"{"kind":"deny","reason":"malformed_input"}"#;
    }
    let Some(row) = ACTIONS.iter().find(|row| input["action"] == row.0) else {
        return r#"{"kind":"deny","reason":"unknown_action"}"#;
    };
    let id = input["resource"]["id"].as_str().unwrap_or_default();
    if id.is_empty() {
        return r#"{"kind":"deny","reason":"missing_resource"}"#;
    }
    if input["resource"]["kind"] != row.1 {
        return r#"{"kind":"deny","reason":"wrong_resource_kind"}"#;
    }
    match is_allowed(row, id, policy) {
        true => r#"{"kind":"allow"}"#,
        false => r#"{"kind":"deny","reason":"not_in_allowlist"}"#,
    }
}

fn is_allowed(row: &(&str, &str, &str, &str, &str), id: &str, policy: &Value) -> bool {
    let (action, _, section, file_section, file_list) = *row;
    let ways = [
        &policy[section],
        &policy[section]["allow"],
        &policy[file_section][file_list],
    ];
    let Some(list) = ways.into_iter().find_map(Value::as_array) else {
        return policy["default"] != "deny";
    };
    list.iter().any(|entry| {
        let name = entry.as_str().or(entry["query"].as_str());
        let same = name.is_some_and(|name| match section {
            "hosts" => name.eq_ignore_ascii_case(id),
            _ => name == id,
        });
        same && !(action == "db.write" && entry["read_only"] == true)
    })
}

fn is_input(input: &Value) -> bool {
    let fits = ["", "/actor", "/resource", "/env"].into_iter().all(|at| {
        let Some(found) = input.pointer(at).filter(|found| !found.is_null()) else {
            return !at.is_empty();
        };
        found.as_object().is_some_and(|object| {
            let known = |name: &String| MEMBERS.iter().any(|row| row.0 == at && row.1 == name);
            let rows = || MEMBERS.iter().filter(|row| row.0 == at);
            object.keys().all(known) && rows().all(|row| fits(object.get(row.1), row.2, row.3))
        })
    });
    fits && has_right_actor(input.get("actor"))
}

fn fits(found: Option<&Value>, is: Is, must_be: bool) -> bool {
    match (found, is) {
        (None, _) => !must_be,
        (Some(Value::Null), Is::TextOrNull | Is::ObjectOrNull) => true,
        (Some(found), Is::Text | Is::TextOrNull) => found.is_string(),
        (Some(found), Is::Natural) => found.is_u64(),
        (Some(found), Is::Object | Is::ObjectOrNull) => found.is_object(),
    }
}

fn has_right_actor(actor: Option<&Value>) -> bool {
    actor.is_none_or(|actor| {
        let row = ACTORS.iter().find(|row| actor["kind"] == row.0);
        row.is_some_and(|row| actor.get("id").is_some() == row.1)
    })
}
