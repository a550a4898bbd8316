//! Wardian through its public API.

use std::time::Duration;

use anyhow::Result;
use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Isolation, Linked, Outcome, Sandbox, SandboxConfig, Source,
};

pub const REUSED: Isolation = Isolation::Reused {
    min: 1,
    max: 64,
    uses_max: u64::MAX,
    idle_max: Duration::from_secs(60),
};

pub fn sandbox() -> Result<Sandbox> {
    Ok(Sandbox::new(SandboxConfig::default())?)
}

pub fn link(
    sandbox: &Sandbox,
    name: &str,
    wasm: &[u8],
    cpu: Cpu,
    isolation: Isolation,
) -> Result<Linked<()>> {
    let module = sandbox.load_blocking(Source::new(name, wasm.to_vec()).cpu(cpu))?;
    let mut binding = Binding::new(Contract::raw());
    binding.isolation = isolation;
    Ok(module.link(&binding)?)
}

pub fn fuel() -> Cpu {
    Cpu::default()
}

/// Size of the answer. A call that fails must not count as a fast one.
pub fn size(outcome: Outcome) -> usize {
    match outcome.result {
        Ok(answer) => answer.bytes().len(),
        Err(error) => panic!("a call of the benches failed: {error}"),
    }
}

pub fn blocking(linked: &Linked<()>, function: &'static str, input: &bytes::Bytes) -> usize {
    size(linked.call_blocking(Call::bytes(function, input.clone())))
}

pub fn awaited(linked: &Linked<()>, function: &'static str, input: &bytes::Bytes) -> usize {
    size(futures_lite::future::block_on(
        linked.call(Call::bytes(function, input.clone())),
    ))
}
