//! `vc wait`: until a virtual cluster is ready, or gone, or has a condition.

use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::resume::IfPaused;
use super::{App, connect};
use crate::cli::{Aim, WaitArgs};
use crate::cluster::{Cluster, Condition, ConditionStatus, Status, Wanted};
use crate::config;
use crate::error::{Failure, Kind, kind};
use crate::find::{self, Scope};
use crate::labels;
use crate::wait::{self, Changes, Target};

/// How often a condition is looked at when nothing changes: a time to live ends without that the host tells of it.
const LOOK_PERIOD: Duration = Duration::from_secs(1);

/// Waits.
///
/// # Errors
/// When it does not come to be in time, or cannot; when a cluster that is to be ready does not exist.
pub(super) async fn run(app: &App, args: &WaitArgs) -> anyhow::Result<()> {
    let name = &args.name;
    match args.aim {
        Aim::Ready => {
            connect::ready_cluster(app, name, args.timeout, IfPaused::Refuse)
                .await
                .with_context(|| format!("cannot wait for virtual cluster `{name}` to be ready"))?;
            app.ui.finish();
            app.ui.note(&format!("virtual cluster `{name}` is ready"));
        }
        Aim::Deleted => {
            deleted(app, args)
                .await
                .with_context(|| format!("cannot wait for virtual cluster `{name}` to be gone"))?;
            app.ui.finish();
            app.ui
                .note(&format!("virtual cluster `{name}` does not exist"));
        }
        Aim::Condition(wanted) => {
            Box::pin(condition(app, args, wanted))
                .await
                .with_context(|| format!("cannot wait for {wanted} of virtual cluster `{name}`"))?;
            app.ui.finish();
            app.ui
                .note(&format!("virtual cluster `{name}` has {wanted}"));
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

/// Waits for a condition of a cluster that exists.
async fn condition(app: &App, args: &WaitArgs, wanted: Wanted) -> anyhow::Result<()> {
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let mut cluster = find::one(&host, &files, &scope, &args.name).await?;
    app.ui
        .step(&format!("waiting for {wanted} of `{}`", cluster.name));
    let namespaces = [cluster.namespace.clone()];
    let of_name = format!("{}={}", labels::CLUSTER, cluster.name);
    let mut changes = Changes::new(&host, Some(&namespaces), Some(&of_name));
    let deadline = Instant::now() + timeout;
    loop {
        let found = cluster.condition(wanted.type_, Timestamp::now());
        if found.status == wanted.status {
            return Ok(());
        }
        if cannot_come(&cluster, wanted) {
            return Err(never(&cluster).into());
        }
        app.ui.reason(&in_words(&found));
        if Instant::now() >= deadline {
            return Err(timed_out(&cluster, wanted, &found, timeout).into());
        }
        let look = deadline.min(Instant::now() + LOOK_PERIOD);
        // A look that nothing has changed until then keeps what was seen last.
        if let Ok(clusters) = timeout_at(look, changes.next()).await {
            let mut clusters = clusters?.into_iter();
            let same = clusters.find(|found| found.name == cluster.name);
            cluster = same.ok_or_else(deleted_meanwhile)?;
        }
    }
}

/// Whether something is to be ready that cannot become so.
fn cannot_come(cluster: &Cluster, wanted: Wanted) -> bool {
    let is_to_be_ready = wanted.type_.is_readiness() && wanted.status == ConditionStatus::True;
    is_to_be_ready && cluster.status == Status::Failed
}

fn never(cluster: &Cluster) -> Failure {
    let reason = cluster.reason.as_deref().unwrap_or("it has failed");
    Failure::new(Kind::Failed, reason).hint(how_to_look(cluster))
}

fn deleted_meanwhile() -> Failure {
    Failure::new(Kind::NotFound, "it was deleted meanwhile").hint("vc list")
}

fn timed_out(cluster: &Cluster, wanted: Wanted, last: &Condition, after: Duration) -> Failure {
    let message = format!(
        "condition `{}` was not {} after {}",
        wanted.type_,
        wanted.status,
        humantime::format_duration(after)
    );
    Failure::new(Kind::TimedOut, message)
        .detail(format!("it is {}", in_words(last)))
        .hint(how_to_look(cluster))
}

/// `False: Degraded, its pod does not exist`.
fn in_words(condition: &Condition) -> String {
    let Condition { status, reason, .. } = condition;
    match &condition.message {
        Some(message) => format!("{status}: {reason}, {message}"),
        None => format!("{status}: {reason}"),
    }
}

fn how_to_look(cluster: &Cluster) -> String {
    format!("vc describe {} -n {}", cluster.name, cluster.namespace)
}
