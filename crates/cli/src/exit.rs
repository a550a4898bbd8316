//! How the program ends: outcome → exit code and text. The only place that picks an exit code.
//!
//! - **in**: what a command came to: nothing, or an error with its causes
//! - **out**: text on standard error, JSON on standard output where it was asked for, an exit code
//! - **never**: a guest's text that was not cleaned; an exit code that is not in `docs/reference/exit-codes.md`

mod helped;
mod hint;
mod machines;
mod policies;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::json;
use wardian_sandbox::inspect::InspectError;
use wardian_sandbox::text::{clean, clean_lines};
use wardian_sandbox::{
    Blame, CallError, Limit, LinkError, LoadError, SandboxError, Trap, Usage as Bill,
};

use wardian_guard::GuardError;
use wardian_machine::render::RenderError;
use wardian_machine::{Problems, StepError};
use wardian_service::ServiceError;

use crate::interrupt::Interrupt;
use crate::modules::Unassembled;
use crate::output::{self, PipeClosed};
use crate::screen;

pub(crate) use helped::Helped;
pub(crate) use policies::NotVerified;

/// Something of the host: a file, the machine, this program.
const HOST: u8 = 1;
/// The command line.
const USAGE: u8 = 2;
/// A clean no, of commands that answer a question.
const NO: u8 = 1;
/// `guard eval` and `policy check`: no verdict.
const NO_VERDICT: u8 = 3;
/// The guest broke: trap, panic, a contract not kept.
const GUEST: u8 = 10;
/// A limit was passed.
const LIMIT: u8 = 11;
/// The module does not fit what was asked of it: exports, imports, grants.
const CONTRACT: u8 = 12;
/// No room, or no time to wait for it.
const BUSY: u8 = 13;
/// The module is none, or none that may run.
const LOAD: u8 = 14;
/// The guest answered with an error about what it was given.
const ANSWER: u8 = 15;
/// By Ctrl-C or a signal, as shells count it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Characters of a message that are shown.
const MESSAGE_CHARS_MAX: usize = 8_000;
/// Frames of a trap that are shown.
const FRAMES_SHOWN: usize = 8;

/// The command line asks for something that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Usage {
    message: String,
    hint: Option<String>,
}

impl Usage {
    pub(crate) fn new(message: impl Into<String>) -> Usage {
        Usage {
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Usage {
        Usage {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// Something of the host failed, and this may help.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    source: Option<anyhow::Error>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Failure {
        Failure {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// A call that did not end well, and what it cost.
#[derive(Debug, thiserror::Error)]
#[error("`{function}` of `{module}`: {error}")]
pub(crate) struct Called {
    pub(crate) module: String,
    pub(crate) function: String,
    pub(crate) error: CallError,
    pub(crate) bill: Box<Bill>,
}

/// A module that was not loaded.
#[derive(Debug, thiserror::Error)]
#[error("module `{module}` is not loaded: {error}")]
pub(crate) struct Unloaded {
    pub(crate) module: String,
    pub(crate) error: LoadError,
}

/// An input has more bytes than whoever is to read it takes.
#[derive(Debug, thiserror::Error)]
#[error("{name} passes its input limit: allowed {} bytes", crate::show::count(*bytes_max))]
pub(crate) struct TooLarge {
    pub(crate) name: String,
    pub(crate) bytes_max: u64,
}

/// `module test` found what should not be; it has said so already.
#[derive(Debug, thiserror::Error)]
#[error("the guest does not always do the same")]
pub(crate) struct TestFailed;

/// Some of many files failed, and each was named with its reason already. The first of them in the order of the inputs
/// decides.
#[derive(Debug, thiserror::Error)]
#[error("files failed")]
pub(crate) struct FilesFailed {
    pub(crate) first: anyhow::Error,
}

/// A file that was left because the program was interrupted.
#[derive(Debug, thiserror::Error)]
#[error("interrupted before it was done")]
pub(crate) struct Interrupted;

/// The answer is no, and it was shown: exit code 1, as of `grep` and `diff`. A guard blocks, a lint found something, two
/// machines differ.
#[derive(Debug, thiserror::Error)]
#[error("the answer is no")]
pub(crate) struct Said;

/// There is no verdict, whatever the cause: exit code 3, so that nobody takes it for a no, or for a pass.
#[derive(Debug, thiserror::Error)]
#[error("no verdict")]
pub(crate) struct NoVerdict(#[source] pub(crate) anyhow::Error);

/// This program panicked while it worked on something.
#[derive(Debug, thiserror::Error)]
#[error("this program broke: {0}")]
pub(crate) struct Broken(pub(crate) String);

/// Ends the program.
pub(crate) fn end(ended: anyhow::Result<()>, interrupt: &Interrupt, json: bool) -> ExitCode {
    let error = match ended {
        Ok(()) => return ExitCode::SUCCESS,
        // Whoever reads had enough.
        Err(error) if error.downcast_ref::<PipeClosed>().is_some() => return ExitCode::SUCCESS,
        Err(error) => error,
    };
    // An error may come before what it is about has ended.
    screen::clear();
    if let Some(FilesFailed { first }) = error.downcast_ref() {
        return ExitCode::from(Verdict::of(first, interrupt.hit()).exit);
    }
    if error.is::<Said>() {
        return ExitCode::from(NO);
    }
    let verdict = Verdict::of(&error, interrupt.hit());
    if json {
        // The text below says the same; a pipe that is closed changes nothing.
        let _ = output::print_json(&verdict.json(&error));
    }
    output::warn(&verdict.text(&error));
    ExitCode::from(verdict.exit)
}

/// Ends a command line that clap refused, or that asked for help.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let hostile = std::env::args_os().any(|arg| {
        let bytes = arg.as_encoded_bytes();
        clean(bytes, usize::MAX).as_bytes() != bytes
    });
    if hostile {
        // The message repeats what was typed, or what a script put there.
        let text = error.render().to_string();
        output::warn(&clean_lines(text.as_bytes(), MESSAGE_CHARS_MAX));
    } else {
        // A closed pipe changes nothing.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE))
}

/// What is printed of an error.
pub(crate) fn text(error: &anyhow::Error) -> String {
    Verdict::plain(error).text(error)
}

/// The same for one of many files: with its name, where the message has not got it.
pub(crate) fn text_of_file(error: &anyhow::Error, name: &str) -> String {
    let text = text(error);
    match text.split_once('\n') {
        Some((first, _)) if first.contains(name) => text,
        _ => text.replacen("error: ", &format!("error: {name}: "), 1),
    }
}

/// What is said of an error with `--json`.
pub(crate) fn json(error: &anyhow::Error) -> serde_json::Value {
    Verdict::plain(error).json(error)
}

/// Whether something was left, and did not fail by itself.
pub(crate) fn is_cancelled(error: &anyhow::Error) -> bool {
    Verdict::plain(error).code == CallError::Cancelled.code()
}

/// What a service said, if one did.
pub(crate) fn service(error: &anyhow::Error) -> Option<&ServiceError> {
    error.chain().find_map(helped::service)
}

/// What a call cost that did not end well.
pub(crate) fn bill(error: &anyhow::Error) -> Option<Bill> {
    error
        .chain()
        .find_map(|cause| match cause.downcast_ref::<Called>() {
            Some(called) => Some(*called.bill),
            None => helped::service(cause)?.usage().copied(),
        })
}

/// Ends the program from a thread that is not the main one.
pub(crate) fn now(code: u8) -> ! {
    std::process::exit(code.into())
}

/// What an error means.
struct Verdict {
    exit: u8,
    code: String,
    blame: Blame,
    hint: Option<String>,
}

impl Verdict {
    fn of(error: &anyhow::Error, interrupted: bool) -> Verdict {
        let mut verdict = Verdict::plain(error);
        if error.is::<NoVerdict>() || error.is::<NotVerified>() {
            verdict.exit = NO_VERDICT;
        }
        if interrupted {
            verdict.exit = INTERRUPTED;
        }
        verdict
    }

    fn plain(error: &anyhow::Error) -> Verdict {
        for cause in error.chain() {
            if let Some(verdict) = Verdict::of_policies(cause) {
                return verdict;
            }
            if let Some(helped) = cause.downcast_ref::<Helped>() {
                return Verdict {
                    hint: helped.hint(),
                    ..Verdict::of_service(helped.error())
                };
            }
            if let Some(error) = cause.downcast_ref::<ServiceError>() {
                return Verdict::of_service(error);
            }
            if let Some(called) = cause.downcast_ref::<Called>() {
                return Verdict::of_call(&called.error);
            }
            if let Some(error) = cause.downcast_ref::<CallError>() {
                return Verdict::of_call(error);
            }
            if let Some(unloaded) = cause.downcast_ref::<Unloaded>() {
                return Verdict::of_load(&unloaded.error);
            }
            if let Some(error) = cause.downcast_ref::<LoadError>() {
                return Verdict::of_load(error);
            }
            if let Some(error) = cause.downcast_ref::<LinkError>() {
                return Verdict::of_link(error);
            }
            if let Some(error) = cause.downcast_ref::<GuardError>() {
                return Verdict::of_guard(error);
            }
            if let Some(error) = cause.downcast_ref::<StepError>() {
                return Verdict::of_step(error);
            }
            if let Some(RenderError::TooMany { .. }) = cause.downcast_ref::<RenderError>() {
                return Verdict::new(LIMIT, "limit.drawing", Blame::Guest, None);
            }
            if cause.downcast_ref::<Problems>().is_some() {
                return Verdict::new(LOAD, "machine", Blame::Guest, None);
            }
            if cause.downcast_ref::<TooLarge>().is_some() {
                return Verdict::new(LIMIT, Limit::Input.code(), Blame::Caller, None);
            }
            if cause.downcast_ref::<TestFailed>().is_some() {
                let hint = "what differs depends on something that was not given to it";
                return Verdict::new(GUEST, "test", Blame::Guest, Some(hint.into()));
            }
            if cause.is::<Unassembled>() || cause.is::<InspectError>() {
                return Verdict::new(LOAD, "load.invalid", Blame::Guest, None);
            }
            if cause.downcast_ref::<Interrupted>().is_some() {
                return Verdict::new(INTERRUPTED, "cancelled", Blame::Caller, None);
            }
            if cause.downcast_ref::<Broken>().is_some() {
                let hint = "this is a mistake in Wardian; please report it";
                return Verdict::new(HOST, "host", Blame::Host, Some(hint.into()));
            }
            if let Some(usage) = cause.downcast_ref::<Usage>() {
                return Verdict::new(USAGE, "usage", Blame::Caller, usage.hint.clone());
            }
            if let Some(failure) = cause.downcast_ref::<Failure>() {
                return Verdict::new(HOST, "host", Blame::Host, failure.hint.clone());
            }
            if let Some(error) = cause.downcast_ref::<SandboxError>() {
                return Verdict::new(HOST, "sandbox", Blame::Operator, hint::sandbox(error));
            }
        }
        Verdict::new(HOST, "host", Blame::Host, None)
    }

    fn new(exit: u8, code: impl Into<String>, blame: Blame, hint: Option<String>) -> Verdict {
        Verdict {
            exit,
            code: code.into(),
            blame,
            hint,
        }
    }

    fn of_call(error: &CallError) -> Verdict {
        let exit = match error {
            CallError::Trap(_) | CallError::Panic { .. } | CallError::Contract(_) => GUEST,
            CallError::Limit { .. } => LIMIT,
            CallError::Refused(_) => CONTRACT,
            CallError::Guest { .. } => ANSWER,
            CallError::Busy | CallError::Cancelled => BUSY,
            CallError::Host(_) => HOST,
        };
        let hint = match error {
            CallError::Limit { which, max, .. } => hint::limit(*which, *max),
            CallError::Busy => Some(
                "raise `--pool`, give it more time by `--limit deadline=…`, or call again later"
                    .into(),
            ),
            other => other.hint(),
        };
        Verdict::new(exit, error.code(), error.blame(), hint)
    }

    fn of_load(error: &LoadError) -> Verdict {
        let exit = match error {
            LoadError::Limits { .. } | LoadError::Declared { .. } => LIMIT,
            LoadError::Invalid(_) | LoadError::Proposals(_) => LOAD,
            LoadError::Cancelled => BUSY,
            LoadError::Compiler(_) | LoadError::NotKept(_) => HOST,
        };
        let hint = match error {
            LoadError::Declared {
                which: Limit::Memory,
                max,
                ..
            } => hint::limit(Limit::Memory, *max),
            LoadError::Limits { problems }
                if problems.iter().any(|p| p.0 == Limit::CompileTime) =>
            {
                Some("raise `--compile-time` if this module may take that long".into())
            }
            // The other limits of loading are fixed here.
            _ => None,
        };
        Verdict::new(exit, error.code(), error.blame(), hint)
    }

    fn of_link(error: &LinkError) -> Verdict {
        let hint = match error.code() {
            "link.refused" => "this command grants nothing; embed the module in a host that does",
            "link.limits" => "change `--limit`, `--stack` or `--pool`",
            _ => "`wardian module inspect` shows what the module has and what it lacks",
        };
        Verdict::new(CONTRACT, error.code(), error.blame(), Some(hint.into()))
    }

    /// Message, then each cause indented, then where a trap happened, then the hint.
    fn text(&self, error: &anyhow::Error) -> String {
        let mut out = String::from("error: ");
        let mut last = String::new();
        for (depth, cause) in error.chain().enumerate() {
            let message = clean_lines(cause.to_string().as_bytes(), MESSAGE_CHARS_MAX);
            // Some libraries repeat their source in their own message.
            if depth > 0 && last.contains(&message) {
                continue;
            }
            let indent = if depth == 0 { "" } else { "  " };
            for line in message.lines() {
                // Writing into a String does not fail.
                let _ = writeln!(out, "{indent}{line}");
            }
            last = message;
        }
        if let Some(trap) = call_error(error).and_then(CallError::trap) {
            out.push_str(&place(trap));
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "hint: {}", clean(hint.as_bytes(), MESSAGE_CHARS_MAX));
        }
        out
    }

    fn json(&self, error: &anyhow::Error) -> serde_json::Value {
        let messages: Vec<String> = error
            .chain()
            .map(|cause| clean(cause.to_string().as_bytes(), MESSAGE_CHARS_MAX))
            .collect();
        let mut body = json!({
            "code": self.code,
            "blame": self.blame,
            "exit": self.exit,
            "message": messages.first(),
            "causes": messages.get(1..).unwrap_or_default(),
            "hint": self.hint,
        });
        if let Some(trap) = call_error(error).and_then(CallError::trap) {
            body["trap"] = json!(trap);
        }
        let mut out = json!({ "ok": false, "error": body });
        if let Some(bill) = bill(error) {
            out["usage"] = crate::json::usage(&bill);
        }
        out
    }
}

/// The call's error, wherever it is in the chain.
fn call_error(error: &anyhow::Error) -> Option<&CallError> {
    error.chain().find_map(|cause| {
        let called = cause.downcast_ref::<Called>().map(|called| &called.error);
        called.or_else(|| cause.downcast_ref::<CallError>())
    })
}

/// Frames innermost first, then the guest's last words.
fn place(trap: &Trap) -> String {
    let mut out = String::new();
    for frame in trap.frames.iter().take(FRAMES_SHOWN) {
        // Writing into a String does not fail.
        let _ = writeln!(out, "  in {frame}");
    }
    let more = trap.frames.len().saturating_sub(FRAMES_SHOWN);
    if more > 0 {
        let _ = writeln!(out, "  and {more} more");
    }
    for line in trap.log_tail.lines() {
        let _ = writeln!(out, "  the guest said: {}", clean(line.as_bytes(), 400));
    }
    out
}
