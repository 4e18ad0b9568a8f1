//! Which syncer writes: one at a time, without a lease that would have to be renewed.
//!
//! In: the marker ConfigMap, which has an annotation with the UID of the control-plane pod whose
//! syncer writes. Out: the right to write, or its end. Never: a write while nothing happens.
//!
//! # Guarantees
//! Within a pod, only one syncer can listen on the kubelet's port. Between pods, whoever finds another
//! named in the marker waits until that pod is gone; whoever finds itself no longer named stops. The
//! name is written with the version that was read, so of two that come at once one is told.
//!
//! # Caveats
//! A pod that has lost the host but still runs cannot see that it was replaced; it cannot write to the
//! host then, either.

use std::time::Duration;

use serde_json::{Value, json};
use tracing::{info, warn};

use super::context::Context;
use super::feed::percent_encoded;
use super::pods::parse;
use super::rest::{CONFIG_MAPS, Form, NAMESPACES, PODS, Rest, RestError};
use super::translate::Scope;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// How often somebody who waits looks whether the other has gone.
const STANDBY: Duration = Duration::from_secs(2);

/// Where the marker of a cluster is.
fn marker_path(cluster: &ClusterName, namespace: &Namespace) -> String {
    CONFIG_MAPS.one(namespace.as_str(), &cluster.object())
}

/// Reads the marker; returns its UID, by which everything of the cluster is known.
///
/// # Errors
/// What the host says; that there is none.
pub(crate) async fn cluster_uid(
    host: &Rest,
    cluster: &ClusterName,
    namespace: &Namespace,
) -> Result<String, RestError> {
    let path = marker_path(cluster, namespace);
    let Some(text) = host.get(&path).await? else {
        return Err(RestError::Unreachable(format!(
            "configmap `{}` does not exist",
            cluster.object()
        )));
    };
    Ok(parse_marker(&text)?.0)
}

fn parse_marker(text: &str) -> Result<(String, Value), RestError> {
    let object = parse(text)?;
    Ok((object.uid.to_string(), object.value()))
}

/// The marker as the host has it now; none when there is none.
///
/// # Errors
/// What the host says.
pub(super) async fn read_marker(host: &Rest, scope: &Scope) -> Result<Option<Value>, RestError> {
    let path = marker_path(&scope.cluster, &scope.host_namespace);
    let text = host.get(&path).await?;
    text.map(|text| Ok(parse_marker(&text)?.1)).transpose()
}

/// Changes annotations of the marker if it still is as it was read.
///
/// # Errors
/// What the host says; a conflict when it is not.
pub(super) async fn annotate_marker(
    host: &Rest,
    scope: &Scope,
    marker: &Value,
    annotations: &Value,
) -> Result<(), RestError> {
    let path = marker_path(&scope.cluster, &scope.host_namespace);
    let update = json!({"metadata": {
        "resourceVersion": marker.pointer("/metadata/resourceVersion"),
        "annotations": annotations,
    }});
    host.patch(&path, Form::MergePatch, &update).await.map(drop)
}

/// What an annotation of a marker says.
pub(super) fn annotation<'a>(marker: &'a Value, key: &str) -> Option<&'a str> {
    marker.pointer("/metadata/annotations")?.get(key)?.as_str()
}

/// Waits until this pod's syncer is the one that writes.
pub(crate) async fn acquire(host: &Rest, scope: &Scope, pod_uid: &str) {
    loop {
        match try_acquire(host, scope, pod_uid).await {
            Ok(true) => return,
            Ok(false) => info!("another syncer writes: standing by"),
            Err(error) => warn!("cannot read or write the marker: {error}"),
        }
        tokio::time::sleep(STANDBY).await;
    }
}

async fn try_acquire(host: &Rest, scope: &Scope, pod_uid: &str) -> Result<bool, RestError> {
    let Some(marker) = read_marker(host, scope).await? else {
        return Ok(false);
    };
    match annotation(&marker, labels::SYNCER) {
        Some(holder) if holder == pod_uid => return Ok(true),
        Some(holder) if is_alive(host, scope, holder).await? => return Ok(false),
        _ => {}
    }
    match annotate_marker(host, scope, &marker, &json!({labels::SYNCER: pod_uid})).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a control-plane pod with this UID exists and may still write.
async fn is_alive(host: &Rest, scope: &Scope, uid: &str) -> Result<bool, RestError> {
    let selector = percent_encoded(&labels::control_plane(&scope.cluster));
    let path = PODS.all(scope.host_namespace.as_str());
    let text = host
        .get(&format!("{path}?labelSelector={selector}"))
        .await?;
    let list: Value = serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
    let pods = list.get("items").and_then(Value::as_array);
    Ok(pods.into_iter().flatten().any(|pod| {
        let phase = pod.pointer("/status/phase").and_then(Value::as_str);
        pod.pointer("/metadata/uid").and_then(Value::as_str) == Some(uid)
            && !matches!(phase, Some("Succeeded" | "Failed"))
    }))
}

/// Looks at the marker whenever it changes: whether the cluster is being deleted, or another syncer
/// has taken over. Then nothing is written any more.
pub(crate) fn look_at_marker(ctx: &Context, marker: &Value) {
    if annotation(marker, labels::TTL_SECONDS).is_some() {
        ctx.settings.marker_changed.notify_one();
    }
    let is_going = annotation(marker, labels::DELETING_SINCE).is_some()
        || marker.pointer("/metadata/deletionTimestamp").is_some();
    let holder = annotation(marker, labels::SYNCER);
    let is_another = holder.is_some_and(|holder| holder != ctx.settings.pod_uid);
    if is_going || is_another {
        if !ctx.is_frozen() {
            info!(is_going, is_another, "nothing is written any more");
        }
        ctx.freeze();
    }
    if is_another {
        ctx.lost.notify_one();
    }
}

/// What an annotation of the marker says now.
///
/// # Errors
/// What the host says.
pub(crate) async fn marked(ctx: &Context, key: &str) -> Result<Option<String>, RestError> {
    let marker = read_marker(&ctx.host, ctx.scope()).await?;
    let value = marker.as_ref().and_then(|marker| annotation(marker, key));
    Ok(value.map(str::to_owned))
}

/// Takes an annotation from the marker, unless it says something else by now.
///
/// # Errors
/// What the host says.
pub(crate) async fn unmark(ctx: &Context, key: &str, value: &str) -> Result<(), RestError> {
    let marker = read_marker(&ctx.host, ctx.scope()).await?;
    match marker.filter(|marker| annotation(marker, key) == Some(value)) {
        Some(marker) => annotate_marker(&ctx.host, ctx.scope(), &marker, &json!({key: null})).await,
        None => Ok(()),
    }
}

/// Why the virtual cluster's store is not the one that the host objects were made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Store {
    /// It is, or there is none that it could be compared to.
    Known,
    /// It is another: its predecessor is lost. `before` and `now` are UIDs of `kube-system`.
    Another { before: String, now: String },
}

/// Compares the virtual cluster's store with the one that the marker knows; a new cluster's is noted.
///
/// # Errors
/// What either side says.
pub(crate) async fn check_store(ctx: &Context, is_ephemeral: bool) -> Result<Store, RestError> {
    let scope = ctx.scope();
    let path = NAMESPACES.one("", "kube-system");
    let Some(system) = ctx.virtual_cluster.get(&path).await? else {
        return Err(RestError::Unreachable(
            "the virtual cluster has no kube-system yet".to_owned(),
        ));
    };
    let now = parse(&system)?.uid.to_string();
    let path = marker_path(&scope.cluster, &scope.host_namespace);
    let marker = ctx.host.get(&path).await?.unwrap_or_default();
    let (_, marker) = parse_marker(&marker)?;
    match annotation(&marker, labels::STORE_UID) {
        Some(before) if before == now => return Ok(Store::Known),
        // The store of an ephemeral cluster goes with its pod; that is what was asked for.
        Some(before) if !is_ephemeral => {
            return Ok(Store::Another {
                before: before.to_owned(),
                now,
            });
        }
        _ => {}
    }
    let update = json!({"metadata": {"annotations": {labels::STORE_UID: now}}});
    ctx.host.patch(&path, Form::MergePatch, &update).await?;
    Ok(Store::Known)
}
