//! How soon a guest is gone that nobody wants any more.

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use wardian_sandbox::{Call, CallError, CallHandle, Calling, Cpu, Isolation, Linked, Sandbox};

use crate::engines::wardian;
use crate::guests;
use crate::method::{Plan, quantile};
use crate::report::{Section, time};

/// Time for a guest to be well under way, on a thread of the sandbox.
const UNDER_WAY: Duration = Duration::from_millis(2);
/// Between two looks at whether a slot is back.
const LOOK: Duration = Duration::from_micros(20);
const LONG: Duration = Duration::from_secs(60);

pub fn soon(plan: Plan) -> Result<Vec<Section>> {
    let note = "A guest that spins. By a handle: until the caller has its answer. Dropped: until the slot is back.";
    let mut section =
        Section::new("Cancelling", note).header(&["how", "metering", "p50", "p99", "worst"]);
    for (metering, cpu) in [("fuel", Cpu::Fuel(u64::MAX)), ("time", Cpu::Time)] {
        let sandbox = wardian::sandbox()?;
        let linked = wardian::link(&sandbox, "spin", &guests::HOSTILE, cpu, Isolation::Pristine)?;
        let count = plan.count(400);
        let ways: [(&str, fn(&Sandbox, &Linked<()>) -> Result<f64>); 3] = [
            ("by handle, blocking", by_handle_blocking),
            ("by handle, async", by_handle),
            ("dropped", dropped),
        ];
        for (name, way) in ways {
            let mut took = (0..count)
                .map(|_| way(&sandbox, &linked))
                .collect::<Result<Vec<_>>>()?;
            let p99 = quantile(&mut took, 0.99);
            section.at_most(&format!("{name}, {metering}, p99"), p99, 5e6);
            let found = [0.5, 0.99, 1.0].map(|share| time(quantile(&mut took, share)));
            section.line([name.into(), metering.into()].into_iter().chain(found));
        }
    }
    Ok(vec![section])
}

fn spin(handle: &CallHandle) -> Call<()> {
    Call::bytes("spin", Bytes::from_static(b"?"))
        .deadline(LONG)
        .handle(handle)
}

fn by_handle(_: &Sandbox, linked: &Linked<()>) -> Result<f64> {
    cancelled(|handle| futures_lite::future::block_on(linked.call(spin(handle))).result)
}

fn by_handle_blocking(_: &Sandbox, linked: &Linked<()>) -> Result<f64> {
    cancelled(|handle| linked.call_blocking(spin(handle)).result)
}

fn cancelled<T: Send>(
    call: impl FnOnce(&CallHandle) -> Result<T, CallError> + Send,
) -> Result<f64> {
    let handle = CallHandle::new();
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| (call(&handle), Instant::now()));
        std::thread::sleep(UNDER_WAY);
        let begun = Instant::now();
        handle.cancel();
        let Ok((result, ended)) = caller.join() else {
            bail!("the caller panicked");
        };
        ensure!(
            matches!(result, Err(CallError::Cancelled)),
            "not cancelled: {:?}",
            result.err()
        );
        Ok((ended - begun).as_nanos() as f64)
    })
}

fn dropped(sandbox: &Sandbox, linked: &Linked<()>) -> Result<f64> {
    let mut calling = Box::pin(linked.call(spin(&CallHandle::new())));
    let mut context = Context::from_waker(Waker::noop());
    let first: Poll<_> = std::future::Future::poll(calling.as_mut(), &mut context);
    ensure!(first.is_pending(), "the guest does not spin");
    std::thread::sleep(UNDER_WAY);
    let begun = Instant::now();
    drop::<std::pin::Pin<Box<Calling>>>(calling);
    // Not a loop that spins: it would take a core from the guest that is to end.
    while sandbox.stats().in_use > 0 {
        std::thread::sleep(LOOK);
    }
    Ok(begun.elapsed().as_nanos() as f64)
}
