//! A sandbox with the real image guest in it, on which hostile files are played in that guest's place.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use futures_lite::future::block_on;
use wardian_sandbox::disk::{DiskConfig, DiskKey};
use wardian_sandbox::{
    Answer, Blame, CacheConfig, CallError, Cpu, Limits, Outcome, Sandbox, SandboxConfig, Source,
};
use wardian_service::ServiceError;
use wardian_service::image::{FUNCTIONS, Images, ResizeOptions};
use wardian_testkit::hostile::check::{self, Complaint};
use wardian_testkit::hostile::stage::Stage;
use wardian_testkit::hostile::{Case, Expect, Room};

use crate::common::bmp;
use crate::functions::{ALL, Asked, SOURCE};

/// Enough for the neighbours of a test, few enough that each test can have a sandbox of its own.
const INSTANCES_MAX: u32 = 32;
/// Fuel of a case that sets none: on a loaded machine the service's own would take its time.
const FUEL: u64 = 200_000_000;

/// The image service, with its own guest in `real`.
pub struct Service {
    sandbox: Sandbox,
    real: Images,
}

impl Stage for Service {
    fn new() -> Result<Service, Complaint> {
        let sandbox = Sandbox::new(SandboxConfig {
            instances_max: INSTANCES_MAX,
            guest_threads: 2,
            cache: CacheConfig {
                disk: Some(cache()?),
                ..CacheConfig::default()
            },
            ..SandboxConfig::default()
        })?;
        let real = block_on(Images::load(&sandbox))?;
        Ok(Service { sandbox, real })
    }

    fn play(&self, case: &Case) -> Result<(), Complaint> {
        let cpu = if case.cpu_time {
            Cpu::Time
        } else {
            Cpu::Fuel(FUEL)
        };
        let case = Case {
            // Written for the first line's call; here the input is another.
            usage: Vec::new(),
            ..case.shaped(&FUNCTIONS)?
        };
        let source = Source::new(case.name.clone(), case.wasm.clone()).cpu(cpu);
        let images = match block_on(Images::load_from(&self.sandbox, source)) {
            Ok(images) => images,
            Err(ServiceError::Load(error)) => return check::load_refused(&case, &error),
            Err(ServiceError::Link(error)) => {
                let expect = link_ending(&case.expect);
                return check::link_refused(&Case { expect, ..case }, &error);
            }
            Err(error) => return Err(Complaint::of("loading ended in", &error)),
        };
        let limits = case.limits.over(Limits {
            host_calls_max: Limits::default().host_calls_max,
            ..images.limits().clone()
        });
        let images = images.with_limits(limits);
        for (number, asked) in ALL.iter().enumerate() {
            // The first both ways, the rest in turn: each costs a deadline.
            let ways: &[bool] = match number {
                0 => &[false, true],
                _ => &[number % 2 == 0],
            };
            for _ in 0..if case.twice { 2 } else { 1 } {
                for blocking in ways {
                    play_call(&case, &images, asked, *blocking)
                        .map_err(|complaint| complaint.about(asked.0))?;
                }
            }
        }
        Ok(())
    }

    fn is_unharmed(&self) -> Result<(), Complaint> {
        let picture = bmp(SOURCE.0, SOURCE.1);
        let picture = block_on(self.real.resize(picture, ResizeOptions::width(4)))
            .map_err(|error| Complaint::of("the real guest failed", &error))?;
        check::equal("the real width", picture.width, 4)?;
        check::equal("the real height", picture.height, 3)
    }

    fn slots_are_back(&self) -> Result<(), Complaint> {
        check::slots_are_back(&self.sandbox)
    }
}

/// One compiled image guest for all sandboxes.
fn cache() -> Result<DiskConfig, Complaint> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-hostile-cache")
    });
    Ok(DiskConfig {
        dir: folder.clone(),
        key: DiskKey::Own,
        bytes_max: 256 << 20,
    })
}

fn play_call(
    case: &Case,
    images: &Images,
    (name, ask): &Asked,
    blocking: bool,
) -> Result<(), Complaint> {
    let begun = Instant::now();
    let answered = ask(images, blocking);
    let took = begun.elapsed();
    let mut case = Case {
        expect: call_ending(case, name),
        ..case.clone()
    };
    let error = match answered {
        Ok(_) if case.expect.ending == "ok" => return Ok(()),
        Ok(_) => return Err(Complaint::new("the answer was believed")),
        Err(error) => error,
    };
    let shown = check::shown(&error, None)?;
    let (code, blame) = (error.code(), error.blame());
    if let ServiceError::Refused { .. } = error {
        check::equal("the ending", "guest", case.expect.ending.as_str())?;
        check::equal("the blame", blame, Blame::Caller)?;
        return check::contains(&case.expect, &shown);
    }
    // A component is held against the contract when it is called, and none exports these; its start may come first.
    if case.is_component() && code == "contract" {
        case.expect = contract(Some("exports no function"));
    }
    let outcome = outcome(error)?;
    if let Err(error) = &outcome.result {
        check::equal("the code", code, error.code())?;
        check::equal("the blame", blame, error.blame())?;
    }
    check::call_ended(&case, images.limits(), &outcome, took)
}

/// The error of a call as the sandbox would have it.
fn outcome(error: ServiceError) -> Result<Outcome, Complaint> {
    let (result, usage): (Result<Answer, _>, _) = match error {
        ServiceError::Call { source, usage } => (Err(source), usage),
        ServiceError::Answer { what, usage } => (Err(CallError::Contract(what)), usage),
        ServiceError::Refused { .. } | ServiceError::Load(_) | ServiceError::Link(_) => {
            return Err(Complaint::of("ended in", &error));
        }
    };
    Ok(Outcome {
        result,
        usage: *usage,
    })
}

/// What is missing or mistyped is so under the names that the service asks for, and none of the functions that the
/// corpus may import is offered here. A file that links in the sandbox lacks those, or the service's functions.
fn link_ending(raw: &Expect) -> Expect {
    let missing = |name: Option<&str>| Expect {
        room: Room::Link,
        ending: "missing".into(),
        name: name.map(Into::into),
        contains: None,
    };
    match (raw.room, raw.name.as_deref()) {
        (Room::Link, Some("eval")) => Expect {
            name: Some(FUNCTIONS[0].into()),
            ..raw.clone()
        },
        (Room::Link, Some(name)) if name.starts_with("test.") => missing(Some(name)),
        (Room::Link, _) if raw.ending != "refused" => raw.clone(),
        _ => missing(None),
    }
}

/// A guest that answers well is believed only where the answer is a picture of what was asked.
fn call_ending(case: &Case, function: &str) -> Expect {
    let is_meant = |(name, _): &&(String, Expect)| name == function || name == "*";
    if let Some((_, expect)) = case.image.iter().find(is_meant) {
        return expect.clone();
    }
    match case.expect.ending.as_str() {
        "ok" | "guest" => contract(None),
        _ => case.expect.clone(),
    }
}

fn contract(contains: Option<&str>) -> Expect {
    Expect {
        room: Room::Call,
        ending: "contract".into(),
        name: None,
        contains: contains.map(Into::into),
    }
}
