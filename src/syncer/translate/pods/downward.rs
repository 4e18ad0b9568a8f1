//! The downward API: what a pod is told about itself.
//!
//! In: field paths of a virtual pod. Out: paths under which the host pod has the virtual values.
//! Never: a host name, a host namespace or one of our marks in front of a virtual pod.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>

use serde_json::{Map, Value};

use super::super::json::{at, list, object_mut, text};
use super::quote::quoted;
use crate::labels;

/// Changes the path of a `fieldRef`, if there is one under this key.
pub(super) fn field_ref(holder: &mut Map<String, Value>) {
    let path = object_mut(holder, "fieldRef").and_then(|field| field.get_mut("fieldPath"));
    if let Some(path) = path
        && let Some(host) = path.as_str().and_then(host_path)
    {
        *path = host.into();
    }
}

/// Where the host pod has what a virtual path names; nothing when the path is right as it is.
fn host_path(path: &str) -> Option<String> {
    let annotation = |key: &str| format!("metadata.annotations['{key}']");
    match path {
        "metadata.name" => Some(annotation(labels::VIRTUAL_NAME)),
        "metadata.namespace" => Some(annotation(labels::VIRTUAL_NAMESPACE)),
        "metadata.uid" => Some(annotation(labels::VIRTUAL_UID)),
        "metadata.labels" => Some(annotation(labels::VIRTUAL_LABELS)),
        "metadata.annotations" => Some(annotation(labels::VIRTUAL_ANNOTATIONS)),
        "spec.serviceAccountName" => Some(annotation(labels::VIRTUAL_SERVICE_ACCOUNT)),
        _ => subscripted(path),
    }
}

/// `metadata.labels['KEY']` and `metadata.annotations['KEY']`, as the kubelet splits them
/// (`SplitMaybeSubscriptedPath` in k8s.io/kubernetes/pkg/fieldpath).
fn subscripted(path: &str) -> Option<String> {
    let (field, key) = path.strip_suffix("']")?.split_once("['")?;
    let known = matches!(field, "metadata.labels" | "metadata.annotations");
    known.then(|| format!("{field}['{}']", labels::to_host_key(key)))
}

/// Annotations with all virtual labels and all virtual annotations, for the pods that ask for them.
///
/// Only for those: they double what the pod carries, and an object's annotations have 256 KiB.
pub(super) fn whole_maps(pod: &Value) -> Map<String, Value> {
    let asked: Vec<&str> = volume_paths(pod).collect();
    let mut annotations = Map::new();
    for (path, field, key) in [
        ("metadata.labels", "labels", labels::VIRTUAL_LABELS),
        (
            "metadata.annotations",
            "annotations",
            labels::VIRTUAL_ANNOTATIONS,
        ),
    ] {
        if asked.contains(&path) {
            annotations.insert(
                key.to_owned(),
                formatted(at(pod, &["metadata", field])).into(),
            );
        }
    }
    annotations
}

/// Every field path of the volumes. The environment cannot ask for a whole map.
fn volume_paths(pod: &Value) -> impl Iterator<Item = &str> {
    let direct = list(&pod["spec"], "volumes").iter();
    let projected = direct
        .clone()
        .flat_map(|volume| list(&volume["projected"], "sources"));
    direct
        .chain(projected)
        .flat_map(|source| list(&source["downwardAPI"], "items"))
        .map(|item| text(&item["fieldRef"], "fieldPath"))
}

/// A map as the kubelet writes it into a file (`FormatMap` in k8s.io/kubernetes/pkg/fieldpath): one
/// line for each key, in the order of their bytes, the value quoted as Go does.
fn formatted(map: &Value) -> String {
    let mut entries: Vec<(&String, &Value)> = map.as_object().into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| *key);
    let lines = entries
        .into_iter()
        .map(|(key, value)| format!("{key}={}", quoted(value.as_str().unwrap_or_default())));
    lines.collect::<Vec<_>>().join("\n")
}
