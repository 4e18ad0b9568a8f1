//! `vc man`: the manual pages.

use clap::Command;
use clap_mangen::Man;

use super::completions::visible;
use super::{App, parser};
use crate::cli::ManArgs;
use crate::error::{Failure, Kind};

/// Prints the page of `vc`, or of a command.
///
/// # Errors
/// When there is no such command, or stdout cannot be written.
pub(super) fn run(app: &App, args: &ManArgs) -> anyhow::Result<()> {
    let root = root();
    let mut command = &root;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            let typed = args.command.join(" ");
            Failure::new(
                Kind::Usage,
                format!("no manual page: `{typed}` is no command"),
            )
            .hint("vc --help")
        })?;
    }
    let mut page = Vec::new();
    // Without a date and a version, a page changes when what it says does.
    let man = Man::new(command.clone()).manual("vc").source("vc");
    man.render(&mut page)?;
    // The library writes an empty date as none, and what follows would take its place.
    let page = String::from_utf8_lossy(&page);
    app.ui
        .data(&page.replacen(" 1  vc vc\n", " 1 \"\" vc vc\n", 1))
}

/// The command line as the help shows it, each command with its whole name and the options of all.
fn root() -> Command {
    let whole = parser();
    let mut root = Command::new("vc").args(whole.get_arguments().cloned());
    for command in visible().get_subcommands() {
        root = root.subcommand(command.clone());
    }
    if let Some(about) = whole.get_about() {
        root = root.about(about.clone());
    }
    if let Some(after) = whole.get_after_help() {
        root = root.after_help(after.clone());
    }
    root = root.disable_help_subcommand(true);
    root.build();
    root
}
