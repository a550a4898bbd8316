//! The image guest, whose resampling is all vectors, compiled for each baseline: every answer has the bytes that native
//! code gives, whatever the processor is taken for.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::disk::{DiskConfig, DiskKey};
use wardian_sandbox::{Baseline, EngineSettings, Sandbox, SandboxConfig, TargetCpu};

mod common;
use common::{Raw, bmp};

/// With code that is kept for the next run of the tests.
fn raw(target_cpu: TargetCpu, cpu_max: Option<Baseline>) -> Raw {
    let mut config = SandboxConfig {
        instances_max: 8,
        engine: EngineSettings {
            target_cpu,
            cpu_max,
            ..EngineSettings::default()
        },
        ..SandboxConfig::default()
    };
    config.cache.disk = Some(DiskConfig {
        dir: std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-baselines-cache"),
        key: DiskKey::Own,
        bytes_max: 256 << 20,
    });
    Raw::load(&Sandbox::new(config).unwrap())
}

fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let of = |source: &[u8], name: &'static str, more: &[(&'static str, Value<'static>)]| {
        let mut arguments = Arguments::new().with("image", source.to_vec());
        for (key, value) in more {
            arguments.set(*key, value.clone());
        }
        (name, arguments.encode().unwrap())
    };
    let picture = bmp(403, 301);
    let (jpeg, png) = (Value::Str("jpeg".into()), Value::Str("png".into()));
    let width = |n: i128| ("width", Value::Int(n));
    let mut all = Vec::new();
    for light in ["linear", "gamma"] {
        let light = ("light", Value::Str(light.into()));
        all.push(of(
            &picture,
            "resize",
            &[width(97), light.clone(), ("format", png.clone())],
        ));
        let enlarged = ("enlarge", Value::Bool(true));
        all.push(of(
            &picture,
            "resize",
            &[width(777), enlarged, light, ("format", jpeg.clone())],
        ));
    }
    all.push(of(&picture, "convert", &[("format", jpeg)]));
    all.push(of(&picture, "thumbnail", &[("size", Value::Int(64))]));
    all.push(of(&picture, "blurhash", &[]));
    all
}

#[test]
fn every_baseline_answers_with_the_bytes_of_native_code() {
    let has_all = |b: &Baseline| b.lacking().is_some_and(|lacking| lacking.is_empty());
    let here: Vec<Baseline> = Baseline::of_this_architecture().filter(has_all).collect();
    assert!(!here.is_empty(), "every processor has the poorest");
    let targets = here.iter().map(|b| (TargetCpu::Baseline(*b), None));
    let masked = here.iter().map(|b| (TargetCpu::Native, Some(*b)));
    let all: Vec<_> = [(TargetCpu::Native, None)]
        .into_iter()
        .chain(targets)
        .chain(masked)
        .collect();
    let wanted: Vec<_> = requests()
        .into_iter()
        .map(|(name, request)| (name, wardian_guest_image::call(name, &request), request))
        .collect();
    for (target, max) in all {
        let raw = raw(target, max);
        for (n, (function, native, request)) in wanted.iter().enumerate() {
            let boxed = raw.call(function, request.clone());
            let answer = Response::decode(&boxed, &DecodeLimits::default()).unwrap();
            assert!(
                matches!(answer, Response::Ok(_)),
                "{function} {n}: {answer:?}"
            );
            assert!(
                boxed == *native,
                "{function} {n} for {target} under {max:?}"
            );
        }
    }
}
