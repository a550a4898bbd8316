//! `wardian doctor`: what is installed, what the machine supports, and what is slow and why.

mod machine;
mod measured;
mod tools;

use clap::Args;
use serde::Serialize;

use crate::interrupt::Interrupt;
use crate::output;
use crate::settings::Settings;

/// Say what is installed, what the machine supports, and what is slow and why.
#[derive(Debug, Args)]
#[command(after_help = "\
Each line is `ok`, `slow` (it works, and this is what it costs), `limited` (it works, with
less) or `missing` (something does not work without it). The exit code is 1 if the sandbox
does not work here, else 0.

Examples:
  wardian doctor
  wardian doctor --json | jq '.checks[] | select(.state != \"ok\")'")]
pub(crate) struct DoctorArgs {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Slow,
    Limited,
    Missing,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Check {
    group: &'static str,
    name: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Check {
    fn ok(group: &'static str, name: &'static str, found: impl Into<String>) -> Check {
        Check {
            group,
            name,
            state: State::Ok,
            found: found.into(),
            why: None,
        }
    }

    /// The same, not so well, and what to know about it.
    fn but(self, state: State, why: impl Into<String>) -> Check {
        Check {
            state,
            why: Some(why.into()),
            ..self
        }
    }
}

pub(crate) fn run(
    args: &DoctorArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let mut checks = machine::checks();
    let measured = measured::checks(settings, interrupt, &mut checks);
    checks.extend(tools::checks());
    if args.json {
        output::print_json(&serde_json::json!({ "ok": measured.is_ok(), "checks": checks }))?;
    } else {
        output::print(&text(&checks))?;
    }
    measured
}

fn text(checks: &[Check]) -> String {
    let mut out = String::new();
    let mut group = "";
    for check in checks {
        if check.group != group {
            let gap = if group.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{gap}{}\n", check.group));
            group = check.group;
        }
        let state = match check.state {
            State::Ok => "ok",
            State::Slow => "slow",
            State::Limited => "limited",
            State::Missing => "missing",
        };
        out.push_str(&format!(
            "  {state:<8} {:<18} {}\n",
            check.name, check.found
        ));
        if let Some(why) = &check.why {
            out.push_str(&format!("  {:<8} {:<18} {why}\n", "", ""));
        }
    }
    out
}
