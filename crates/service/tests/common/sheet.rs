//! The sheet guest by its raw ABI, without the typed functions around it.
#![allow(dead_code)] // Each test binary uses a part of it.

use std::time::Duration;

use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Host, HostError, Imports, Limits, Linked, Outcome, Sandbox,
    Source,
};
use wardian_service::sheet;

/// The guest, linked as the library links it, with room to spare.
pub struct Raw {
    linked: Linked<()>,
}

impl Raw {
    pub fn load(sandbox: &Sandbox) -> Raw {
        let source = Source::new("sheet", sheet::MODULE).cpu(Cpu::Fuel(4 * sheet::FUEL));
        let module = sandbox.load_blocking(source).unwrap();
        let panicked = |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
            host.read(ptr, len)
                .map_or_else(|outside| outside, HostError::panic)
        };
        let imports = Imports::new().define_final("wardian", "panic", None, panicked);
        let mut binding = Binding::with_imports(Contract::service(&sheet::FUNCTIONS), imports);
        let limits = Limits {
            memory_bytes_max: 256 << 20,
            ..Limits::default()
        };
        binding.limits = Some(limits.with_deadline(Duration::from_secs(300)));
        Raw {
            linked: module.link(&binding).unwrap(),
        }
    }

    pub fn outcome(&self, function: &str, request: Vec<u8>) -> Outcome {
        self.linked
            .call_blocking(Call::bytes(function.to_owned(), request))
    }

    pub fn call(&self, function: &str, request: Vec<u8>) -> Vec<u8> {
        let outcome = self.outcome(function, request);
        outcome.result.unwrap().into_bytes().to_vec()
    }
}
