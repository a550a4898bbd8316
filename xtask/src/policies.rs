//! The whole of what `cargo xtask test` does in small: native rules, core module and component are asked the same questions, by
//! the million, and judged by the second statement of the contract.

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Workspace, run as run_command};

const CASES: u64 = 1_000_000;
const TESTS: [(&str, &str); 2] = [
    (
        "policy",
        "equivalence::generated_questions_are_answered_alike_by_every_checker",
    ),
    ("rego", "policies_that_are_made_answer_as_natively"),
];

pub(crate) fn run(workspace: &Workspace, words: &[&str]) -> Result<()> {
    let cases = match words {
        [] => CASES,
        ["--cases", n] => n.parse().with_context(|| format!("`{n}` is no number"))?,
        _ => bail!("usage: cargo xtask policies [--cases N]"),
    };
    for (binary, test) in TESTS {
        let line = format!("test --release --workspace --test {binary} -- {test} --exact");
        run_command(
            workspace
                .cargo(&line)
                .env("WARDIAN_CASES", cases.to_string()),
        )?;
    }
    println!(
        "{cases} questions are answered alike by every checker, and the corpus of Rego as natively"
    );
    Ok(())
}
