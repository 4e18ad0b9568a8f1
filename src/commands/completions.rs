//! `vc completions`: a completion script for a shell.

use clap::Command;

use super::{App, parser};
use crate::cli::CompletionsArgs;

/// The command line without the commands that only other programs call: the generators would offer
/// them.
fn visible() -> Command {
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
    clap_complete::generate(args.shell, &mut visible(), "vc", &mut script);
    app.ui.data(&String::from_utf8_lossy(&script))
}
