//! What pausing and resuming a virtual cluster write to the host.

use anyhow::Context;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::{annotate_marker, delete_this, is_conflict};
use crate::host::Host;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// Notes on the marker that it is a pause that ends the cluster's host pods. The syncer that starts after it
/// takes the note away.
///
/// # Errors
/// What the host answers.
pub async fn mark_paused(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
) -> anyhow::Result<()> {
    annotate_marker(host, namespace, name, labels::PAUSED_SINCE)
        .await
        .map(drop)
}

/// Sets how many pods the control plane has, 0 or 1; with `version` only if the StatefulSet is still of that
/// resourceVersion. Whether it was written.
///
/// # Errors
/// What else the host answers.
pub async fn scale(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
    replicas: u8,
    version: Option<&str>,
) -> anyhow::Result<bool> {
    let api: Api<StatefulSet> = Api::namespaced(host.client.clone(), namespace.as_str());
    let object = name.object();
    let mut patch = json!({"spec": {"replicas": replicas}});
    if let (Some(version), Some(patch)) = (version, patch.as_object_mut()) {
        let metadata = json!({"resourceVersion": version});
        patch.insert("metadata".to_owned(), metadata);
    }
    let params = PatchParams {
        field_manager: Some(labels::FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let scaled = host
        .call(
            format!("scale statefulset `{object}` to {replicas}"),
            api.patch(&object, &params, &Patch::Merge(&patch)),
        )
        .await;
    match scaled {
        Err(error) if version.is_some() && is_conflict(&error) => Ok(false),
        scaled => scaled.map(|_| true),
    }
}

/// Starts the end of one host pod, with its own grace; one that is gone, or another of its name, is left alone.
///
/// # Errors
/// What the host answers.
pub async fn stop_pod(
    host: &Host,
    namespace: &Namespace,
    pod: &str,
    uid: &str,
) -> anyhow::Result<()> {
    let api: Api<Pod> = Api::namespaced(host.client.clone(), namespace.as_str());
    delete_this(host, &api, "pod", pod, Some(uid.to_owned()))
        .await
        .with_context(|| format!("in namespace `{namespace}`"))
}
