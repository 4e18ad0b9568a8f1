//! `vc completions`: a completion script for a shell.

use super::{App, parser};
use crate::cli::CompletionsArgs;

/// Prints the script.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn run(app: &App, args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut parser(), "vc", &mut script);
    app.ui.data(&String::from_utf8_lossy(&script))
}
