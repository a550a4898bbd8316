//! Guards in five languages, each asked the same in a new instance every time; and one by hand that is only a buffer.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;
use std::time::Duration;

use wardian_sandbox::{
    Binding, Call, CallError, Contract, Limit, Limits, Linked, Outcome, Sandbox, SandboxConfig,
    Source,
};
use wardian_testkit::guests::guards::cases::{Case, cases};
use wardian_testkit::guests::guards::{Guard, by_hand, guards};

/// Of requests whatever they say, this many bytes are read with a guard's fuel in every language.
const BYTES_IN_DEFAULT_FUEL: usize = 16 << 10;
/// What a request of 1 MiB may take in the slowest language.
const FUEL_FOR_LARGE: u64 = 2_000_000_000;
/// Of WASI's functions, all of them deny-all.
const HOST_CALLS_OF_A_RUNTIME: u64 = 100;

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxConfig {
        instances_max: 8,
        ..SandboxConfig::default()
    })
    .unwrap()
}

fn linked(sandbox: &Sandbox, name: &str, module: Vec<u8>) -> Linked<()> {
    let module = sandbox.load_blocking(Source::new(name, module)).unwrap();
    module.link(&Binding::new(Contract::guard())).unwrap()
}

/// A guard's limits, but time enough for a machine that is busy, and calls to the host: Go's runtime asks WASI for time
/// and random numbers before anything else, and is told nothing of this world.
fn limits(request: &[u8]) -> Limits {
    let large = request.len() > BYTES_IN_DEFAULT_FUEL;
    let seconds = if large { 20 } else { 1 };
    let small = Limits::small(Duration::from_secs(seconds));
    Limits {
        fuel: if large {
            Some(FUEL_FOR_LARGE)
        } else {
            small.fuel
        },
        host_calls_max: HOST_CALLS_OF_A_RUNTIME,
        ..small
    }
}

fn ask(guard: &Linked<()>, request: &[u8]) -> Outcome {
    let call = Call::bytes("eval", request.to_vec()).limits(limits(request));
    guard.call_blocking(call)
}

/// Whether it passes; a block must say why.
fn verdict(outcome: &Outcome) -> Result<bool, String> {
    let answer = outcome.result.as_ref().map_err(ToString::to_string)?;
    let text = String::from_utf8_lossy(answer.bytes()).into_owned();
    let answer: serde_json::Value =
        serde_json::from_slice(answer.bytes()).map_err(|error| format!("{error}: {text:?}"))?;
    match (&answer["ok"], &answer["reason"]) {
        (serde_json::Value::Bool(true), serde_json::Value::Null) => Ok(true),
        (serde_json::Value::Bool(false), serde_json::Value::String(reason))
            if !reason.is_empty() =>
        {
            Ok(false)
        }
        _ => Err(text),
    }
}

/// The cases that a guard gets wrong; the most memory and fuel of a small call go to standard output.
fn wrong(sandbox: &Sandbox, guard: &Guard, cases: &[Case]) -> Vec<String> {
    let module = std::fs::read(&guard.path).unwrap();
    let bytes = module.len();
    let linked = linked(sandbox, guard.language, module);
    let mut wrong = Vec::new();
    let (mut memory, mut host_calls) = (0, 0);
    for case in cases {
        let length = u64::try_from(case.request.len()).unwrap();
        if guard.request_bytes_max.is_some_and(|max| length > max) {
            continue;
        }
        let outcome = ask(&linked, &case.request);
        memory = memory.max(outcome.usage.memory_peak_bytes);
        host_calls = host_calls.max(outcome.usage.host_calls);
        let found = verdict(&outcome);
        if found != Ok(case.passes) {
            let (language, name) = (guard.language, &case.name);
            wrong.push(format!(
                "{language}: {name}: {found:?} instead of passes = {}",
                case.passes
            ));
        }
    }
    let small = br#"{"context":{"status":"paid","total":40}}"#;
    let walls = (0..50).map(|_| ask(&linked, small).usage).map(|u| u.wall);
    let fastest = walls.min().unwrap();
    let fuel = ask(&linked, small).usage.fuel;
    let language = guard.language;
    println!(
        "{language}: {bytes} bytes, at most {memory} bytes of memory and {host_calls} host calls; a small call {fastest:?}, fuel {fuel:?}"
    );
    wrong
}

#[test]
fn every_language_gives_the_same_verdicts() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let guards = guards(target).unwrap_or_else(|error| panic!("{error}"));
    let (sandbox, cases) = (sandbox(), cases());
    let wrong: Vec<String> = guards
        .iter()
        .flat_map(|guard| wrong(&sandbox, guard, &cases))
        .collect();
    println!("{} cases in {} languages", cases.len(), guards.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_declared_length_is_in_the_module() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let guards = guards(target).unwrap_or_else(|error| panic!("{error}"));
    for guard in guards {
        let module = std::fs::read(&guard.path).unwrap();
        let section = b"\x0dwardian:guard";
        let declares = module.windows(section.len()).any(|bytes| bytes == section);
        assert_eq!(
            declares,
            guard.request_bytes_max.is_some(),
            "{}",
            guard.language
        );
    }
}

#[test]
fn a_fixed_buffer_serves_the_next_call_whatever_ran_over_it() {
    let sandbox = sandbox();
    let guard = linked(&sandbox, "fixed", by_hand("fixed_buffer").unwrap());
    let paid = br#"{"context":{"status":"paid"}}"#;
    let serves = || {
        assert_eq!(verdict(&ask(&guard, paid)), Ok(true));
        assert_eq!(
            verdict(&ask(&guard, br#"{"context":{"status":"due"}}"#)),
            Ok(false)
        );
    };
    serves();
    let full = [&paid[..], &vec![b' '; (16 << 10) - paid.len()]].concat();
    assert_eq!(verdict(&ask(&guard, &full)), Ok(true));
    serves();
    // Over its own answers: what it then says is not JSON, and that is all.
    let over = [&paid[..], &vec![b' '; 17 << 10]].concat();
    assert!(verdict(&ask(&guard, &over)).is_err());
    serves();
    // Over the end of its memory: not a byte is written.
    let beyond = [&paid[..], &vec![b' '; 64 << 10]].concat();
    let outcome = ask(&guard, &beyond);
    assert!(
        matches!(outcome.result, Err(CallError::Contract(_))),
        "{outcome:?}"
    );
    serves();
}

#[test]
fn more_than_a_request_may_have_is_refused() {
    let sandbox = sandbox();
    let guard = linked(&sandbox, "fixed", by_hand("fixed_buffer_declared").unwrap());
    let outcome = ask(&guard, &vec![b' '; (1 << 20) + 1]);
    let Err(CallError::Limit { which, .. }) = outcome.result else {
        panic!("{outcome:?}")
    };
    assert_eq!(which, Limit::Input);
}
