//! Services, from the virtual side to the host, and what the host gave them back.
//!
//! In: a virtual Service and its host Service. Out: the host Service, the write that brings it in step,
//! the virtual spec and status with the host's choices. Never: a selector that finds somebody else's
//! pods, a field that draws traffic that is not the virtual cluster's own.
//!
//! What an API server chooses for a Service (addresses, node ports) is the same on both sides; see
//! `docs/decisions/0014-services-are-made-on-the-host-first.md`.

pub mod environment;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::json::{at, list, replacing, text};
use super::metadata::metadata_changes;
use super::{Scope, to_host_keys};
use crate::labels;

/// Fields that are carried to the host. What is not among them is left out and told: `externalIPs` and
/// `loadBalancerIP` would draw the traffic of addresses that are somebody else's (CVE-2020-8554), and what
/// is newer than this list may do the same. `loadBalancerSourceRanges` only narrows.
/// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>
const CARRIED: [&str; 16] = [
    "type",
    "ports",
    "clusterIP",
    "clusterIPs",
    "ipFamilies",
    "ipFamilyPolicy",
    "sessionAffinity",
    "sessionAffinityConfig",
    "externalTrafficPolicy",
    "internalTrafficPolicy",
    "trafficDistribution",
    "publishNotReadyAddresses",
    "healthCheckNodePort",
    "allocateLoadBalancerNodePorts",
    "loadBalancerClass",
    "loadBalancerSourceRanges",
];

/// Fields that are removed from the host Service when the virtual one has them no longer. The others are
/// there always, and one that a newer host fills in by itself would come back each time.
const REMOVABLE: [&str; 9] = [
    "selector",
    "sessionAffinityConfig",
    "externalTrafficPolicy",
    "trafficDistribution",
    "publishNotReadyAddresses",
    "healthCheckNodePort",
    "allocateLoadBalancerNodePorts",
    "loadBalancerClass",
    "loadBalancerSourceRanges",
];

/// What the host chooses beside node ports.
const CHOSEN: [&str; 5] = [
    "clusterIP",
    "clusterIPs",
    "ipFamilies",
    "ipFamilyPolicy",
    "healthCheckNodePort",
];

/// Fields of a port that are kept in step.
const PORT_FIELDS: [&str; 6] = [
    "name",
    "protocol",
    "port",
    "targetPort",
    "nodePort",
    "appProtocol",
];

/// Virtual Services that stand for Services of the control plane's own on the host, as (namespace, name):
/// the virtual API server, and the DNS server. The syncer makes them, and no host Service stands for them.
pub const OWN: [(&str, &str); 2] = [("default", "kubernetes"), ("kube-system", "kube-dns")];

/// Whether a Service is one of [`OWN`].
pub fn is_own(namespace: &str, name: &str) -> bool {
    OWN.contains(&(namespace, name))
}

/// Whether a Service has a host Service. A name for another name is answered by the virtual cluster's
/// DNS alone.
pub fn has_host(service: &Value) -> bool {
    !matches!(text(&service["spec"], "type"), "ExternalName")
}

/// The host Service of a virtual one.
pub fn to_host(service: &Value, scope: &Scope) -> Value {
    let spec = &service["spec"];
    let mut host_spec = Map::new();
    for field in CARRIED {
        if is_set(&spec[field]) {
            host_spec.insert(field.to_owned(), spec[field].clone());
        }
    }
    if let Some(selector) = host_selector(service, scope) {
        host_spec.insert("selector".to_owned(), selector.into());
    }
    let mut metadata = scope.host_metadata(&service["metadata"]);
    let left_out = left_out(service);
    if let Some(annotations) = super::json::object_mut(&mut metadata, "annotations")
        && !left_out.is_empty()
    {
        annotations.insert(labels::LEFT_OUT.to_owned(), left_out.join(",").into());
    }
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": host_spec,
    })
}

/// What the host's API server takes for absent.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Number(number) => number.as_i64() != Some(0),
        Value::Bool(true) => true,
    }
}

/// Host pods that are of this virtual cluster, of this virtual namespace, and have the labels.
fn host_selector(service: &Value, scope: &Scope) -> Option<Map<String, Value>> {
    let selector = at(service, &["spec", "selector"]);
    if !is_set(selector) {
        return None;
    }
    let mut selector = to_host_keys(selector);
    let namespace = text(&service["metadata"], "namespace");
    selector.insert(labels::CLUSTER.to_owned(), scope.cluster.as_str().into());
    selector.insert(labels::NAMESPACE.to_owned(), namespace.into());
    Some(selector)
}

/// Fields of the spec that the host does not get.
pub fn left_out(service: &Value) -> Vec<String> {
    let spec = service["spec"].as_object().into_iter().flatten();
    spec.filter(|(field, value)| {
        !CARRIED.contains(&field.as_str())
            && !matches!(field.as_str(), "selector" | "externalName")
            && is_set(value)
    })
    .map(|(field, _)| field.clone())
    .collect()
}

/// The same host Service, with the choice of addresses and node ports left to the host.
pub fn without_choices(wanted: &Value) -> Value {
    let mut wanted = wanted.clone();
    if let Some(spec) = spec_mut(&mut wanted) {
        let is_headless = spec.get("clusterIP").is_some_and(|ip| ip == "None");
        for field in CHOSEN {
            if !(is_headless && field != "healthCheckNodePort") {
                spec.shift_remove(field);
            }
        }
    }
    without_node_ports(&wanted)
}

/// The same host Service, with the choice of node ports left to the host.
pub fn without_node_ports(wanted: &Value) -> Value {
    let mut wanted = wanted.clone();
    if let Some(spec) = spec_mut(&mut wanted) {
        for port in super::json::objects_mut(spec, "ports") {
            port.shift_remove("nodePort");
        }
    }
    wanted
}

fn spec_mut(service: &mut Value) -> Option<&mut Map<String, Value>> {
    service.get_mut("spec").and_then(Value::as_object_mut)
}

/// The spec of a virtual Service with what the host has chosen for its host Service.
pub fn with_choices(service: &Value, host: &Value) -> Value {
    let mut spec = service["spec"].clone();
    let Some(fields) = spec.as_object_mut() else {
        return spec;
    };
    for field in CHOSEN {
        let chosen = at(host, &["spec", field]);
        if is_set(chosen) {
            fields.insert(field.to_owned(), chosen.clone());
        }
    }
    let chosen = list(&host["spec"], "ports");
    for port in super::json::objects_mut(fields, "ports") {
        let same = |other: &&Value| is_same_port(other, port);
        let node_port = chosen.iter().find(same).map(|found| &found["nodePort"]);
        if let Some(node_port) = node_port.filter(|node_port| is_set(node_port)) {
            port.insert("nodePort".to_owned(), node_port.clone());
        }
    }
    spec
}

/// Ports of one Service differ in number or protocol
/// (`ValidateService` in k8s.io/kubernetes/pkg/apis/core/validation/validation.go).
fn is_same_port(one: &Value, other: &Map<String, Value>) -> bool {
    let of = |field: &str| other.get(field).unwrap_or(&Value::Null);
    one["port"] == *of("port") && one["protocol"] == *of("protocol")
}

/// Whether both have the addresses of the other, or none.
pub fn has_same_addresses(service: &Value, host: &Value) -> bool {
    at(service, &["spec", "clusterIP"]) == at(host, &["spec", "clusterIP"])
        && at(service, &["spec", "clusterIPs"]) == at(host, &["spec", "clusterIPs"])
}

/// Whether a Service has no address by its own will.
pub fn is_headless(service: &Value) -> bool {
    at(service, &["spec", "clusterIP"]) == "None"
}

/// The merge patch (RFC 7386) that brings a host Service in step; none when it is. What is foreign on it
/// stays.
pub fn changes(wanted: &Value, host: &Value) -> Option<Value> {
    let mut patch = Map::new();
    let metadata = metadata_changes(wanted, host);
    if !metadata.is_empty() {
        patch.insert("metadata".to_owned(), metadata.into());
    }
    let spec = spec_changes(&wanted["spec"], &host["spec"]);
    if !spec.is_empty() {
        patch.insert("spec".to_owned(), spec.into());
    }
    (!patch.is_empty()).then(|| patch.into())
}

fn spec_changes(wanted: &Value, found: &Value) -> Map<String, Value> {
    let mut changes = Map::new();
    for field in CARRIED.into_iter().chain(["selector"]) {
        let (wanted, found) = (&wanted[field], &found[field]);
        if !is_set(wanted) {
            if REMOVABLE.contains(&field) && is_set(found) {
                changes.insert(field.to_owned(), Value::Null);
            }
        } else if field == "ports" {
            if !has_same_ports(wanted, found) {
                changes.insert(field.to_owned(), wanted.clone());
            }
        } else if wanted != found {
            changes.insert(field.to_owned(), replacing(wanted, found));
        }
    }
    changes
}

fn has_same_ports(wanted: &Value, found: &Value) -> bool {
    let (wanted, found) = (wanted.as_array(), found.as_array());
    let (Some(wanted), Some(found)) = (wanted, found) else {
        return false;
    };
    let is_same = |(one, other): (&Value, &Value)| {
        PORT_FIELDS.iter().all(|field| {
            let (one, other) = (&one[*field], &other[*field]);
            one == other || !(is_set(one) || is_set(other))
        })
    };
    wanted.len() == found.len() && wanted.iter().zip(found).all(is_same)
}

/// Whether the host has to be asked before the virtual API server stores this change, because it would
/// choose something by itself: a node port, or an address of another family.
pub fn needs_host(before: &Value, after: &Value) -> bool {
    let (old, new) = (&before["spec"], &after["spec"]);
    let differs = |field: &str| is_set(&new[field]) && old[field] != new[field];
    if differs("ipFamilyPolicy") || differs("ipFamilies") {
        return true;
    }
    let has_node_ports = match text(new, "type") {
        "NodePort" => true,
        "LoadBalancer" => new["allocateLoadBalancerNodePorts"] != false,
        _ => false,
    };
    let is_new = |port: &Value| {
        let old = list(old, "ports").iter();
        let mut old =
            old.filter(|old| port.as_object().is_some_and(|port| is_same_port(old, port)));
        let node_port = &port["nodePort"];
        let known = old.next().map(|old| &old["nodePort"]);
        known.is_none_or(|known| !is_set(known) || (is_set(node_port) && known != node_port))
    };
    (has_node_ports && list(new, "ports").iter().any(is_new))
        || (checks_health(new) && !is_set(&old["healthCheckNodePort"]))
}

/// Whether the nodes tell a load balancer whether they have pods of the Service.
fn checks_health(spec: &Value) -> bool {
    text(spec, "type") == "LoadBalancer" && text(spec, "externalTrafficPolicy") == "Local"
}

/// The Service with what the API server takes over from its predecessor when it is left out, as it does
/// after admission (`patchAllocatedValues` in k8s.io/kubernetes/pkg/registry/core/service/storage/alloc.go).
pub fn with_inherited(before: &Value, after: &Value) -> Value {
    let mut after = after.clone();
    let may_check_health = checks_health(at(&after, &["spec"]));
    let kind = at(&after, &["spec", "type"]);
    let may_have_node_ports = kind == "NodePort" || kind == "LoadBalancer";
    let Some(spec) = spec_mut(&mut after) else {
        return after;
    };
    let inherited = ["clusterIP", "clusterIPs", "healthCheckNodePort"];
    for field in inherited {
        if field == "healthCheckNodePort" && !may_check_health {
            continue;
        }
        let old = at(before, &["spec", field]);
        if is_set(old) && !is_set(spec.get(field).unwrap_or(&Value::Null)) {
            spec.insert(field.to_owned(), old.clone());
        }
    }
    let old_ports = list(&before["spec"], "ports");
    for port in super::json::objects_mut(spec, "ports") {
        if !may_have_node_ports || is_set(port.get("nodePort").unwrap_or(&Value::Null)) {
            continue;
        }
        let old = old_ports.iter().find(|old| is_same_port(old, port));
        if let Some(node_port) = old.map(|old| &old["nodePort"]).filter(|port| is_set(port)) {
            port.insert("nodePort".to_owned(), node_port.clone());
        }
    }
    after
}

/// The virtual Service's status, given its host Service; none when it has it.
pub fn status(service: &Value, host: &Value) -> Option<Value> {
    let mut changes = Map::new();
    for field in ["loadBalancer", "conditions"] {
        let (known, found) = (
            at(service, &["status", field]),
            at(host, &["status", field]),
        );
        if known != found && (is_set(known) || is_set(found)) {
            changes.insert(field.to_owned(), replacing(found, known));
        }
    }
    (!changes.is_empty()).then(|| json!({"status": changes}))
}
