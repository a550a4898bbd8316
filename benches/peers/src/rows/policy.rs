//! Policies: the built-in rules natively and in the box, beside Cedar and regorus on an equivalent policy; a hundred rules of
//! Rego, natively, in the box, and as OPA compiled them.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use cedar_policy::{Authorizer, Context, Entities, EntityUid, PolicySet, Request};
use serde_json::value::RawValue;
use wardian_policy::artifact::{Artifact, ArtifactMeta, write_section};
use wardian_policy::make::{self, RegoModule, RegoSource};
use wardian_policy::{
    CacheConfig, DecisionPoint, Input, LocalChecker, OpaChecker, PointConfig, PolicyChecker,
    Prepared, WasmChecker, default_limits, opa,
};
use wardian_sandbox::{Cpu, Limits, Sandbox};

use crate::engines::wardian;
use crate::method::{Case, Plan, compare, quantile};
use crate::report::{Section, figure};

const LOCAL: &str = "Wardian, native rules";
const CORE: &str = "Wardian, core module, pristine, fuel + deadline";
const COMPONENT: &str = "Wardian, component, pristine, fuel + deadline";
const CACHED: &str = "Wardian, remembered";
const CEDAR: &str = "Cedar, native";
const REGORUS: &str = "regorus, native";

const DOCUMENT: &str = include_str!("policy/document.json");
const CEDAR_POLICY: &str = include_str!("policy/policy.cedar");
const REGO_POLICY: &str = include_str!("policy/policy.rego");
const HUNDRED: &str =
    include_str!("../../../../crates/testkit/fixtures/rego/bench-100-rules/policy.rego");
const HUNDRED_DATA: &str =
    include_str!("../../../../crates/testkit/fixtures/rego/bench-100-rules/data.json");
const HUNDRED_INPUT: &str =
    include_str!("../../../../crates/testkit/fixtures/rego/bench-100-rules/input.json");
const HUNDRED_OPA: &[u8] =
    include_bytes!("../../../../crates/testkit/fixtures/rego/bench-100-rules/policy.wasm");
const NATIVE: &str = "regorus, native, as the guest has it";
const BOXED: &str = "regorus in the box, fuel + deadline";
const BOXED_TIME: &str = "regorus in the box, deadline alone";
const OPA: &str = "OPA's module in the box, fuel + deadline";
const OPA_TIME: &str = "OPA's module in the box, deadline alone";

fn loaded(sandbox: &Sandbox, wasm: &[u8], cpu: Cpu) -> Result<(Artifact, Prepared)> {
    let _ = sandbox;
    let artifact = Artifact::from_bytes(wasm.to_vec())?;
    let limits = match cpu {
        Cpu::Fuel(_) => default_limits(),
        Cpu::Time => Limits {
            fuel: None,
            ..default_limits()
        },
    };
    let prepared = Prepared {
        cpu,
        // A machine that others use too must not make a check fail that is being timed.
        limits: limits.with_deadline(std::time::Duration::from_millis(500)),
        ..Prepared::of(&artifact)
    };
    Ok((artifact, prepared))
}

fn checker(sandbox: &Sandbox, wasm: &[u8], cpu: Cpu) -> Result<WasmChecker> {
    let (artifact, prepared) = loaded(sandbox, wasm, cpu)?;
    Ok(WasmChecker::load_blocking(sandbox, &artifact, prepared)?)
}

fn asked(checker: &dyn PolicyChecker, input: &Input<'_>) -> usize {
    usize::from(checker.check_blocking(input).is_allow())
}

/// What Cedar is asked, as it wants to be asked.
fn cedar() -> Result<(Authorizer, PolicySet, Entities, Request)> {
    let uid = |text: &str| text.parse::<EntityUid>().context("a name of Cedar's");
    let policies: PolicySet = CEDAR_POLICY.parse()?;
    let request = Request::new(
        uid(r#"User::"ada""#)?,
        uid(r#"Action::"http.outbound""#)?,
        uid(r#"Host::"api07.example.com""#)?,
        Context::empty(),
        None,
    )?;
    Ok((Authorizer::new(), policies, Entities::empty(), request))
}

pub fn rules(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let local = LocalChecker::from_json(DOCUMENT.as_bytes())?;
    let wasm = make::from_document(&sandbox, DOCUMENT.as_bytes())?;
    let core = checker(&sandbox, &wasm, Cpu::default())?;
    let component = checker(&sandbox, &make::componentize(&wasm)?, Cpu::default())?;
    let meta = ArtifactMeta {
        pure: true,
        ..ArtifactMeta::default()
    };
    let pure = checker(&sandbox, &write_section(&wasm, &meta)?, Cpu::default())?;
    let config = PointConfig {
        cache: Some(CacheConfig::default()),
        ..PointConfig::default()
    };
    let point = DecisionPoint::new(pure, config);
    let input = Input::new("http.outbound", "host", "api07.example.com");
    let (authorizer, policies, entities, request) = cedar()?;
    let mut engine = regorus::Engine::new();
    engine.add_policy("policy.rego".into(), REGO_POLICY.into())?;
    let text = r#"{"action":"http.outbound","resource":{"kind":"host","id":"api07.example.com"}}"#;
    let value = regorus::Value::from_json_str(text)?;
    let mut rego = || {
        engine.set_input(value.clone());
        usize::from(
            engine
                .eval_rule("data.wardian.allow".into())
                .is_ok_and(|said| said == true.into()),
        )
    };
    let cedar = || {
        let said = authorizer.is_authorized(&request, &policies, &entities);
        usize::from(said.decision() == cedar_policy::Decision::Allow)
    };
    ensure!(
        asked(&local, &input) == 1 && asked(&core, &input) == 1,
        "both allow"
    );
    ensure!(
        asked(&component, &input) == 1 && rego() == 1 && cedar() == 1,
        "all allow"
    );
    let cases = vec![
        Case::new(LOCAL, || asked(&local, &input)),
        Case::new(CACHED, || {
            usize::from(point.check_blocking(&input).is_allow())
        }),
        Case::new(CORE, || asked(&core, &input)),
        Case::new(COMPONENT, || asked(&component, &input)),
        Case::new(CEDAR, cedar),
        Case::new(REGORUS, rego),
    ];
    let measured = compare(cases, plan);
    let note = "Four sections of ten entries each. Cedar and regorus have the same forty entries as a policy of their own; Cedar is given its request ready made. Cedar and regorus run natively, without a box, a deadline or a limit.";
    let mut section = Section::timed(
        "May this actor do this? The built-in rules",
        note,
        &measured,
    );
    section.at_most("natively", figure(&measured, LOCAL), 300.0);
    section.at_most("in the box, median", figure(&measured, CORE), 8e3);
    let mut times = times(plan, || asked(&core, &input));
    section.at_most("in the box, 99 of 100", quantile(&mut times, 0.99), 20e3);
    Ok(vec![section])
}

/// Nanoseconds of each call by itself.
fn times(plan: Plan, work: impl Fn() -> usize) -> Vec<f64> {
    let once = |_| {
        let begun = Instant::now();
        std::hint::black_box(work());
        begun.elapsed().as_nanos() as f64
    };
    (0..plan.count(20_000)).map(once).collect()
}

fn hundred() -> Result<(Vec<u8>, RegoSource<'static>)> {
    let data: &'static RawValue = serde_json::from_str(HUNDRED_DATA)?;
    let module = RegoModule {
        name: "policy.rego",
        source: HUNDRED,
    };
    let rego = RegoSource {
        entrypoint: "data.wardian.policy.decision",
        modules: vec![module],
        data: Some(data),
    };
    Ok((serde_json::to_vec(&rego)?, rego))
}

pub fn rego(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let (document, source) = hundred()?;
    let native = wardian_guest_policy_rego::load(&document, || ());
    let mut native = native.map_err(|problems| anyhow::anyhow!("{}", problems.to_json()))?;
    let wasm = make::from_rego(&sandbox, &source)?;
    let fuel = checker(&sandbox, &wasm, Cpu::default())?;
    let time = checker(&sandbox, &wasm, Cpu::Time)?;
    let compiled = opa::prepare(&sandbox, HUNDRED_OPA, None, Some(HUNDRED_DATA.as_bytes()))?;
    let load = |cpu| -> Result<OpaChecker> {
        let (artifact, prepared) = loaded(&sandbox, &compiled, cpu)?;
        Ok(OpaChecker::load_blocking(&sandbox, &artifact, prepared)?)
    };
    let (opa, opa_time) = (load(Cpu::default())?, load(Cpu::Time)?);
    let input = Input::from_json(HUNDRED_INPUT.as_bytes())?;
    let text = HUNDRED_INPUT.as_bytes();
    let mut natively = || usize::from(native.decide(text).to_json() == r#"{"kind":"allow"}"#);
    ensure!(natively() == 1, "it allows natively");
    let boxed: [&dyn PolicyChecker; 4] = [&fuel, &time, &opa, &opa_time];
    for checker in boxed {
        ensure!(
            asked(checker, &input) == 1,
            "all allow: {:?}",
            checker.check_blocking(&input)
        );
    }
    let cases = vec![
        Case::new(NATIVE, natively),
        Case::new(BOXED, || asked(&fuel, &input)),
        Case::new(BOXED_TIME, || asked(&time, &input)),
        Case::new(OPA, || asked(&opa, &input)),
        Case::new(OPA_TIME, || asked(&opa_time, &input)),
    ];
    let measured = compare(cases, plan);
    let note = "One policy of a hundred rules with its data in memory; each question looks at all of them. The native engine is the guest's own, with the same parts; OPA's module is what its compiler makes of the same source.";
    let mut section = Section::timed("A hundred rules of Rego", note, &measured);
    let native = figure(&measured, NATIVE);
    section.ratio_at_most(
        "in the box, against native",
        figure(&measured, BOXED) / native,
        3.0,
    );
    section.at_most("OPA's module in the box", figure(&measured, OPA), 50e3);
    Ok(vec![section])
}
