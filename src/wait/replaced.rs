//! Waiting until a control plane has the pod that is wanted now.
//!
//! In: a host, a cluster's place, the StatefulSet's generation. Out: that its controller has made the pod. Never:
//! writes, waits for what the pod does.

use std::time::Duration;

use anyhow::anyhow;
use futures::StreamExt;
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::Api;
use kube::runtime::watcher::{self, Event, watcher};
use tokio::time::timeout;

use super::{Silence, Target};
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;

/// Waits until the pod of a control plane is one of this generation of its StatefulSet, or a later one.
///
/// # Errors
/// When the deadline passes, the host does not answer, or we may not look.
pub async fn await_replaced(
    host: &Host,
    target: Target<'_>,
    generation: i64,
    deadline: Duration,
) -> anyhow::Result<()> {
    let replaced = Box::pin(replaced(host, target, generation));
    if let Ok(result) = timeout(deadline, replaced).await {
        return result;
    }
    let Target { name, namespace } = target;
    let message = format!(
        "the pod of virtual cluster `{name}` was not replaced after {}",
        humantime::format_duration(deadline)
    );
    Err(Failure::new(Kind::TimedOut, message)
        .hint(format!(
            "see what holds it: kubectl -n {namespace} describe statefulset,pod -l {}",
            labels::control_plane(name)
        ))
        .into())
}

async fn replaced(host: &Host, target: Target<'_>, generation: i64) -> anyhow::Result<()> {
    let api: Api<StatefulSet> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let object = target.name.object();
    let config = watcher::Config::default().labels(&format!("{}={}", labels::CLUSTER, target.name));
    let mut events = watcher(api, config).boxed();
    let mut silence = Silence::default();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Apply(set) | Event::InitApply(set)) => {
                silence.heard();
                if set.metadata.name.as_deref() == Some(&object) && has_pod_of(&set, generation) {
                    return Ok(());
                }
            }
            Ok(_) => silence.heard(),
            Err(error) => {
                let attempt = || {
                    format!(
                        "cannot watch statefulset `{object}` in namespace `{}`",
                        target.namespace
                    )
                };
                silence
                    .bear(host, error, |fatal| fatal.context(attempt()))
                    .await?;
            }
        }
    }
    Err(anyhow!("the watch on statefulsets ended"))
}

/// Whether the controller has seen this generation, and the pod is made from it. A pod of the same template as
/// before is: only the number of pods, say, is other.
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/#StatefulSetStatus>
fn has_pod_of(set: &StatefulSet, generation: i64) -> bool {
    let Some(status) = &set.status else {
        return false;
    };
    let is_seen = status.observed_generation.unwrap_or_default() >= generation;
    is_seen && status.updated_replicas.unwrap_or_default() > 0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_counts_once_the_controller_has_seen_the_change_and_made_it() {
        let is_made = |status| {
            let set = json!({"metadata": {"name": "vc-dev"}, "status": status});
            has_pod_of(&serde_json::from_value(set).unwrap(), 3)
        };
        let status = |seen: i64, updated: i64| json!({"replicas": 1, "observedGeneration": seen, "updatedReplicas": updated});
        assert!(is_made(status(3, 1)));
        assert!(is_made(status(4, 1)));
        assert!(!is_made(status(2, 1)));
        assert!(!is_made(status(3, 0)));
        assert!(!is_made(json!({"replicas": 1, "observedGeneration": 3})));
    }
}
