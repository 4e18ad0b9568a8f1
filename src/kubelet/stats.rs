//! What the kubelet endpoint tells of all pods.
//!
//! In: the virtual pods that are on the host. Out: a list, a summary. Never: a pod that is not the
//! virtual cluster's; a figure that was not measured.

use serde_json::{Value, json};

/// The metrics of resources when nothing is measured: whoever scrapes them sees that they failed, as a
/// kubelet says it when its own source fails.
pub const METRICS: &str = "\
# HELP resource_scrape_error [STABLE] 1 if there was an error while getting container metrics, 0 otherwise
# TYPE resource_scrape_error gauge
resource_scrape_error 1
";

/// `/pods`.
pub fn pod_list(pods: Vec<Value>) -> Value {
    json!({"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": pods})
}

/// `/stats/summary`: which pods there are. What they use is known to the host's kubelets alone.
/// <https://kubernetes.io/docs/reference/config-api/kubelet-stats.v1alpha1/>
pub fn summary(node: &str, pods: &[Value]) -> Value {
    let pods: Vec<Value> = pods.iter().map(pod).collect();
    json!({"node": {"nodeName": node}, "pods": pods})
}

fn pod(pod: &Value) -> Value {
    let field = |pointer: &str| pod.pointer(pointer).cloned().unwrap_or_default();
    let statuses = pod
        .pointer("/status/containerStatuses")
        .and_then(Value::as_array);
    let containers = statuses.into_iter().flatten().filter_map(|status| {
        let started = status.pointer("/state/running/startedAt")?;
        Some(json!({"name": status.get("name")?, "startTime": started}))
    });
    let containers: Vec<Value> = containers.collect();
    json!({
        "podRef": {
            "name": field("/metadata/name"),
            "namespace": field("/metadata/namespace"),
            "uid": field("/metadata/uid"),
        },
        "startTime": field("/status/startTime"),
        "containers": containers,
    })
}
