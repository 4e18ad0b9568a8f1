//! Metadata of a host pod.
//!
//! In: a virtual pod and the labels of its namespace. Out: name, labels and annotations of the host
//! pod, without the mark of what was applied. Never: an annotation by which the kubelet would take the
//! pod for one of its own files.

use serde_json::{Map, Value, json};

use super::super::json::{list, object_mut};
use super::super::namespace_label;
use super::{Surroundings, downward};
use crate::labels;

/// Annotations that tell the kubelet where it has a pod from. A pod with a mirror annotation is not
/// run but waited for, and it cannot be created by anybody but a node.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror>
const KUBELET: [&str; 4] = [
    "kubernetes.io/config.mirror",
    "kubernetes.io/config.hash",
    "kubernetes.io/config.source",
    "kubernetes.io/config.seen",
];

/// Annotations by which a pod joins networks that are objects of the host namespace. They name what is
/// not the virtual cluster's, so they stay behind.
/// <https://github.com/k8snetworkplumbingwg/multus-cni/blob/master/docs/how-to-use.md>
const NETWORKS: [&str; 2] = [
    "k8s.v1.cni.cncf.io/networks",
    "v1.multus-cni.io/default-network",
];

/// By this the cluster autoscaler removes a node although a pod there has no controller: ours is
/// virtual, so the host sees none.
/// <https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md>
const SAFE_TO_EVICT: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict";

/// Metadata of the host pod of a virtual one.
pub(super) fn host_metadata(pod: &Value, around: Surroundings<'_>) -> Map<String, Value> {
    let mut metadata = around.scope.host_metadata(&carried(pod));
    if let Some(host_labels) = object_mut(&mut metadata, "labels") {
        for (key, value) in around.namespace_labels {
            host_labels.insert(namespace_label(key), value.clone());
        }
    }
    if let Some(annotations) = object_mut(&mut metadata, "annotations") {
        let account = super::spec::service_account(pod);
        annotations.insert(labels::VIRTUAL_SERVICE_ACCOUNT.to_owned(), account.into());
        annotations.extend(downward::whole_maps(pod));
    }
    metadata
}

/// The part of the virtual metadata that the host gets. What is added here counts as managed, so it
/// goes again when its reason does.
fn carried(pod: &Value) -> Value {
    let metadata = &pod["metadata"];
    let mut annotations = metadata["annotations"].as_object().cloned();
    for key in KUBELET.into_iter().chain(NETWORKS) {
        annotations.as_mut().map(|map| map.shift_remove(key));
    }
    if has_controller(metadata) {
        let map = annotations.get_or_insert_default();
        if !map.contains_key(SAFE_TO_EVICT) {
            map.insert(SAFE_TO_EVICT.to_owned(), "true".into());
        }
    }
    json!({
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "uid": metadata["uid"],
        "labels": metadata["labels"],
        "annotations": annotations,
    })
}

fn has_controller(metadata: &Value) -> bool {
    list(metadata, "ownerReferences")
        .iter()
        .any(|owner| owner["controller"] == true)
}
