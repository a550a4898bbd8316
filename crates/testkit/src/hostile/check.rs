//! Compares what came of a case with what its first line says, and what is shown of it with what may be shown; the same
//! for every binding.

use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

use wardian_sandbox::{
    Blame, CallError, Limits, LinkError, LoadError, Outcome, Problem, Sandbox, TrapKind, Usage,
};

use super::{Case, CaseLimits, Expect, Room};

/// More text than this about one error is a flood.
const TEXT_CHARS_MAX: usize = 8 * 1024;
/// By how much a loaded machine may overrun a deadline.
const OVERRUN_MAX: Duration = Duration::from_secs(5);
/// How long a loaded machine may take to give a slot back.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is wrong, for the one who reads the test's output.
#[derive(Debug)]
pub struct Complaint(String);

impl Complaint {
    /// In these words.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// An error that should not be, with its sources.
    pub fn of(what: &str, error: &dyn Error) -> Self {
        Self(format!("{what}: {:?}", text(error)))
    }

    /// The same, with what it is about before it.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        Self(format!("{what}: {}", self.0))
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Complaint {
    fn from(error: E) -> Self {
        Self(text(&error))
    }
}

/// # Errors
/// When they are not equal.
pub fn equal<T: PartialEq + fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), Complaint> {
    if found == wanted {
        Ok(())
    } else {
        Err(Complaint(format!(
            "{what} is {found:?}, expected {wanted:?}"
        )))
    }
}

fn that(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Complaint> {
    if holds {
        Ok(())
    } else {
        Err(Complaint(complaint()))
    }
}

/// An error and its sources, as a printer shows them.
fn text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// The case was refused when it was loaded.
///
/// # Errors
/// When that is not what its first line says.
pub fn load_refused(case: &Case, error: &LoadError) -> Result<(), Complaint> {
    let wanted = &case.expect;
    let shown = shown(error, error.hint())?;
    let unexpected = || format!("refused when loaded, {}: {shown}", error.code());
    that(wanted.room == Room::Load, unexpected)?;
    let code = match wanted.ending.starts_with("limit.") {
        true => error.code() == wanted.ending,
        false => error.code() == format!("load.{}", wanted.ending),
    };
    that(code, unexpected)?;
    equal("blame", error.blame(), Blame::Guest)?;
    contains(wanted, &shown)?;
    match &wanted.name {
        Some(proposal) => that(shown.contains(proposal.as_str()), || {
            format!("does not name `{proposal}`: {shown}")
        }),
        None => Ok(()),
    }
}

/// The case was refused when it was linked.
///
/// # Errors
/// When that is not what its first line says.
pub fn link_refused(case: &Case, error: &LinkError) -> Result<(), Complaint> {
    let wanted = &case.expect;
    let shown = shown(error, None)?;
    let unexpected = || format!("refused when linked, {}: {shown}", error.code());
    that(wanted.room == Room::Link, unexpected)?;
    that(
        error
            .problems
            .iter()
            .any(|problem| is_problem(wanted, problem)),
        unexpected,
    )?;
    let only_grants = error
        .problems
        .iter()
        .all(|problem| matches!(problem, Problem::Ungranted { .. }));
    equal(
        "blame",
        error.blame(),
        if only_grants {
            Blame::Operator
        } else {
            Blame::Guest
        },
    )?;
    contains(wanted, &shown)
}

fn is_problem(wanted: &Expect, problem: &Problem) -> bool {
    let (ending, name) = match problem {
        Problem::MissingExport { name, .. } | Problem::UnknownImport { name, .. } => {
            ("missing", name)
        }
        Problem::MistypedExport { name, .. } | Problem::MistypedImport { name, .. } => {
            ("mistyped", name)
        }
        Problem::Ungranted { capability, .. } => ("refused", capability),
        Problem::Limits(_) | Problem::Other(_) => return false,
    };
    wanted.ending == ending
        && wanted
            .name
            .as_ref()
            .is_none_or(|wanted| name.starts_with(wanted.as_str()))
}

/// A call of the case ended, and took so long in all.
///
/// # Errors
/// When it ended in another way than its first line says, or late, or its usage cannot be.
pub fn call_ended(
    case: &Case,
    limits: &Limits,
    outcome: &Outcome,
    took: Duration,
) -> Result<(), Complaint> {
    let wanted = &case.expect;
    usage(case, limits, &outcome.usage, took)?;
    let error = match &outcome.result {
        Ok(_) => {
            return that(wanted.room == Room::Call && wanted.ending == "ok", || {
                "it ended well".into()
            });
        }
        Err(error) => error,
    };
    let shown = shown(error, error.hint())?;
    let unexpected = || format!("ended in {}: {shown}", error.code());
    that(
        wanted.room == Room::Call && wanted.ending == error.code(),
        unexpected,
    )?;
    equal("blame", error.blame(), blame(error.code()))?;
    if let CallError::Trap(trap) = error {
        let kind = kind(trap.kind);
        that(
            wanted.name.as_deref().is_none_or(|wanted| wanted == kind),
            || format!("trapped by {kind}: {shown}"),
        )?;
    }
    if let Some(trap) = error.trap() {
        for frame in &trap.frames {
            clean("a frame", &frame.to_string(), &[])?;
        }
        clean("the log's tail", &trap.log_tail, &['\n', '\t'])?;
    }
    contains(wanted, &shown)
}

/// Who is to blame, by code: a hostile guest never makes the host guilty.
fn blame(code: &str) -> Blame {
    match code {
        "host" => Blame::Host,
        "limit.input" | "guest" => Blame::Caller,
        _ => Blame::Guest,
    }
}

fn kind(kind: TrapKind) -> &'static str {
    match kind {
        TrapKind::Unreachable => "unreachable",
        TrapKind::MemoryOutOfBounds => "memory-out-of-bounds",
        TrapKind::TableOutOfBounds => "table-out-of-bounds",
        TrapKind::IndirectCallToNull => "indirect-null",
        TrapKind::BadSignature => "indirect-signature",
        TrapKind::IntegerOverflow => "integer-overflow",
        TrapKind::IntegerDivisionByZero => "divide-by-zero",
        TrapKind::BadConversionToInteger => "bad-conversion",
        TrapKind::Component => "component",
        _ => "another",
    }
}

fn usage(case: &Case, limits: &Limits, usage: &Usage, took: Duration) -> Result<(), Complaint> {
    that(
        usage.fuel.is_some() != case.cpu_time || usage.guest.is_zero(),
        || format!("fuel is {:?}", usage.fuel),
    )?;
    that(!usage.wall.is_zero() && usage.wall <= took, || {
        format!("{:?} of wall time in {took:?}", usage.wall)
    })?;
    that(usage.guest <= usage.wall, || {
        format!("{:?} in the guest, {:?} in all", usage.guest, usage.wall)
    })?;
    let (peak, max) = (usage.memory_peak_bytes, limits.memory_bytes_max);
    that(peak <= max, || {
        format!("memory peak is {peak}, allowed {max}")
    })?;
    let over = usage.host_calls > limits.host_calls_max.saturating_add(1);
    that(!over, || {
        format!(
            "{} host calls, allowed {}",
            usage.host_calls, limits.host_calls_max
        )
    })?;
    if case.expect.ending == "limit.deadline" {
        that(usage.wall >= limits.deadline, || {
            format!("ended after {:?}, before its deadline", usage.wall)
        })?;
    }
    that(took <= limits.deadline + OVERRUN_MAX, || {
        format!("took {took:?}, its deadline is {:?}", limits.deadline)
    })?;
    for bound in &case.usage {
        let measured = match bound.field.as_str() {
            "fuel" => usage.fuel.unwrap_or(0),
            "memory_peak_bytes" => usage.memory_peak_bytes,
            "refusals" => usage.refusals.into(),
            "host_calls" => usage.host_calls,
            "log_bytes" => usage.log_bytes,
            "bytes_in" => usage.bytes_in,
            "bytes_out" => usage.bytes_out,
            other => return Err(Complaint(format!("`{other}` is no field of the usage"))),
        };
        that(bound.holds(measured), || {
            format!("{} is {measured}, expected {bound:?}", bound.field)
        })?;
    }
    Ok(())
}

/// The text says what the case wants said.
///
/// # Errors
/// When it does not.
pub fn contains(wanted: &Expect, shown: &str) -> Result<(), Complaint> {
    match &wanted.contains {
        Some(part) => that(shown.contains(part.as_str()), || {
            format!("does not say `{part}`: {shown}")
        }),
        None => Ok(()),
    }
}

/// The error as a person reads it, fit to be read.
///
/// # Errors
/// When it is not: control characters, turned text, a flood.
pub fn shown(error: &dyn Error, hint: Option<String>) -> Result<String, Complaint> {
    let shown = text(error);
    clean("the message", &shown, &[])?;
    clean("the hint", &hint.unwrap_or_default(), &[])?;
    Ok(shown)
}

fn clean(what: &str, text: &str, allowed: &[char]) -> Result<(), Complaint> {
    let turns_text = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let bad = text
        .chars()
        .find(|c| (c.is_control() && !allowed.contains(c)) || turns_text(*c));
    that(bad.is_none(), || format!("{what} holds {bad:?}: {text:?}"))?;
    let length = text.chars().count();
    that(length <= TEXT_CHARS_MAX, || {
        format!("{what} has {length} characters")
    })
}

/// No instance stays taken.
///
/// # Errors
/// When one does.
pub fn slots_are_back(sandbox: &Sandbox) -> Result<(), Complaint> {
    let begun = Instant::now();
    while sandbox.stats().in_use > 0 {
        if begun.elapsed() > PATIENCE {
            let in_use = sandbox.stats().in_use;
            return Err(Complaint(format!("{in_use} slots are still in use")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

impl CaseLimits {
    /// These limits of a case, and a binding's own where it sets none; the deadline is one that only a case which is
    /// about something else never reaches.
    #[must_use]
    pub fn over(&self, own: Limits) -> Limits {
        let mut limits = own;
        let set = |field: &mut u64, value: Option<u64>| *field = value.unwrap_or(*field);
        set(&mut limits.memory_bytes_max, self.memory_bytes_max);
        set(&mut limits.table_elements_max, self.table_elements_max);
        set(&mut limits.input_bytes_max, self.input_bytes_max);
        set(&mut limits.output_bytes_max, self.output_bytes_max);
        set(&mut limits.host_calls_max, self.host_calls_max);
        set(&mut limits.log_bytes_max, self.log_bytes_max);
        limits.fuel = self.fuel;
        limits.with_deadline(Duration::from_millis(self.deadline_ms.unwrap_or(60_000)))
    }
}
