//! `wardian policy check`: one question, and the answer as the contract has it.
//!
//! - **in**: a policy and a question: text, or a module of anybody's
//! - **out**: `{"kind":"allow"}` or `{"kind":"deny","reason":…}`, and an exit code that says the same
//! - **never**: exit code 0 for anything but a yes

use std::path::PathBuf;

use clap::Args;
use wardian_policy::{Decision, Input, Problems};
use wardian_sandbox::text::clean_lines;

use super::checkers::{self, Choice, Opened, Who};
use super::no_answer;
use crate::exit::{Interrupted, Said};
use crate::input;
use crate::interrupt::Interrupt;
use crate::output;
use crate::settings::Settings;

/// Characters of what is wrong with a question that are shown.
const PROBLEMS_CHARS_MAX: usize = 8_000;

/// Ask a policy once.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0 allows, 1 denies, 3 is an error such as a policy that is not there: whatever went
wrong, it is never 0. A question that is none is denied as `malformed_input`. A check has one
second here, where a host gives it 5 ms, and the fuel and memory that it has there.

Examples:
  wardian policy check --policy shop.json --input question.json
  wardian policy check --policy shop.wasm --input - < question.json
  wardian policy check --policy shop.json --checker wasm --input question.json")]
pub(super) struct CheckArgs {
    /// A policy document, `.json`, or an artifact
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The question, as JSON, or `-`
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Who answers: the rules of this program, the box, the box as OPA has it, or as the policy is
    #[arg(
        long,
        value_enum,
        default_value = "auto",
        hide_possible_values = true,
        value_name = "auto|local|wasm|opa"
    )]
    checker: Choice,
}

pub(super) fn run(
    args: &CheckArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    check(args, settings, interrupt).map_err(no_answer)
}

fn check(args: &CheckArgs, settings: &Settings, interrupt: &Interrupt) -> anyhow::Result<()> {
    let opened = Opened::open(&args.policy, args.checker, settings, interrupt)?;
    let text = input::read(&args.input, checkers::TEXT_BYTES_MAX)?;
    let (decision, problems) = checkers::ask(&opened.who, &text);
    if interrupt.hit() {
        return Err(Interrupted.into());
    }
    output::print(&format!("{}\n", decision.to_json()))?;
    if !settings.quiet {
        explain(&opened.who, &text, &decision, problems.as_ref());
    }
    match decision {
        Decision::Allow => Ok(()),
        Decision::Deny(_) => Err(Said.into()),
    }
}

/// What the answer does not say: why a question is none, and what a host would do without asking.
fn explain(who: &Who, text: &[u8], decision: &Decision, problems: Option<&Problems>) {
    if let Some(problems) = problems {
        let text = format!("note: not a question: {problems}");
        output::warn(&clean_lines(text.as_bytes(), PROBLEMS_CHARS_MAX));
    }
    let Ok(question) = Input::from_json(text) else {
        return;
    };
    let mut statics = who.checker().statics().iter();
    if let Some(rule) = statics.find(|rule| rule.covers(&question) && !decision.is_allow()) {
        let text = format!("note: `{rule}` is declared static: a host allows it without asking");
        output::warn(&clean_lines(text.as_bytes(), PROBLEMS_CHARS_MAX));
    }
}
