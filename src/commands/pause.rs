//! `vc pause`: control plane and workloads are scaled to nothing; what is stored is kept.
//!
//! The control plane ends first, so that its syncer does not take the end of the pods for somebody's deletion of
//! them. Whatever interrupts it, the same command ends what was begun. See decision 0024.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use tokio::time::sleep;

use super::selection::{Selection, Telling};
use super::{App, resume};
use crate::apply;
use crate::cli::PauseArgs;
use crate::cluster::{Cluster, Status, Storage};
use crate::config;
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;
use crate::wait::{self, Target};

/// How many pods are told to end at once.
const AT_ONCE: usize = 16;

/// How often somebody who waits for pods to end looks whether the cluster was resumed.
const LOOK_PERIOD: Duration = Duration::from_millis(500);

/// Pauses the named clusters, all of them even if one cannot be.
///
/// # Errors
/// When a cluster does not exist, would lose its store, or has pods that do not end; the others are paused all
/// the same.
pub(super) async fn run(app: &App, args: PauseArgs) -> anyhow::Result<()> {
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let selection = Selection {
        names: &args.names,
        selector: args.selector.as_deref(),
    };
    let telling = Telling {
        attempt: "pause",
        midway: "half paused",
        done: |Cluster { name, .. }: &Cluster| {
            format!(
                "virtual cluster `{name}` is paused: `vc resume {name}`, or any use of its context, wakes it"
            )
        },
    };
    selection
        .with_each(app, telling, async |host, cluster| {
            pause(app, host, cluster, timeout).await
        })
        .await
}

async fn pause(app: &App, host: &Host, cluster: &Cluster, timeout: Duration) -> anyhow::Result<()> {
    check_whole(cluster)?;
    check_persistent(cluster)?;
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    app.ui.step(&format!("stopping `{}`", cluster.name));
    apply::scale(host, target.namespace, target.name, 0, None).await?;
    end_workloads(app, host, target, timeout).await
}

/// That all of a cluster is there.
///
/// # Errors
/// That it is being deleted, or that parts of it are missing.
pub(super) fn check_whole(cluster: &Cluster) -> Result<(), Failure> {
    if !matches!(cluster.status, Status::Deleting | Status::Incomplete) {
        return Ok(());
    }
    let reason = cluster.reason.as_deref();
    let reason = reason.unwrap_or("it is being deleted");
    let message = format!("it is {}: {reason}", cluster.status);
    Err(Failure::new(Kind::Failed, message).hint(format!(
        "vc delete {} -n {}",
        cluster.name, cluster.namespace
    )))
}

/// That the store of a cluster outlives its pod.
fn check_persistent(cluster: &Cluster) -> Result<(), Failure> {
    let storage = cluster.spec.as_ref().map(|spec| &spec.storage);
    let message = match storage {
        Some(Storage::Persistent { .. }) => return Ok(()),
        Some(Storage::Ephemeral) => {
            "it is ephemeral: its store, and all that is in the cluster, would be lost with its pod"
        }
        None => "its marker cannot be read, so nothing says that its store outlives its pod",
    };
    Err(Failure::new(Kind::Failed, message).hint(format!(
        "delete it with `vc delete {} -n {}`; one that is created without `--ephemeral` can be paused",
        cluster.name, cluster.namespace
    )))
}

/// Ends the host pods of a cluster whose control plane is scaled to nothing, once that has ended.
///
/// # Errors
/// What the host answers; that pods do not end in time; of kind [`Kind::Exists`] that the cluster was resumed
/// meanwhile.
pub(super) async fn end_workloads(
    app: &App,
    host: &Host,
    target: Target<'_>,
    timeout: Duration,
) -> anyhow::Result<()> {
    tokio::select! {
        ended = Box::pin(end_pods(app, host, target, timeout)) => ended,
        () = resumed(host, target) => Err(resumed_meanwhile().into()),
    }
}

async fn end_pods(
    app: &App,
    host: &Host,
    target: Target<'_>,
    timeout: Duration,
) -> anyhow::Result<()> {
    let control_plane = labels::control_plane(target.name);
    wait::await_pods_ended(host, &app.ui, target, &control_plane, timeout).await?;
    check_stopped(host, target).await?;
    apply::mark_paused(host, target.namespace, target.name).await?;
    let selector = labels::workloads(target.name);
    let api: Api<Pod> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let params = ListParams::default().labels(&selector);
    let attempt = format!("list pods in namespace `{}`", target.namespace);
    let pods = host.call(attempt, api.list_metadata(&params)).await?.items;
    // Once more, so that all of these are from before a syncer that is started from here on.
    check_stopped(host, target).await?;
    stream::iter(&pods)
        .map(|pod| async {
            let (name, uid) = (pod.name_any(), pod.uid().unwrap_or_default());
            apply::stop_pod(host, target.namespace, &name, &uid).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    wait::await_pods_ended(host, &app.ui, target, &selector, timeout).await
}

async fn check_stopped(host: &Host, target: Target<'_>) -> anyhow::Result<()> {
    match resume::stopped(host, target).await? {
        Some(_) => Ok(()),
        None => Err(resumed_meanwhile().into()),
    }
}

fn resumed_meanwhile() -> Failure {
    Failure::new(Kind::Exists, "it was resumed meanwhile")
}

/// Resolves when the control plane is no longer to be scaled to nothing.
async fn resumed(host: &Host, target: Target<'_>) {
    loop {
        sleep(LOOK_PERIOD).await;
        if matches!(resume::stopped(host, target).await, Ok(None)) {
            return;
        }
    }
}
