//! The real work: a 12-megapixel photograph decoded, resized to 800 pixels and encoded.

use anyhow::{Result, ensure};
use bytes::Bytes;
use wardian_abi::{Arguments, Value};
use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Host, HostError, Imports, Limits, Linked, Sandbox, Source,
};

use crate::engines::wardian;
use crate::guests;
use crate::method::{Case, Plan, compare};
use crate::report::{Section, figure};

const NATIVE: &str = "native, the same crates";
const OURS: &str = "Wardian, pristine, fuel + deadline";

pub fn request(photo: &[u8], width: i64) -> Result<Bytes> {
    let arguments = Arguments::new()
        .with("image", Value::from(photo.to_vec()))
        .with("width", width);
    Ok(Bytes::from(arguments.encode()?))
}

pub fn link(sandbox: &Sandbox, cpu: Cpu) -> Result<Linked<()>> {
    let module = sandbox.load_blocking(Source::new("image", guests::IMAGE).cpu(cpu))?;
    let imports = Imports::new().define_final("wardian", "panic", None, panicked);
    let mut binding = Binding::with_imports(Contract::service(&["resize"]), imports);
    let fuel = matches!(cpu, Cpu::Fuel(_)).then_some(50_000_000_000);
    binding.limits = Some(Limits {
        memory_bytes_max: 256 << 20,
        fuel,
        ..Limits::default()
    });
    Ok(module.link(&binding)?)
}

fn panicked(host: &mut Host<'_, ()>, (ptr, len): (i32, i32)) -> HostError {
    host.read(ptr, len)
        .map_or_else(|outside| outside, HostError::panic)
}

pub fn resize(plan: Plan) -> Result<Vec<Section>> {
    let request = request(guests::PHOTO, 800)?;
    let sandbox = wardian::sandbox()?;
    let (fuel, time) = (link(&sandbox, wardian::fuel())?, link(&sandbox, Cpu::Time)?);
    let outcome = fuel.call_blocking(Call::bytes("resize", request.clone()));
    let usage = outcome.usage;
    let answer = outcome.result?;
    ensure!(
        answer.bytes() == wardian_guest_image::call("resize", &request),
        "guest and native answers differ"
    );
    let cases = vec![
        Case::new(NATIVE, || {
            wardian_guest_image::call("resize", &request).len()
        }),
        Case::new(OURS, || wardian::blocking(&fuel, "resize", &request)),
        Case::new("Wardian, pristine, `Cpu::Time`", || {
            wardian::blocking(&time, "resize", &request)
        }),
    ];
    let measured = compare(cases, plan);
    let note = format!(
        "`examples/data/lake.jpg` (4000 × 3000) to 800 pixels; both answers are the same to the byte. The call used {} units of fuel and {} MiB of memory.",
        usage.fuel.unwrap_or_default(),
        usage.memory_peak_bytes >> 20
    );
    let mut section = Section::timed(
        "Decode, resize and encode a 12-megapixel JPEG",
        &note,
        &measured,
    );
    section.ratio_at_most(
        "default metering, against native",
        figure(&measured, OURS) / figure(&measured, NATIVE),
        1.6,
    );
    Ok(vec![section])
}
