//! Questions and policies by the seed: small alphabets, so that they meet, and now and then something that is wrong.

use serde_json::{Map, Value, json};

use crate::random::Random;

const ACTIONS: [&str; 9] = [
    "env.read",
    "cache.read",
    "cache.write",
    "db.read",
    "db.write",
    "http.outbound",
    "http.inbound",
    "DB.read",
    "",
];
const KINDS: [&str; 6] = ["env_var", "namespace", "sql_query", "host", "Host", ""];
/// The first ones are not written in JSON as they are.
const IDS: [&str; 13] = [
    "\"",
    "\\",
    "\0",
    "\u{1f980}\n",
    "a",
    "A",
    "b",
    "a.b",
    "A.B",
    "é",
    "É",
    "a ",
    "",
];

/// An input and a policy that is one.
#[must_use]
pub fn case(seed: u64) -> (Value, Value) {
    let mut random = Random(seed.wrapping_mul(0x1234_5678_9abc_def1));
    (input(&mut random), policy(&mut random))
}

fn input(random: &mut Random) -> Value {
    let action = *random.pick(&ACTIONS);
    let mut input = json!({ "action": action });
    if !one_in(8, random) {
        // Mostly the kind that the action is about.
        let kind = match action.split('.').next() {
            Some("env") if !one_in(4, random) => "env_var",
            Some("cache") if !one_in(4, random) => "namespace",
            Some("db") if !one_in(4, random) => "sql_query",
            Some("http") if !one_in(4, random) => "host",
            _ => random.pick(&KINDS),
        };
        input["resource"] = json!({ "kind": kind });
        if !one_in(8, random) {
            input["resource"]["id"] = (*random.pick(&IDS)).into();
        }
        if one_in(4, random) {
            input["resource"]["attributes"] = json!({"kind": "host", "n": random.below(5)});
        }
    }
    if one_in(3, random) {
        let kind = *random.pick(&["user", "service", "compiler_tool"]);
        input["actor"] = json!({"kind": kind, "id": random.pick(&IDS)});
    }
    if one_in(3, random) {
        input["env"] = json!({"mode": random.pick(&IDS)});
    }
    if one_in(3, random) {
        input["timestamp_ns"] = random.bits().into();
    }
    if one_in(6, random) {
        spoil(&mut input, random);
    }
    input
}

/// Puts something in a place where it may or may not belong.
fn spoil(input: &mut Value, random: &mut Random) {
    let pieces = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!("anonymous"),
        json!([]),
        json!({}),
        json!({"kind": "anonymous"}),
        json!({"kind": "user"}),
    ];
    let piece = random.pick(&pieces).clone();
    let above = *random.pick(&["", "", "/resource", "/actor", "/env"]);
    let names = [
        "action",
        "resource",
        "actor",
        "env",
        "args_hash",
        "timestamp_ns",
        "kind",
        "id",
        "attributes",
        "mode",
        "service",
        "other",
    ];
    let name = *random.pick(&names);
    let Some(Value::Object(members)) = input.pointer_mut(above) else {
        return;
    };
    if one_in(3, random) {
        members.remove(name);
    } else {
        members.insert(name.into(), piece);
    }
}

fn policy(random: &mut Random) -> Value {
    let mut policy = Map::new();
    if one_in(3, random) {
        let default = *random.pick(&["deny", "allow"]);
        policy.insert("default".into(), default.into());
    }
    for (section, file_section, file_list) in [
        ("env", "env", "allow"),
        ("cache", "cache", "allow_namespaces"),
        ("sql", "sql", "allow_queries"),
        ("hosts", "egress", "allow_hosts"),
    ] {
        let list = list(section == "sql", random);
        let (name, said) = match random.below(4) {
            0 => continue,
            1 => (section, list),
            2 => (section, json!({ "allow": list })),
            _ => (file_section, json!({ file_list: list })),
        };
        policy.insert(name.into(), said);
    }
    Value::Object(policy)
}

fn list(of_queries: bool, random: &mut Random) -> Value {
    let count = random.below(4);
    let mut list = Vec::new();
    for _ in 0..count {
        let id = *random.pick(&IDS[..IDS.len() - 1]);
        // An id is read-only everywhere or nowhere: else it is no policy.
        list.push(match of_queries && id.len() == 1 {
            true => json!({"query": id, "read_only": id == "a"}),
            false => id.into(),
        });
    }
    list.into()
}

fn one_in(count: usize, random: &mut Random) -> bool {
    random.below(count) == 0
}
