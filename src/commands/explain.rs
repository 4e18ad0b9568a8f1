//! `vc explain`: what the codes of `vc doctor` mean.

use super::App;
use super::list::aligned;
use crate::cli::ExplainArgs;
use crate::doctor::codes::{self, Code};
use crate::error::{Failure, Kind};

/// Explains one code, or lists all.
///
/// # Errors
/// When there is no such code, or stdout cannot be written.
pub(super) fn run(app: &App, args: &ExplainArgs) -> anyhow::Result<()> {
    let text = match &args.code {
        Some(id) => explanation(codes::find(id).ok_or_else(|| {
            Failure::new(Kind::NotFound, format!("no code `{id}`"))
                .hint("see them all with `vc explain`")
        })?),
        None => list(),
    };
    app.ui.data(&text)
}

fn explanation(code: &Code) -> String {
    let Code {
        id,
        severity,
        title,
        why,
        remedy,
    } = code;
    format!("{id} ({severity}): {title}\n\n{why}\n\nWhat to do: {remedy}\n")
}

fn list() -> String {
    let header = ["CODE", "SEVERITY", "WHAT"].map(str::to_owned).to_vec();
    let rows = codes::ALL.iter().map(|code| {
        vec![
            code.id.to_owned(),
            code.severity.to_string(),
            code.title.to_owned(),
        ]
    });
    aligned([header].into_iter().chain(rows).collect())
}
