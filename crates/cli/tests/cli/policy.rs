//! `wardian policy build`, `check` and `inspect`: artifacts of every source, and answers as exit codes.

use wardian_policy::artifact::{ArtifactMeta, write_section};

use crate::place::{Place, Ran};
use crate::snapshot;

pub const DOCUMENT: &str = r#"{"env": ["HOME"]}"#;
pub const HOME: &str = r#"{"action": "env.read", "resource": {"kind": "env_var", "id": "HOME"}}"#;
pub const TOKEN: &str = r#"{"action": "env.read", "resource": {"kind": "env_var", "id": "TOKEN"}}"#;
pub const ALLOW: &str = r#"{"kind":"allow"}"#;
const OPA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy/tests/opa/fixtures/");

/// An artifact that says this whatever it is asked.
pub fn saying(text: &str, meta: &ArtifactMeta) -> Vec<u8> {
    let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let wat = format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 0) "{escaped}")
            (func (export "alloc") (param i32) (result i32) i32.const 4096)
            (func (export "policy_check") (param i32 i32) (result i64) i64.const {}))"#,
        text.len()
    );
    let wasm = ::wat::parse_str(wat).expect("a module");
    write_section(&wasm, meta).expect("a section")
}

/// The same with a version.
pub fn versioned(text: &str, version: &str) -> Vec<u8> {
    let meta = ArtifactMeta {
        version: Some(version.parse().expect("a version")),
        ..ArtifactMeta::default()
    };
    saying(text, &meta)
}

pub fn place() -> Place {
    let place = Place::new();
    place.write("shop.json", DOCUMENT);
    place.write("home.json", HOME);
    place.write("token.json", TOKEN);
    place
}

/// Without what is said while something is compiled.
pub fn policy(place: &Place, line: &str) -> Ran {
    place.run(["-q", "policy"].into_iter().chain(line.split_whitespace()))
}

#[track_caller]
fn answers(place: &Place, line: &str, exit: i32, out: &str) {
    let ran = policy(place, line);
    assert_eq!(
        (ran.exit, ran.text().trim_end()),
        (Some(exit), out),
        "{line}: {}",
        ran.err
    );
}

#[test]
fn an_answer_is_an_exit_code() {
    let place = place();
    let denied = r#"{"kind":"deny","reason":"not_in_allowlist"}"#;
    let malformed = r#"{"kind":"deny","reason":"malformed_input"}"#;
    place.write("garbage.json", "{");
    place.write("yes.wasm", versioned(ALLOW, "1"));
    place.write("vague.wasm", versioned("perhaps", "1"));
    for (line, exit, out) in [
        ("shop.json --input home.json", 0, ALLOW),
        ("shop.json --input token.json", 1, denied),
        ("shop.json --input garbage.json", 1, malformed),
        ("shop.json --checker local --input token.json", 1, denied),
        ("shop.json --checker wasm --input home.json", 0, ALLOW),
        ("shop.json --checker wasm --input token.json", 1, denied),
        ("yes.wasm --input token.json", 0, ALLOW),
        ("yes.wasm --input garbage.json", 1, malformed),
        (
            "vague.wasm --input home.json",
            1,
            r#"{"kind":"deny","reason":"malformed_result"}"#,
        ),
        ("missing.json --input home.json", 3, ""),
        ("missing.wasm --input home.json", 3, ""),
        ("garbage.json --input home.json", 3, ""),
        ("shop.json --input missing.json", 3, ""),
        ("shop.json --input .", 3, ""),
        ("yes.wasm --checker local --input home.json", 2, ""),
        ("yes.wasm --checker opa --input home.json", 3, ""),
        ("shop.json --checker opa --input home.json", 2, ""),
        ("shop.json", 2, ""),
    ] {
        answers(&place, &format!("check --policy {line}"), exit, out);
    }
}

/// Whoever does not read the answer must not take the exit code for one that was heard.
#[test]
fn an_answer_that_nobody_reads_is_no_verdict() {
    let place = place();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let line = [
        "policy",
        "check",
        "--policy",
        "shop.json",
        "--input",
        "home.json",
    ];
    let mut command = place.command(line);
    command.stdout(std::process::Stdio::from(writer));
    let ended = command.status().expect("it runs");
    assert_eq!(ended.code(), Some(3));
}

#[test]
fn a_question_may_come_from_a_pipe_and_what_is_wrong_with_it_is_said() {
    let place = place();
    let line = ["policy", "check", "--policy", "shop.json", "--input", "-"];
    assert_eq!(
        place.run_with(line, HOME.as_bytes()).well().text().trim(),
        ALLOW
    );
    let asked = br#"{"action": "env.read", "colour\u001b[2J": 1, "resource": 3}"#;
    snapshot!(place.run_with(line, asked).whole(), @r#"
    exit: 1
    --- out
    {"kind":"deny","reason":"malformed_input"}
    --- err
    note: not a question: 2 problems
    the whole: unknown member `colour\u{1b}[2J`
    /resource: a number where an object belongs
    "#);
    place.write("yes.json", r#"{"env": 3, "colour": []}"#);
    let line = [
        "policy",
        "check",
        "--policy",
        "yes.json",
        "--input",
        "home.json",
    ];
    snapshot!(place.run(line).whole(), @r"
    exit: 3
    --- out
    --- err
    error: no verdict
      not a policy document
      2 problems
      the whole: unknown member `colour`
      /env: a number where a list or an object belongs
    ");
}

#[test]
fn what_a_host_allows_without_asking_is_noted() {
    let place = place();
    let meta = ArtifactMeta {
        static_actions: vec!["env.read".into()],
        ..ArtifactMeta::default()
    };
    place.write(
        "no.wasm",
        saying(r#"{"kind":"deny","reason":"closed"}"#, &meta),
    );
    let line = [
        "policy",
        "check",
        "--policy",
        "no.wasm",
        "--input",
        "home.json",
    ];
    snapshot!(place.run(line).whole(), @r#"
    exit: 1
    --- out
    {"kind":"deny","reason":"closed"}
    --- err
    note: `env.read` is declared static: a host allows it without asking
    "#);
}

#[test]
fn a_document_becomes_an_artifact() {
    let place = place();
    let line = "build shop.json --version 1.2.0 --pure --static cache.read,env.list -o shop.wasm";
    let built = policy(&place, line);
    assert_eq!((built.exit, built.err.as_str()), (Some(0), ""));
    assert!(
        built.text().contains("\nversion  1.2.0\n"),
        "{}",
        built.text()
    );
    answers(
        &place,
        "check --policy shop.wasm --input home.json",
        0,
        ALLOW,
    );
    let info = policy(&place, "inspect shop.wasm --json").well().json();
    assert_eq!(info["kind"], "core");
    assert_eq!(info["source"], "document");
    assert_eq!(
        (info["pure"].as_bool(), &info["signature"]),
        (Some(true), &serde_json::Value::Null)
    );
    assert_eq!(
        info["static"],
        serde_json::json!(["cache.read", "env.list"])
    );
    assert_eq!(info["imports"]["items"], serde_json::json!([]));
    assert!(
        built
            .text()
            .contains(info["digest"].as_str().expect("text"))
    );

    let refused = policy(&place, "build shop.json -o shop.wasm");
    snapshot!(refused.whole(), @r"
    exit: 1
    --- out
    --- err
    error: `shop.wasm` exists
    hint: use `--force` to overwrite it, or choose another name
    ");
    let line = "build shop.json --form component -o shop.wasm --force --json";
    let json = policy(&place, line).well().json();
    assert_eq!(json["bytes"], place.read("shop.wasm").len());
    let info = policy(&place, "inspect shop.wasm --json").well().json();
    assert_eq!(
        (&info["kind"], &info["digest"]),
        (&"component".into(), &json["digest"])
    );
    answers(
        &place,
        "check --policy shop.wasm --input home.json",
        0,
        ALLOW,
    );
    assert_eq!(
        place.names(),
        ["home.json", "shop.json", "shop.wasm", "token.json"]
    );
}

#[test]
fn an_artifact_goes_into_a_pipe_alone() {
    let place = place();
    let ran = policy(&place, "build shop.json -o -").well();
    assert!(ran.out.starts_with(b"\0asm"));
    assert_eq!(policy(&place, "build shop.json -o - --json").exit, Some(2));
}

#[test]
fn all_that_is_wrong_with_a_source_is_said_and_nothing_is_written() {
    let place = place();
    place.write(
        "bad.json",
        r#"{"env": 3, "colour": [], "default": "maybe"}"#,
    );
    snapshot!(policy(&place, "build bad.json -o out.wasm").whole(), @r"
    exit: 14
    --- out
    --- err
    error: not a policy document
      3 problems
      the whole: unknown member `colour`
      /default: `maybe` is not allow or deny
      /env: a number where a list or an object belongs
    ");
    place.write("a.rego", "package a\nallow if {");
    place.write("b.rego", "package b\nx := := 1");
    snapshot!(policy(&place, "build a.rego b.rego -o out.wasm").whole(), @r"
    exit: 14
    --- out
    --- err
    error: no policy is made of the Rego
      a.rego:2:11: expecting expression
      b.rego:2:6: expecting expression
    ");
    place.write("plain.wasm", versioned(ALLOW, "1"));
    snapshot!(policy(&place, "build plain.wasm -o out.wasm").whole(), @r"
    exit: 14
    --- out
    --- err
    error: module was not compiled by OPA: it exports no global `opa_wasm_abi_version`
    hint: `opa build -t wasm -e <entrypoint>` writes one, as `policy.wasm` of the bundle
    ");
    std::fs::create_dir(place.path("empty")).expect("a new folder");
    snapshot!(policy(&place, "build empty -o out.wasm").whole(), @r"
    exit: 1
    --- out
    --- err
    error: there is no Cargo.toml and no `.rego` file in `empty`
    ");
    nothing_is_written(&place);
}

fn nothing_is_written(place: &Place) {
    let names = place.names();
    let written = names
        .iter()
        .any(|name| name.contains("out") || name.contains("part"));
    assert!(!written, "{names:?}");
}

#[test]
fn a_build_that_makes_no_sense_is_refused_and_nothing_is_written() {
    let place = place();
    place.write("a.rego", "package a\nallow if {");
    snapshot!(policy(&place, "build notes.txt -o out.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: `notes.txt` is nothing that a policy is made of
    hint: name a `.json` document, `.rego` files or a folder of them, a folder with a Cargo.toml, or a `.wasm` that OPA compiled
    ");
    snapshot!(policy(&place, "build a.rego shop.json -o out.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: `shop.json` is not Rego, and of several files each must be
    hint: name one document, crate or module alone
    ");
    snapshot!(policy(&place, "build shop.json --data home.json -o out.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: `--data` is nothing for a policy of a document
    hint: leave it out
    ");
    snapshot!(policy(&place, "build a.rego --form component -o out.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: `--form component` is nothing for a policy of Rego
    hint: leave it out
    ");
    snapshot!(policy(&place, "build shop.json --static Not$An -o out.wasm").whole(), @r"
    exit: 2
    --- out
    --- err
    error: `--static` cannot be kept: custom section `wardian:policy`: `Not$An` is no action's name
    hint: write actions such as `cache.read`, each once
    ");
    for line in [
        "build shop.json -o nowhere/out.wasm",
        "build missing.json -o out.wasm",
    ] {
        assert_eq!(policy(&place, line).exit, Some(1), "{line}");
    }
    for line in [
        "build shop.json -o .",
        "build -o out.wasm",
        "build shop.json --version 1/2 -o x",
    ] {
        assert_eq!(policy(&place, line).exit, Some(2), "{line}");
    }
    nothing_is_written(&place);
}

#[test]
fn rego_becomes_an_artifact() {
    let place = place();
    std::fs::create_dir_all(place.path("rules/deep")).expect("new folders");
    place.write(
        "rules/shop.rego",
        "package wardian.policy\n\
         default decision := {\"kind\": \"deny\", \"reason\": \"not_listed\"}\n\
         decision := {\"kind\": \"allow\"} if data.lib.listed[input.resource.id]\n",
    );
    // Found although it lies deeper.
    place.write(
        "rules/deep/lib.rego",
        "package lib\nlisted contains name if some name in data.names\n",
    );
    place.write("data.json", r#"{"names": ["HOME"]}"#);
    let built = policy(
        &place,
        "build rules --data data.json --version 2.0 -o rego.wasm",
    );
    assert_eq!(built.exit, Some(0), "{}", built.err);
    answers(
        &place,
        "check --policy rego.wasm --input home.json",
        0,
        ALLOW,
    );
    let denied = r#"{"kind":"deny","reason":"not_listed"}"#;
    answers(
        &place,
        "check --policy rego.wasm --input token.json",
        1,
        denied,
    );
    let info = policy(&place, "inspect rego.wasm --json").well().json();
    assert_eq!(
        (&info["source"], &info["version"]),
        (&"rego".into(), &"2.0".into())
    );
}

#[test]
fn what_opa_compiled_becomes_an_artifact() {
    let place = place();
    let built = policy(&place, &format!("build {OPA}allow.wasm -o allow.wasm"));
    assert_eq!(built.exit, Some(0), "{}", built.err);
    let denied = r#"{"kind":"deny","reason":"denied"}"#;
    answers(
        &place,
        "check --policy allow.wasm --input home.json",
        1,
        denied,
    );
    place.write(
        "data.json",
        r#"{"blocked_tags": [], "prefixes": {"u1": ["a/"]}}"#,
    );
    let line = format!(
        "build {OPA}decision.wasm --entrypoint gate/decision --data data.json -o decision.wasm"
    );
    let built = policy(&place, &line);
    assert_eq!(built.exit, Some(0), "{}", built.err);
    place.write(
        "cache.json",
        r#"{"actor": {"kind": "user", "id": "u1"}, "action": "cache.read",
            "resource": {"kind": "namespace", "id": "a/1", "attributes": {"tags": ["z"]}}}"#,
    );
    answers(
        &place,
        "check --policy decision.wasm --input cache.json",
        0,
        ALLOW,
    );
    let denied = r#"{"kind":"deny","reason":"no_rule"}"#;
    answers(
        &place,
        "check --policy decision.wasm --input home.json",
        1,
        denied,
    );
    let line = format!("build {OPA}decision.wasm --entrypoint gate/other -o other.wasm");
    snapshot!(policy(&place, &line).whole(), @r"
    exit: 14
    --- out
    --- err
    error: policy has no entrypoint `gate/other`; it has `gate/decision`
    ");
}

#[test]
fn a_crate_becomes_a_component_that_decides() {
    let place = place();
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../guests/policies/rust-example"
    );
    let mut command = place.command(["-q", "policy", "build", example, "-o", "crate.wasm"]);
    // Cargo's own folders are those of whoever runs the tests.
    if let Some(home) = std::env::var_os("HOME") {
        command.env("HOME", home);
    }
    let ran = place.ran(command.output().expect("the binary starts"));
    assert_eq!((ran.exit, ran.err.as_str()), (Some(0), ""));
    let alice = r#"{"action": "env.read", "actor": {"kind": "user", "id": "alice"}}"#;
    place.write("alice.json", alice);
    let line = "check --policy crate.wasm --input";
    answers(&place, &format!("{line} alice.json"), 0, ALLOW);
    let unknown = r#"{"kind":"deny","reason":"sign_in_first"}"#;
    answers(&place, &format!("{line} home.json"), 1, unknown);
}

#[test]
fn a_folder_that_is_no_crate_that_builds_is_told_as_such() {
    let place = place();
    std::fs::create_dir_all(place.path("crate/src")).expect("new folders");
    place.write("crate/Cargo.toml", "[package]\nname = 3\n");
    let ran = policy(&place, "build crate -o out.wasm");
    assert_eq!(ran.exit, Some(14), "{}", ran.err);
    assert!(
        ran.err
            .starts_with("error: no policy is made of the crate\n"),
        "{}",
        ran.err
    );
    assert_eq!(
        policy(&place, "build crate --form core -o out.wasm").exit,
        Some(2)
    );
}
