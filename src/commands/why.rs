//! `vc why`: from a virtual object to the cause on the host, on one screen.

mod gather;
mod page;

use anyhow::Context;

use super::App;
use super::inside::Inside;
use crate::cli::{DescriptionFormat, WhyArgs};
use crate::kinds::Reference;
use crate::why::{Report, diagnose};

/// Prints it.
///
/// # Errors
/// When the object or the cluster does not exist, or one of both sides does not answer. What we may not see of the
/// host says so in the report.
pub(super) async fn run(app: &App, args: &WhyArgs) -> anyhow::Result<()> {
    let Reference { kind, name } = &args.object;
    let report = report(app, args)
        .await
        .with_context(|| format!("cannot explain {} `{name}`", kind.word()))?;
    app.ui.data(&match args.output {
        None => page::page(&report),
        Some(DescriptionFormat::Json) => format!("{}\n", serde_json::to_string_pretty(&report)?),
        Some(DescriptionFormat::Yaml) => serde_saphyr::to_string(&report)?,
    })
}

async fn report(app: &App, args: &WhyArgs) -> anyhow::Result<Report> {
    let inside = Inside::open(app, &args.inside).await?;
    let facts = Box::pin(gather::facts(&inside, &args.object)).await?;
    Ok(diagnose(&facts))
}
