#![allow(clippy::unwrap_used, unused)]
use wardian_abi::Arguments;
use wardian_sandbox::{Sandbox, SandboxConfig};
#[path = "../../../guests/services/sheet/tests/make/mod.rs"]
mod make;
#[path = "common/sheet.rs"]
mod raw;
#[test]
fn lab() {
    let file = std::fs::read("/tmp/sheetlab/big.xlsx").unwrap();
    let stored = std::fs::read("/tmp/sheetlab/big-stored.xlsx").unwrap();
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let raw = raw::Raw::load(&sandbox);
    for (n, f) in [("deflated", &file), ("stored", &stored)] {
        for _ in 0..2 {
            let req = Arguments::new()
                .with("file", f.as_slice())
                .encode()
                .unwrap();
            let o = raw.outcome("parse", req.clone());
            println!(
                "{n} boxed {:?} fuel {:?} {:?} ok {}",
                o.usage.guest,
                o.usage.fuel,
                o.usage.memory_peak_bytes >> 20,
                o.result.is_ok()
            );
            let t = std::time::Instant::now();
            let l = wardian_guest_sheet::call("parse", &req).len();
            println!("{n} native {:?} {l}", t.elapsed());
        }
    }
}
