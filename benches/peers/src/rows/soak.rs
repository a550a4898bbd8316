//! A million calls with hostile neighbours: what is taken must come back.

use anyhow::{Result, ensure};
use bytes::Bytes;
use wardian_sandbox::{Call, CallHandle, Cpu, Isolation, Linked, Sandbox};

use crate::engines::wardian;
use crate::guests;
use crate::method::Plan;
use crate::report::Section;
use crate::rows::memory::Reading;
use std::time::{Duration, Instant};

const CALLS: usize = 1_000_000;
/// Resident memory may differ by this much between the tenth part of the way and its end: allocators breathe.
const RESIDENT_KIB_MAX: u64 = 4096;

/// What must be flat.
#[derive(Clone, Copy, PartialEq)]
struct Holdings {
    resident: u64,
    descriptors: usize,
    threads: usize,
    slots: u32,
    memory: u64,
}

impl Holdings {
    fn now(sandbox: &Sandbox) -> Result<Holdings> {
        let entries = |path: &str| Ok::<_, std::io::Error>(std::fs::read_dir(path)?.count());
        let stats = sandbox.stats();
        Ok(Holdings {
            resident: Reading::now()?.resident,
            descriptors: entries("/proc/self/fd")?,
            threads: entries("/proc/self/task")?,
            slots: stats.in_use,
            memory: stats.memory_bytes,
        })
    }
}

struct Guests {
    small: Linked<()>,
    big: Linked<()>,
    reused: Linked<()>,
    hostile: Linked<()>,
    by_time: Linked<()>,
    input: Bytes,
}

impl Guests {
    fn link(sandbox: &Sandbox) -> Result<Guests> {
        let link =
            |name, wasm: &[u8], cpu, isolation| wardian::link(sandbox, name, wasm, cpu, isolation);
        let (fuel, pristine) = (wardian::fuel(), Isolation::Pristine);
        Ok(Guests {
            small: link("small", guests::SMALL, fuel, pristine)?,
            big: link("big", guests::BIG, fuel, pristine)?,
            reused: link("small", guests::SMALL, fuel, wardian::REUSED)?,
            hostile: link("hostile", &guests::HOSTILE, fuel, pristine)?,
            by_time: link("hostile", &guests::HOSTILE, Cpu::Time, pristine)?,
            input: Bytes::from(guests::json(256)),
        })
    }
}

pub fn soak(plan: Plan) -> Result<Vec<Section>> {
    let sandbox = wardian::sandbox()?;
    let guests = Guests::link(&sandbox)?;
    let calls = plan.count(CALLS);
    let note = "Three calls in ten are hostile: traps, recursion, memory bombs, dirty memory, pointers outside, spent fuel, missed deadlines, dropped and cancelled calls. The first line is read after a tenth of the way.";
    let mut section = Section::new("Soak", note).header(&[
        "calls",
        "resident",
        "descriptors",
        "threads",
        "slots",
        "guest memory",
    ]);
    let begun = Instant::now();
    let (mut first, mut last) = (None, None);
    for n in 1..=calls {
        once(&guests, n)?;
        if n % (calls / 10) == 0 {
            let now = Holdings::now(&sandbox)?;
            section.line([
                n.to_string(),
                format!("{} KiB", now.resident),
                now.descriptors.to_string(),
                now.threads.to_string(),
                now.slots.to_string(),
                format!("{} KiB", now.memory >> 10),
            ]);
            first.get_or_insert(now);
            last = Some(now);
        }
    }
    section.note = format!(
        "{note} {calls} calls took {:.0} s.",
        begun.elapsed().as_secs_f64()
    );
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(vec![section]);
    };
    judge(&mut section, first, last);
    Ok(vec![section])
}

fn judge(section: &mut Section, first: Holdings, last: Holdings) {
    let grown = last.resident.saturating_sub(first.resident);
    section.target(
        "resident memory",
        format!("flat within {RESIDENT_KIB_MAX} KiB"),
        format!("+{grown} KiB"),
        grown <= RESIDENT_KIB_MAX,
    );
    let flat = |what: &str, section: &mut Section, a: usize, b: usize| {
        section.target(what, "flat", format!("{a} → {b}"), a == b)
    };
    flat("descriptors", section, first.descriptors, last.descriptors);
    flat("threads", section, first.threads, last.threads);
    flat("slots", section, first.slots as usize, last.slots as usize);
}

/// The `n`-th call. Well-behaved guests must answer, whatever their neighbours did before.
fn once(guests: &Guests, n: usize) -> Result<()> {
    let input = &guests.input;
    let bytes = |function| Call::bytes(function, input.clone());
    let hostile = |function| guests.hostile.call_blocking(bytes(function));
    let outcome = match n % 10 {
        0 => hostile(["trap", "divide", "outside", "dirty"][n / 10 % 4]),
        1 => guests.hostile.call_blocking(bytes("spin").fuel(20_000)),
        // Each of these costs a millisecond or a lot of memory: fewer of them.
        2 if n % 1000 == 2 => guests
            .by_time
            .call_blocking(bytes("spin").deadline(Duration::from_millis(1))),
        2 if n % 1000 == 12 => hostile("grow"),
        2 if n % 1000 == 22 => hostile("recurse"),
        2 if n % 1000 == 32 => {
            let handle = CallHandle::new();
            let call = guests.hostile.call(bytes("spin").handle(&handle));
            handle.cancel();
            futures_lite::future::block_on(call)
        }
        2 if n % 1000 == 42 => {
            let mut call = Box::pin(guests.hostile.call(bytes("spin")));
            futures_lite::future::block_on(futures_lite::future::poll_once(&mut call));
            drop(call);
            return Ok(());
        }
        2 => hostile("trap"),
        3 | 4 => return expect(wardian::blocking(&guests.reused, "eval", input)),
        5 => return expect(wardian::blocking(&guests.big, "eval", input)),
        6 => return expect(wardian::awaited(&guests.small, "eval", input)),
        _ => return expect(wardian::blocking(&guests.small, "eval", input)),
    };
    let pleasant =
        matches!(outcome.result, Ok(ref answer) if !answer.bytes().is_empty() && n % 10 != 0);
    ensure!(!pleasant, "hostile call {n} ended well");
    Ok(())
}

fn expect(size: usize) -> Result<()> {
    ensure!(size > 200, "a well-behaved guest answered {size} bytes");
    Ok(())
}
