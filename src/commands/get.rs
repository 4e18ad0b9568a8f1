//! `vc get`: one virtual cluster, as `vc list` shows it.

use anyhow::Context;
use jiff::Timestamp;

use super::App;
use super::list::{Row, text_of_one};
use crate::cli::GetArgs;
use crate::find::{self, Scope};

/// Prints it.
///
/// # Errors
/// When it does not exist, or there are several of that name.
pub(super) async fn run(app: &App, args: &GetArgs) -> anyhow::Result<()> {
    let row = row(app, args)
        .await
        .with_context(|| format!("cannot get virtual cluster `{}`", args.name))?;
    app.ui
        .data(&text_of_one(&row, args.output, Timestamp::now())?)
}

async fn row(app: &App, args: &GetArgs) -> anyhow::Result<Row> {
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(&host, &files, &scope, &args.name).await?;
    Ok(Row::new(&cluster, &files, Timestamp::now()))
}
