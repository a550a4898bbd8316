//! A question on its way into the box: as JSON for core modules, as a record for components.

use std::io;

use serde::Serialize;
use wardian_rules::{Actor, Input};
use wardian_sandbox::Value;

/// The members in the contract's order; what is not there is not written.
#[derive(Serialize)]
struct Wire<'t> {
    actor: WireActor<'t>,
    action: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<WireResource<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args_hash: Option<&'t str>,
    env: WireEnv<'t>,
    timestamp_ns: u64,
}

#[derive(Serialize)]
struct WireActor<'t> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'t str>,
}

#[derive(Serialize)]
struct WireResource<'t> {
    kind: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'t serde_json::Map<String, serde_json::Value>>,
}

#[derive(Serialize)]
struct WireEnv<'t> {
    service: &'t str,
    mode: &'t str,
}

/// Kind and id of an actor, as JSON names them.
fn actor<'t>(actor: &'t Actor<'_>) -> (&'static str, Option<&'t str>) {
    match actor {
        Actor::Anonymous => ("anonymous", None),
        Actor::User(id) => ("user", Some(id)),
        Actor::Service(id) => ("service", Some(id)),
        Actor::CompilerTool(id) => ("compiler_tool", Some(id)),
    }
}

/// Writes a question as JSON, with this moment instead of its own.
pub(crate) fn write(input: &Input<'_>, timestamp_ns: u64, to: impl io::Write) -> io::Result<()> {
    let (kind, id) = actor(&input.actor);
    let wire = Wire {
        actor: WireActor { kind, id },
        action: &input.action,
        resource: input.resource.as_ref().map(|resource| WireResource {
            kind: &resource.kind,
            id: resource.id.as_deref(),
            attributes: resource.attributes.as_ref(),
        }),
        args_hash: input.args_hash.as_deref(),
        env: WireEnv {
            service: &input.env.service,
            mode: &input.env.mode,
        },
        timestamp_ns,
    };
    Ok(serde_json::to_writer(to, &wire)?)
}

/// A question as JSON, in one allocation where it is of a usual size.
pub(crate) fn to_json(input: &Input<'_>, timestamp_ns: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    write(input, timestamp_ns, &mut bytes)?;
    Ok(bytes)
}

/// A question as the record `input` of the WIT world.
pub(crate) fn to_value(input: &Input<'_>, timestamp_ns: u64) -> Value {
    let text = |text: &str| Value::String(text.into());
    let optional = |found: Option<&str>| Value::Option(found.map(|found| Box::new(text(found))));
    let (kind, id) = actor(&input.actor);
    let resource = input.resource.as_ref().map(|resource| {
        let attributes = resource.attributes.as_ref();
        // A map of texts and numbers is always written.
        let attributes = attributes.and_then(|map| serde_json::to_string(map).ok());
        Box::new(Value::Record(vec![
            ("kind".into(), text(&resource.kind)),
            ("id".into(), optional(resource.id.as_deref())),
            ("attributes".into(), optional(attributes.as_deref())),
        ]))
    });
    let env = vec![
        ("service".into(), text(&input.env.service)),
        ("mode".into(), text(&input.env.mode)),
    ];
    Value::Record(vec![
        (
            "actor".into(),
            Value::Variant(kind.replace('_', "-"), id.map(|id| Box::new(text(id)))),
        ),
        ("action".into(), text(&input.action)),
        ("resource".into(), Value::Option(resource)),
        ("args-hash".into(), optional(input.args_hash.as_deref())),
        ("env".into(), Value::Record(env)),
        ("timestamp-ns".into(), Value::U64(timestamp_ns)),
    ])
}
