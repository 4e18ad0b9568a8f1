//! A cluster that nobody uses pauses itself. See decision 0028.
//!
//! In: whether it is used, and after how long without use it is to sleep. Out: the end state of `vc pause`. Never: a step
//! after which a killed syncer could not go on as if nothing had been.
//!
//! # Expected flow
//! The workers end; the marker notes a pause; the host pods of workloads are deleted; the control plane is scaled to
//! nothing, which ends this very pod and is therefore the last.
//!
//! # Guarantees
//! Whatever interrupts it before its last step leaves a control plane that runs and a noted pause, which the next syncer
//! takes up as it does when a paused cluster is resumed: the cluster stays awake, and nothing is lost.

use std::path::PathBuf;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::context::Context;
use super::feed::percent_encoded;
use super::lead::{annotate_marker, annotation, read_marker};
use super::rest::{Form, PODS, RestError, STATEFUL_SETS};
use super::usage::Usage;
use crate::labels;

/// How often the log is looked at: so often that no file of it is missed at 500 requests a second.
const PERIOD: Duration = Duration::from_secs(10);

/// How soon a host that would not let the cluster sleep is asked again.
const RETRY: Duration = Duration::from_mins(1);

/// How many pods are told to end at once.
const AT_ONCE: usize = 16;

/// How often the marker is written when somebody else writes it at the same time.
const TRIES: u8 = 5;

/// When a cluster is to sleep.
#[derive(Debug, Clone)]
pub(crate) struct Sleep {
    /// After this long without use.
    pub(crate) after: Duration,
    /// Where the virtual API server notes who uses it.
    pub(crate) audit_log: PathBuf,
}

/// That a cluster is not used and could sleep: the version of its control plane's scale.
pub(crate) struct Unused(String);

/// Waits until the cluster was not used for as long as it takes, and the host would let it sleep; for good if it is never
/// to sleep.
pub(crate) async fn await_unused(ctx: &Context) -> Unused {
    let Some(settings) = &ctx.settings.sleep else {
        return std::future::pending().await;
    };
    let mut usage = Usage::new(&settings.audit_log);
    let mut last_use = Instant::now();
    loop {
        // What cannot be known is no reason to sleep.
        let is_used = usage.look(Timestamp::now()).unwrap_or_else(|error| {
            warn!("cannot tell whether the cluster is used: {error}");
            true
        });
        let now = Instant::now();
        if is_used {
            last_use = now;
        }
        if let Some(left) = left(last_use, settings.after, now) {
            sleep(left.min(PERIOD)).await;
            continue;
        }
        match rehearse(ctx).await {
            Ok(unused) => return unused,
            Err(error) => warn!("the cluster is not used, but cannot be paused: {error}"),
        }
        sleep(RETRY.min(settings.after)).await;
    }
}

/// How long it is until the cluster is to sleep, if nobody uses it until then; none when that is now.
fn left(last_use: Instant, after: Duration, now: Instant) -> Option<Duration> {
    let left = after.saturating_sub(now.saturating_duration_since(last_use));
    (!left.is_zero()).then_some(left)
}

/// Has the host check what [`fall_asleep`] does last, and store nothing.
async fn rehearse(ctx: &Context) -> Result<Unused, RestError> {
    let path = scale_path(ctx);
    let scale = ctx.host.get(&path).await?.unwrap_or_default();
    let scale: Value = serde_json::from_str(&scale).unwrap_or_default();
    let version = scale.pointer("/metadata/resourceVersion");
    let version = version.and_then(Value::as_str).unwrap_or_default();
    let path = format!("{path}?dryRun=All");
    let nothing = to_nothing(version);
    ctx.host.patch(&path, Form::MergePatch, &nothing).await?;
    Ok(Unused(version.to_owned()))
}

fn scale_path(ctx: &Context) -> String {
    let scope = ctx.scope();
    let name = scope.cluster.object();
    let set = STATEFUL_SETS.one(scope.host_namespace.as_str(), &name);
    format!("{set}/scale")
}

fn to_nothing(version: &str) -> Value {
    json!({"metadata": {"resourceVersion": version}, "spec": {"replicas": 0}})
}

/// Puts the cluster to sleep. The workers have ended.
///
/// # Errors
/// What the host says, or that somebody else has changed the control plane meanwhile. The process has to end then: the
/// next one takes up what was paused.
pub(crate) async fn fall_asleep(ctx: &Context, Unused(version): Unused) -> Result<(), RestError> {
    ctx.freeze();
    info!(
        "nobody has used the cluster for so long: it pauses itself, and any use of its context wakes it"
    );
    mark(ctx).await?;
    // Of what the workers had asked for last, some may come only now.
    while end_pods(ctx).await? > 0 {}
    let nothing = to_nothing(&version);
    let path = scale_path(ctx);
    ctx.host.patch(&path, Form::MergePatch, &nothing).await?;
    Ok(())
}

/// Notes the pause in the marker, and that it is the cluster's own doing.
async fn mark(ctx: &Context) -> Result<(), RestError> {
    let now = Timestamp::now().to_string();
    let note = json!({labels::PAUSED_SINCE: now, labels::ASLEEP_SINCE: now});
    let mut tries = 0;
    loop {
        let marker = read_marker(&ctx.host, ctx.scope()).await?;
        let ours = |marker: &Value| {
            annotation(marker, labels::SYNCER) == Some(ctx.settings.pod_uid.as_str())
                && annotation(marker, labels::DELETING_SINCE).is_none()
        };
        let Some(marker) = marker.filter(ours) else {
            let why = "the cluster is being deleted, or another syncer has taken over";
            return Err(RestError::Unreachable(why.to_owned()));
        };
        tries += 1;
        match annotate_marker(&ctx.host, ctx.scope(), &marker, &note).await {
            Err(error) if error.is_conflict() && tries < TRIES => {}
            answer => return answer,
        }
    }
}

/// Deletes the host pods of workloads that are not going yet; answers how many there were.
async fn end_pods(ctx: &Context) -> Result<usize, RestError> {
    let scope = ctx.scope();
    let namespace = scope.host_namespace.as_str();
    let selector = percent_encoded(&labels::workloads(&scope.cluster));
    let path = format!("{}?labelSelector={selector}", PODS.all(namespace));
    let text = ctx.host.get_metadata(&path).await?.unwrap_or_default();
    let list: Value = serde_json::from_str(&text).unwrap_or_default();
    let pods = running(&list, &scope.uid);
    stream::iter(&pods)
        .map(|&(name, uid)| async move {
            let path = PODS.one(namespace, name);
            ctx.host.delete_this(&path, uid).await
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    Ok(pods.len())
}

/// Name and UID of the cluster's pods in a list that nobody has told to end.
fn running<'a>(list: &'a Value, cluster_uid: &str) -> Vec<(&'a str, &'a str)> {
    let items = list.get("items").and_then(Value::as_array);
    let items = items.into_iter().flatten();
    let running = items.filter_map(|pod| {
        let metadata = pod.get("metadata")?;
        let text = |key: &str| metadata.get(key).and_then(Value::as_str);
        let owner = annotation(pod, labels::CLUSTER_UID);
        let is_ours = owner == Some(cluster_uid) && text("deletionTimestamp").is_none();
        is_ours.then_some((text("name")?, text("uid")?))
    });
    running.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_sleeps_when_its_last_use_is_long_enough_ago() {
        let last_use = Instant::now();
        let after = Duration::from_mins(1);
        let at = |seconds| left(last_use, after, last_use + Duration::from_secs(seconds));
        assert_eq!(at(0), Some(after));
        assert_eq!(at(59), Some(Duration::from_secs(1)));
        assert_eq!(at(60), None);
        assert_eq!(at(3600), None);
    }

    #[test]
    fn pods_of_others_and_those_that_end_already_are_left_alone() {
        let pod = |name: &str, cluster: &str, end: Value| {
            json!({"metadata": {
                "name": name, "uid": format!("{name}-uid"), "deletionTimestamp": end,
                "annotations": {labels::CLUSTER_UID: cluster},
            }})
        };
        let list = json!({"items": [
            pod("ours", "u", json!(null)),
            pod("theirs", "v", json!(null)),
            pod("going", "u", json!("2026-01-01T00:00:00Z")),
            json!({"metadata": {"name": "unmarked", "uid": "x"}}),
        ]});
        assert_eq!(running(&list, "u"), [("ours", "ours-uid")]);
        assert_eq!(running(&json!(null), "u"), []);
    }
}
