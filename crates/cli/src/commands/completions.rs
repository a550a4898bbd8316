//! `wardian completions`: what a shell needs to complete this command's words.

use clap::Args;
use clap_complete::Shell;

use crate::output;
use crate::settings::for_people;

/// Print what a shell needs to complete this command's words.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wardian completions bash > ~/.local/share/bash-completion/completions/wardian
  wardian completions zsh > ~/.zfunc/_wardian              (with `fpath+=~/.zfunc` before `compinit`)
  wardian completions fish > ~/.config/fish/completions/wardian.fish
  source <(wardian completions bash)                       (for this shell alone)")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(
        value_enum,
        value_name = "bash|zsh|fish|elvish|powershell",
        hide_possible_values = true
    )]
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut for_people(), "wardian", &mut text);
    output::print_bytes(&text)
}
