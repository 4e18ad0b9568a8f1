//! Waiting until the store of a control plane runs.
//!
//! In: a host, a cluster's place. Out: that commands can be run in its container. Never: writes.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use tokio::time::{sleep, timeout};

use super::{RETRY_DELAY, Target};
use crate::cluster::diagnose;
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;
use crate::render::snapshot;

/// Waits until the container of the store runs.
///
/// # Errors
/// When the deadline passes, with what holds the pod; what the host answers.
pub async fn await_store(
    host: &Host,
    target: Target<'_>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let mut last = "it has no pod".to_owned();
    let runs = async {
        loop {
            match store_runs(host, target).await? {
                None => return anyhow::Ok(()),
                Some(reason) => last = reason,
            }
            sleep(RETRY_DELAY).await;
        }
    };
    if let Ok(result) = timeout(deadline, runs).await {
        return result;
    }
    let Target { name, namespace } = target;
    let message = format!(
        "the store of virtual cluster `{name}` did not run after {}",
        humantime::format_duration(deadline)
    );
    Err(Failure::new(Kind::TimedOut, message)
        .detail(last)
        .hint(format!(
            "see what holds it: kubectl -n {namespace} describe statefulset,pod -l {}",
            labels::control_plane(name)
        ))
        .into())
}

/// None if it does; else what holds it.
async fn store_runs(host: &Host, target: Target<'_>) -> anyhow::Result<Option<String>> {
    let api: Api<Pod> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let params = ListParams::default().labels(&labels::control_plane(target.name));
    let attempt = format!("list pods in namespace `{}`", target.namespace);
    let pods = host.call(attempt, api.list(&params)).await?.items;
    let Some(pod) = pods.first() else {
        return Ok(Some("it has no pod".to_owned()));
    };
    Ok((!is_running(pod)).then(|| diagnose(pod).reason))
}

/// Whether the store's container runs, in a pod that stays.
fn is_running(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let containers = status.and_then(|status| status.container_statuses.as_deref());
    let mut containers = containers.unwrap_or_default().iter();
    let store = containers.find(|container| container.name == snapshot::CONTAINER);
    let state = store.and_then(|store| store.state.as_ref());
    pod.metadata.deletion_timestamp.is_none() && state.is_some_and(|state| state.running.is_some())
}
