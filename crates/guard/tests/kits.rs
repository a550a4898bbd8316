//! Guards in five languages, through the front door: every case of the shared table, as a machine would ask it.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::path::Path;
use std::time::Duration;

use futures_lite::future::block_on;
use wardian_guard::{Answered, GuardModule};
use wardian_sandbox::{Limits, Sandbox, SandboxConfig};
use wardian_testkit::guests::guards::cases::cases;
use wardian_testkit::guests::guards::guards;

#[test]
fn every_language_gives_the_verdicts_of_the_table() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let mut problems = Vec::new();
    let mut asked = 0;
    for guard in guards(target).unwrap() {
        let module = std::fs::read(&guard.path).unwrap();
        let module = GuardModule::load_from_blocking(&sandbox, guard.language, module).unwrap();
        let most = module.section().request_bytes_max;
        assert_eq!(most.map(|most| most as u64), guard.request_bytes_max);
        // Time and fuel for the longest requests on a busy machine; the rest as a guard has it.
        let limits = Limits {
            fuel: Some(2_000_000_000),
            ..module
                .limits()
                .clone()
                .with_deadline(Duration::from_secs(20))
        };
        let module = module.with_limits(limits);
        for case in cases() {
            if most.is_some_and(|most| case.request.len() > most) {
                continue;
            }
            asked += 1;
            let answered = block_on(module.eval(&case.request));
            let answered = answered.and_then(|answer| Answered::read(&answer));
            match answered {
                Ok(answered) if answered.ok == case.passes => {}
                other => problems.push(format!("{} {}: {other:?}", guard.language, case.name)),
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(asked > 1_000, "{asked} were asked");
}
