//! `vc wait`: until a virtual cluster is ready, or gone.

use anyhow::Context;

use super::resume::IfPaused;
use super::{App, connect};
use crate::cli::{Condition, WaitArgs};
use crate::config;
use crate::error::{Kind, kind};
use crate::find::{self, Scope};
use crate::wait::{self, Target};

/// Waits.
///
/// # Errors
/// When it does not come to be in time, or cannot; when a cluster that is to be ready does not exist.
pub(super) async fn run(app: &App, args: &WaitArgs) -> anyhow::Result<()> {
    let name = &args.name;
    match args.condition {
        Condition::Ready => {
            connect::ready_cluster(app, name, args.timeout, IfPaused::Refuse)
                .await
                .with_context(|| format!("cannot wait for virtual cluster `{name}` to be ready"))?;
            app.ui.finish();
            app.ui.note(&format!("virtual cluster `{name}` is ready"));
        }
        Condition::Deleted => {
            deleted(app, args)
                .await
                .with_context(|| format!("cannot wait for virtual cluster `{name}` to be gone"))?;
            app.ui.finish();
            app.ui
                .note(&format!("virtual cluster `{name}` does not exist"));
        }
    }
    Ok(())
}

async fn deleted(app: &App, args: &WaitArgs) -> anyhow::Result<()> {
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = match find::one(&host, &files, &scope, &args.name).await {
        Err(error) if kind(&error) == Kind::NotFound => return Ok(()),
        found => found?,
    };
    app.ui
        .step(&format!("waiting for the end of `{}`", cluster.name));
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    wait::await_deleted(&host, &app.ui, target, timeout).await
}
