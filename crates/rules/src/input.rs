//! What is asked: who, what, to which resource, where and when.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::problem::{At, Flaw, Gathered, Problems};
use crate::tree::{Tree, take};

/// Bytes of an input as JSON.
pub const INPUT_BYTES_MAX: usize = 1 << 20;

/// A question. What the built-in rules do not look at is for policies of somebody else's.
#[derive(Clone, Debug, PartialEq)]
pub struct Input<'t> {
    /// Who asks; anonymous where nobody is named.
    pub actor: Actor<'t>,
    /// What is to be done, such as `db.write`.
    pub action: Cow<'t, str>,
    /// What it is done to.
    pub resource: Option<Resource<'t>>,
    /// A digest of the arguments, of the host's own making.
    pub args_hash: Option<Cow<'t, str>>,
    /// Where it is asked.
    pub env: Env<'t>,
    /// When, in nanoseconds since 1970; 0 where it is not said.
    pub timestamp_ns: u64,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Actor<'t> {
    /// `{"kind": "anonymous"}`
    #[default]
    Anonymous,
    /// `{"kind": "user", "id": …}`
    User(Cow<'t, str>),
    /// `{"kind": "service", "id": …}`
    Service(Cow<'t, str>),
    /// `{"kind": "compiler_tool", "id": …}`
    CompilerTool(Cow<'t, str>),
}

/// What something is done to.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource<'t> {
    /// Its kind, such as `sql_query`.
    pub kind: Cow<'t, str>,
    /// Its id.
    pub id: Option<Cow<'t, str>>,
    /// What else is known of it.
    pub attributes: Option<Map<String, Value>>,
}

/// Where it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Env<'t> {
    /// The service; `wardian` where it is not said.
    pub service: Cow<'t, str>,
    /// `dev`, `test`, `prod` or another; `prod` where it is not said.
    pub mode: Cow<'t, str>,
}

impl Default for Env<'_> {
    fn default() -> Self {
        Env {
            service: Cow::Borrowed("wardian"),
            mode: Cow::Borrowed("prod"),
        }
    }
}

impl<'t> Input<'t> {
    /// An anonymous question about a resource.
    ///
    /// ```
    /// let input = wardian_rules::Input::new("env.read", "env_var", "HOME");
    /// assert_eq!(input.env.mode, "prod");
    /// ```
    #[must_use]
    pub fn new(
        action: impl Into<Cow<'t, str>>,
        kind: impl Into<Cow<'t, str>>,
        id: impl Into<Cow<'t, str>>,
    ) -> Input<'t> {
        Input {
            actor: Actor::default(),
            action: action.into(),
            resource: Some(Resource {
                kind: kind.into(),
                id: Some(id.into()),
                attributes: None,
            }),
            args_hash: None,
            env: Env::default(),
            timestamp_ns: 0,
        }
    }

    /// Reads a question. Strict: a member that is not known, is there twice, or is of another type makes it none.
    ///
    /// # Errors
    /// [`Problems`]; to a checker that is `malformed_input`.
    pub fn from_json(text: &'t [u8]) -> Result<Input<'t>, Problems> {
        let mut problems = Gathered::default();
        let read = Tree::read(text, INPUT_BYTES_MAX, &mut problems)
            .and_then(|tree| input(tree, &mut problems));
        problems.end(read)
    }
}

type Members<'t> = Vec<(Cow<'t, str>, Tree<'t>)>;

fn input<'t>(tree: Tree<'t>, problems: &mut Gathered) -> Option<Input<'t>> {
    const KNOWN: [&str; 6] = [
        "actor",
        "action",
        "resource",
        "args_hash",
        "env",
        "timestamp_ns",
    ];
    let top = At::Top;
    let mut members = tree.members(&KNOWN, &top, problems)?;
    let actor = match take(&mut members, "actor") {
        Some(found) => actor(found, &At::Member(&top, "actor"), problems),
        None => Some(Actor::default()),
    };
    let action = required(&mut members, "action", &top, problems);
    let resource = match take(&mut members, "resource") {
        None | Some(Tree::Null) => Some(None),
        Some(found) => resource(found, &At::Member(&top, "resource"), problems).map(Some),
    };
    let args_hash = optional(&mut members, "args_hash", &top, problems);
    let env = match take(&mut members, "env") {
        Some(found) => env(found, &At::Member(&top, "env"), problems),
        None => Some(Env::default()),
    };
    let timestamp_ns = match take(&mut members, "timestamp_ns") {
        Some(found) => timestamp(&found, &At::Member(&top, "timestamp_ns"), problems),
        None => Some(0),
    };
    Some(Input {
        actor: actor?,
        action: action?,
        resource: resource?,
        args_hash: args_hash?,
        env: env?,
        timestamp_ns: timestamp_ns?,
    })
}

fn actor<'t>(tree: Tree<'t>, at: &At<'_>, problems: &mut Gathered) -> Option<Actor<'t>> {
    let mut members = tree.members(&["kind", "id"], at, problems)?;
    let kind = required(&mut members, "kind", at, problems)?;
    let make: fn(Cow<'t, str>) -> Actor<'t> = match &*kind {
        "anonymous" => {
            if take(&mut members, "id").is_some() {
                problems.add(at, Flaw::Unknown("id".into()));
            }
            return Some(Actor::Anonymous);
        }
        "user" => Actor::User,
        "service" => Actor::Service,
        "compiler_tool" => Actor::CompilerTool,
        _ => {
            let flaw = Flaw::NotAllowed {
                found: kind.into_owned(),
                wanted: "anonymous, user, service or compiler_tool",
            };
            problems.add(&At::Member(at, "kind"), flaw);
            return None;
        }
    };
    required(&mut members, "id", at, problems).map(make)
}

fn resource<'t>(tree: Tree<'t>, at: &At<'_>, problems: &mut Gathered) -> Option<Resource<'t>> {
    let mut members = tree.members(&["kind", "id", "attributes"], at, problems)?;
    let kind = required(&mut members, "kind", at, problems);
    let id = optional(&mut members, "id", at, problems);
    let attributes = match take(&mut members, "attributes") {
        None | Some(Tree::Null) => Some(None),
        Some(Tree::Object(found)) => {
            let each =
                |(key, value): (Cow<'t, str>, Tree<'t>)| (key.into_owned(), value.into_value());
            Some(Some(found.into_iter().map(each).collect()))
        }
        Some(other) => {
            other.is_not("an object", &At::Member(at, "attributes"), problems);
            None
        }
    };
    Some(Resource {
        kind: kind?,
        id: id?,
        attributes: attributes?,
    })
}

fn env<'t>(tree: Tree<'t>, at: &At<'_>, problems: &mut Gathered) -> Option<Env<'t>> {
    let mut members = tree.members(&["service", "mode"], at, problems)?;
    let mut text = |name: &str, default: Cow<'t, str>| match take(&mut members, name) {
        Some(found) => found.text(&At::Member(at, name), problems),
        None => Some(default),
    };
    let Env { service, mode } = Env::default();
    let (service, mode) = (text("service", service), text("mode", mode));
    Some(Env {
        service: service?,
        mode: mode?,
    })
}

fn timestamp(tree: &Tree<'_>, at: &At<'_>, problems: &mut Gathered) -> Option<u64> {
    let number = match tree {
        Tree::Number(number) => number.as_u64(),
        _ => None,
    };
    if number.is_none() {
        tree.is_not("a whole number from 0 to 2⁶⁴ − 1", at, problems);
    }
    number
}

fn required<'t>(
    members: &mut Members<'t>,
    name: &'static str,
    at: &At<'_>,
    problems: &mut Gathered,
) -> Option<Cow<'t, str>> {
    match take(members, name) {
        Some(found) => found.text(&At::Member(at, name), problems),
        None => {
            problems.add(at, Flaw::Missing(name));
            None
        }
    }
}

/// A text that may be missing or null; none is a problem.
fn optional<'t>(
    members: &mut Members<'t>,
    name: &'static str,
    at: &At<'_>,
    problems: &mut Gathered,
) -> Option<Option<Cow<'t, str>>> {
    match take(members, name) {
        None | Some(Tree::Null) => Some(None),
        Some(found) => found.text(&At::Member(at, name), problems).map(Some),
    }
}
