//! Usage of host pods and nodes, told of virtual ones; and what the virtual API server has to know to ask.
//!
//! In: items of the host's `metrics.k8s.io`, and the virtual objects that they are about. Out: items of the
//! virtual one; its discovery; the APIService. Never: a name or a label of the host's, a container that the
//! virtual pod does not have.
//!
//! <https://github.com/kubernetes/metrics/blob/master/pkg/apis/metrics/v1beta1/types.go>

mod route;
mod selector;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::json::{at, list as items_of, text};
use crate::cluster::METRICS_PORT;
use crate::quantity::{NANOS_PER_UNIT, nanos};

pub use route::{Refusal, Route, Selection};

/// Path of the API's group.
const GROUP_PATH: &str = "/apis/metrics.k8s.io";
/// Path of its only version, on either side.
pub const VERSION_PATH: &str = "/apis/metrics.k8s.io/v1beta1";
/// The API's group and version.
const VERSION: &str = "metrics.k8s.io/v1beta1";

/// Name of the APIService.
pub const API_SERVICE: &str = "v1beta1.metrics.k8s.io";

/// Namespace and name of the Service that the APIService names. Not metrics-server's own name, so that one of
/// the user's finds it free.
pub const SERVICE: (&str, &str) = ("kube-system", "vc-metrics");

/// Name of the role by which whoever may view a namespace may view this, too.
const READER_ROLE: &str = "vc-metrics-reader";

/// By this `kubectl apply` takes away what it does not find in the manifest that it applies.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// How the virtual API server finds us.
///
/// It does not look at our certificate, as with the manifest that metrics-server comes with: what it dials is
/// in its own pod. `kubectl apply` of that manifest makes this one metrics-server's, without a remainder.
pub fn api_service() -> Value {
    let (namespace, name) = SERVICE;
    let mut object = json!({
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": API_SERVICE},
        "spec": {
            "group": "metrics.k8s.io",
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": true,
            "service": {"namespace": namespace, "name": name, "port": METRICS_PORT},
        },
    });
    let applied = object.to_string();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("annotations".to_owned(), json!({LAST_APPLIED: applied}));
    }
    object
}

/// Whether an APIService leads to us.
pub fn is_ours(api_service: &Value) -> bool {
    let service = at(api_service, &["spec", "service"]);
    (text(service, "namespace"), text(service, "name")) == SERVICE
}

/// The Service: the API server dials its name. `ResolveCluster` in
/// k8s.io/apiserver/pkg/util/proxy/proxy.go.
pub fn service() -> Value {
    let (namespace, name) = SERVICE;
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": "ExternalName", "externalName": "localhost"},
    })
}

/// The role that metrics-server comes with, under a name of ours.
pub fn reader_role() -> Value {
    let aggregated = |role: &str| format!("rbac.authorization.k8s.io/aggregate-to-{role}");
    let labels: Map<String, Value> = ["admin", "edit", "view"]
        .map(|role| (aggregated(role), "true".into()))
        .into_iter()
        .collect();
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": READER_ROLE, "labels": labels},
        "rules": [{"apiGroups": ["metrics.k8s.io"], "resources": ["pods", "nodes"], "verbs": ["get", "list"]}],
    })
}

/// Schemas. The API server asks for them time and again, and complains in its log where there are none.
pub fn open_api(version: u8) -> Value {
    if version == 2 {
        json!({"swagger": "2.0", "info": {"title": "metrics.k8s.io", "version": "v1beta1"}, "paths": {}})
    } else {
        json!({"paths": {}})
    }
}

/// The answer about the group.
pub fn group() -> Value {
    let version = json!({"groupVersion": VERSION, "version": "v1beta1"});
    json!({
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": "metrics.k8s.io",
        "versions": [version],
        "preferredVersion": version,
    })
}

/// The answer about the version.
pub fn resources() -> Value {
    let resource = |name: &str, singular: &str, namespaced: bool, kind: &str| {
        json!({
            "name": name,
            "singularName": singular,
            "namespaced": namespaced,
            "kind": kind,
            "verbs": ["get", "list"],
        })
    };
    json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": VERSION,
        "resources": [
            resource("nodes", "node", false, "NodeMetrics"),
            resource("pods", "pod", true, "PodMetrics"),
        ],
    })
}

/// Whether the host's answer about the version has pods in it.
pub fn tells_of_pods(text_of_resources: &str) -> bool {
    let resources: Value = serde_json::from_str(text_of_resources).unwrap_or_default();
    let mut resources = items_of(&resources, "resources").iter();
    resources.any(|resource| text(resource, "name") == "pods")
}

/// Items of a list of the host's by their names on the host; none if it cannot be read.
pub fn by_name(text_of_list: &str) -> Option<HashMap<String, Value>> {
    let mut list: Value = serde_json::from_str(text_of_list).ok()?;
    let Value::Array(items) = list.get_mut("items")?.take() else {
        return None;
    };
    let named = items
        .into_iter()
        .map(|item| (name_of(&item).to_owned(), item));
    Some(named.collect())
}

/// An object's name.
pub fn name_of(object: &Value) -> &str {
    text(at(object, &["metadata"]), "name")
}

/// The node that a virtual pod is on; empty if on none.
pub fn node_of(virtual_pod: &Value) -> &str {
    text(at(virtual_pod, &["spec"]), "nodeName")
}

/// What a virtual pod uses; none if the host does not tell of one of its containers.
pub fn pod(virtual_pod: &Value, host_item: &Value) -> Option<Value> {
    let own: Vec<&str> = ["containers", "initContainers", "ephemeralContainers"]
        .into_iter()
        .flat_map(|field| items_of(at(virtual_pod, &["spec"]), field))
        .map(|container| text(container, "name"))
        .collect();
    let containers: Vec<Value> = items_of(host_item, "containers")
        .iter()
        .filter(|container| own.contains(&text(container, "name")))
        .filter_map(|container| {
            let usage = usage(container)?;
            Some(json!({"name": text(container, "name"), "usage": usage}))
        })
        .collect();
    if containers.is_empty() {
        return None;
    }
    let mut item = item(virtual_pod, host_item)?;
    item.insert("containers".to_owned(), containers.into());
    Some(item.into())
}

/// What a node that is shown as it is uses.
pub fn node(virtual_node: &Value, host_item: &Value) -> Option<Value> {
    let mut item = item(virtual_node, host_item)?;
    item.insert("usage".to_owned(), usage(host_item)?);
    Some(item.into())
}

/// What the cluster's own pods use on a node, of all of them with the node of each. Without one it is nothing,
/// and that is so now.
pub fn node_of_pods(virtual_node: &Value, pods: &[(String, Value)], now: &str) -> Value {
    let (mut cpu, mut memory) = (0_u128, 0_u128);
    let mut latest = (now, "0s");
    let name = name_of(virtual_node);
    let here = pods.iter().filter(|(node, _)| node == name);
    for (index, (_, pod)) in here.enumerate() {
        for container in items_of(pod, "containers") {
            let of = |key| nanos(text(at(container, &["usage"]), key)).unwrap_or_default();
            cpu = cpu.saturating_add(of("cpu"));
            memory = memory.saturating_add(of("memory"));
        }
        let timestamp = text(pod, "timestamp");
        if index == 0 || timestamp > latest.0 {
            latest = (timestamp, text(pod, "window"));
        }
    }
    let kibibytes = memory / NANOS_PER_UNIT / 1024;
    json!({
        "metadata": metadata(virtual_node, latest.0),
        "timestamp": latest.0,
        "window": latest.1,
        "usage": {"cpu": format!("{cpu}n"), "memory": format!("{kibibytes}Ki")},
    })
}

/// An item but for its usage: whose, and of when.
fn item(virtual_object: &Value, host_item: &Value) -> Option<Map<String, Value>> {
    let (timestamp, window) = (
        host_item.get("timestamp")?.as_str()?,
        host_item.get("window")?.as_str()?,
    );
    let mut item = Map::new();
    item.insert("metadata".to_owned(), metadata(virtual_object, timestamp));
    item.insert("timestamp".to_owned(), timestamp.into());
    item.insert("window".to_owned(), window.into());
    Some(item)
}

fn metadata(virtual_object: &Value, timestamp: &str) -> Value {
    let mut metadata = Map::new();
    for field in ["name", "namespace", "labels"] {
        if let Some(value) = at(virtual_object, &["metadata"]).get(field) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
    metadata.insert("creationTimestamp".to_owned(), timestamp.into());
    metadata.into()
}

/// CPU and memory, if the host tells both; whatever else it tells is not carried.
fn usage(of: &Value) -> Option<Value> {
    let of = at(of, &["usage"]);
    let figure = |key| Some(text(of, key)).filter(|figure| nanos(figure).is_some());
    Some(json!({"cpu": figure("cpu")?, "memory": figure("memory")?}))
}

/// A list of items.
pub fn list(kind: &str, items: &[Value]) -> Value {
    json!({"kind": kind, "apiVersion": VERSION, "metadata": {}, "items": items})
}

/// One item by itself.
pub fn one(kind: &str, item: Value) -> Value {
    let mut object = Map::new();
    object.insert("kind".to_owned(), kind.into());
    object.insert("apiVersion".to_owned(), VERSION.into());
    if let Value::Object(fields) = item {
        object.extend(fields);
    }
    object.into()
}
