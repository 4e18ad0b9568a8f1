//! `vc completions`: a completion script for a shell.

mod names;

use clap::Command;
use clap_complete::Shell;

use super::{App, parser};
use crate::cli::CompletionsArgs;

/// The command line without the commands that only other programs call: the generators would offer
/// them.
pub(super) fn visible() -> Command {
    let whole = parser();
    let shown = |command: &&Command| !command.is_hide_set();
    Command::new("vc")
        .version(env!("CARGO_PKG_VERSION"))
        .args(whole.get_arguments().cloned())
        .subcommands(whole.get_subcommands().filter(shown).cloned())
}

/// Prints the script.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn run(app: &App, args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    let mut root = visible();
    clap_complete::generate(args.shell, &mut root, "vc", &mut script);
    let script = String::from_utf8_lossy(&script);
    // The generator builds what it is given, which then has every option in every command.
    let root = visible();
    app.ui.data(&match args.shell {
        Shell::Bash => names::bash(&script, &root),
        Shell::Zsh => names::zsh(&script),
        Shell::Fish => names::fish(&script, &root),
        _ => script.into_owned(),
    })
}
