//! The image guest by its raw ABI, without the typed functions around it, and a picture to give it.
#![allow(dead_code)] // Each test binary uses a part of it.

use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Host, HostError, Imports, Limits, Linked, Outcome, Sandbox,
    Source,
};
use wardian_service::image;

/// The guest, linked as the library links it.
pub struct Raw {
    linked: Linked<()>,
}

impl Raw {
    pub fn load(sandbox: &Sandbox) -> Raw {
        let source = Source::new("image", image::MODULE).cpu(Cpu::Fuel(400_000_000_000));
        let module = sandbox.load_blocking(source).unwrap();
        let panicked = |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
            host.read(ptr, len)
                .map_or_else(|outside| outside, HostError::panic)
        };
        let imports = Imports::new().define_final("wardian", "panic", None, panicked);
        let mut binding = Binding::with_imports(Contract::service(&image::FUNCTIONS), imports);
        binding.limits = Some(
            Limits {
                memory_bytes_max: 256 << 20,
                ..Limits::default()
            }
            .with_deadline(LONG),
        );
        Raw {
            linked: module.link(&binding).unwrap(),
        }
    }

    pub fn outcome(&self, function: &str, request: Vec<u8>) -> Outcome {
        self.linked
            .call_blocking(Call::bytes(function.to_owned(), request))
    }

    pub fn limited(&self, function: &str, request: Vec<u8>, limits: Limits) -> Outcome {
        self.linked
            .call_blocking(Call::bytes(function.to_owned(), request).limits(limits))
    }

    pub fn call(&self, function: &str, request: Vec<u8>) -> Vec<u8> {
        self.outcome(function, request)
            .result
            .unwrap()
            .into_bytes()
            .to_vec()
    }
}

const LONG: std::time::Duration = std::time::Duration::from_secs(120);

/// A BMP of 24 bits with some structure and some grain.
pub fn bmp(width: u32, height: u32) -> Vec<u8> {
    let stride = (width * 3).next_multiple_of(4);
    let mut out = b"BM".to_vec();
    for field in [
        0,
        0,
        54,
        40,
        width,
        height,
        1 | (24 << 16),
        0,
        0,
        0,
        0,
        0,
        0_u32,
    ] {
        out.extend(field.to_le_bytes());
    }
    let mut state = 1_u32;
    for y in 0..height {
        for x in 0..stride {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wave =
                110.0 + 60.0 * (f64::from(x) / 30.0).sin() + 40.0 * (f64::from(y) / 17.0).cos();
            out.push(if x < width * 3 {
                wave as u8 + (state >> 27) as u8
            } else {
                0
            });
        }
    }
    out
}
