//! What a pause has left: pods that the virtual cluster takes for running, and that are nowhere.
//!
//! In: both sides, seen as a whole, and the marker's note of a pause. Out: such a pod as one that has not been
//! started yet, so that it is started like any new one; the note taken away. Never: touches a pod whose maker
//! makes another: that one is deleted by the general rule, as when a node is lost.
//!
//! # Guarantees
//! Runs before any pod is worked on. A pod is given back its beginning one by one, and what was done is seen in
//! the pod itself, so a syncer that is killed in between goes on with the rest.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::sleep;
use tracing::info;

use super::cache::Name;
use super::context::Context;
use super::lead;
use super::pods::{deletion_grace, has_ended, is_mirror, write_status};
use super::rest::RestError;
use crate::labels;

/// How often pods that are ending are looked at.
const ENDING: Duration = Duration::from_millis(200);

/// How much later than its grace says a pod may end; one that is later has lost its node.
const LATE: SignedDuration = SignedDuration::from_secs(30);

/// Gives the pods that a pause has stopped their beginning back, if there was a pause.
///
/// # Errors
/// What either side says; it can be repeated.
pub(crate) async fn restart_stopped(ctx: &Context) -> Result<(), RestError> {
    let Some(since) = lead::marked(ctx, labels::PAUSED_SINCE).await? else {
        return Ok(());
    };
    while is_ending(ctx) {
        sleep(ENDING).await;
    }
    let stopped: Vec<(Name, Value)> = {
        let known = ctx.known();
        let names = known.virtual_pods.names();
        let without_twin = names.filter(|name| known.host_pods.get(&ctx.host_name(name)).is_none());
        let pods = without_twin
            .filter_map(|name| Some((name.clone(), known.virtual_pods.get(name)?.value())));
        pods.filter(|(_, pod)| is_to_be_restarted(pod)).collect()
    };
    info!(%since, pods = stopped.len(), "the cluster was paused: starting again what nobody makes anew");
    for (name, pod) in &stopped {
        give_back_its_beginning(ctx, name, pod).await?;
    }
    lead::unmark(ctx, labels::PAUSED_SINCE, &since).await
}

/// Whether a host pod goes that the pause was to end: one whose virtual pod stays, and whose time to end is not over yet.
fn is_ending(ctx: &Context) -> bool {
    let known = ctx.known();
    let mut names = known.virtual_pods.names();
    names.any(|name| {
        let host = known.host_pods.get(&ctx.host_name(name));
        let (Some(host), Some(pod)) = (host, known.virtual_pods.get(name)) else {
            return false;
        };
        deletion_grace(&pod.value()).is_none() && may_end_yet(&host.value(), Timestamp::now())
    })
}

fn may_end_yet(host_pod: &Value, now: Timestamp) -> bool {
    let end = host_pod.pointer("/metadata/deletionTimestamp");
    let end = end.and_then(|end| end.as_str()?.parse::<Timestamp>().ok());
    end.is_some_and(|end| now.duration_since(end) < LATE)
}

/// Whether nobody would make this pod again. A Job would, but it counts every pod that is lost as a failure.
fn is_to_be_restarted(pod: &Value) -> bool {
    let owners = pod.pointer("/metadata/ownerReferences");
    let mut owners = owners.and_then(Value::as_array).into_iter().flatten();
    let controller = owners.find(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    let is_jobs = |owner: &Value| owner.get("kind").and_then(Value::as_str) == Some("Job");
    pod.pointer("/status/startTime").is_some()
        && deletion_grace(pod).is_none()
        && !has_ended(pod)
        && !is_mirror(pod)
        && controller.is_none_or(is_jobs)
}

/// The status of a pod that no kubelet has seen. Containers that have ended must not be said to run again by
/// one change, so they are taken away first:
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states>
async fn give_back_its_beginning(ctx: &Context, name: &Name, pod: &Value) -> Result<(), RestError> {
    let status = json!({"phase": "Pending", "qosClass": pod.pointer("/status/qosClass")});
    match write_status(ctx, name, pod, &status).await {
        Err(error) if error.is_not_found() => Ok(()),
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(owners: &Value, status: &Value) -> Value {
        json!({"metadata": {"name": "a", "ownerReferences": owners}, "status": status})
    }

    #[test]
    fn a_pod_that_nobody_would_make_again_is_restarted() {
        let running = json!({"phase": "Running", "startTime": "2026-01-01T00:00:00Z"});
        let owned_by = |kind: &str| json!([{"kind": kind, "controller": true}]);
        assert!(is_to_be_restarted(&pod(&json!(null), &running)));
        assert!(is_to_be_restarted(&pod(&owned_by("Job"), &running)));
        let noted = json!([{"kind": "ConfigMap"}]);
        assert!(is_to_be_restarted(&pod(&noted, &running)));
        for maker in ["ReplicaSet", "StatefulSet", "DaemonSet"] {
            assert!(!is_to_be_restarted(&pod(&owned_by(maker), &running)));
        }
    }

    #[test]
    fn a_pod_that_ends_is_waited_for_until_it_is_late() {
        let going = json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:30Z"}});
        let at = |text: &str| may_end_yet(&going, text.parse().unwrap());
        assert!(at("2026-01-01T00:00:00Z"));
        assert!(at("2026-01-01T00:00:59Z"));
        assert!(!at("2026-01-01T00:01:00Z"));
        assert!(!may_end_yet(
            &json!({"metadata": {}}),
            Timestamp::UNIX_EPOCH
        ));
    }

    #[test]
    fn a_pod_that_has_not_begun_or_has_ended_is_left_alone() {
        let ended = |phase: &str| json!({"phase": phase, "startTime": "2026-01-01T00:00:00Z"});
        for status in [
            json!({"phase": "Pending"}),
            ended("Succeeded"),
            ended("Failed"),
        ] {
            assert!(!is_to_be_restarted(&pod(&json!(null), &status)));
        }
        let mut going = pod(&json!(null), &ended("Running"));
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert!(!is_to_be_restarted(&going));
    }
}
