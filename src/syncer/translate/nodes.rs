//! Nodes, from the host to the virtual side.
//!
//! In: what is known of a host node that runs pods of ours: its name and addresses, or the whole Node
//! where the rights allow to read it. Out: the virtual Node and its Lease, and what has to be written
//! when a virtual Node is not as wanted. Never: anything towards the host.
//!
//! A virtual Node has the host node's name, so that `spec.nodeName`, events and topology labels mean
//! the same on both sides. Its kubelet is the syncer: the virtual API server dials the address of type
//! `InternalDNS`, which is `localhost`, while the other addresses are the host's and for people.

mod write;

use serde_json::{Map, Value, json};

use crate::labels;
pub use write::{NodeChanges, changes, differs};

/// What the virtual API server dials (`--kubelet-preferred-address-types=InternalDNS`).
const KUBELET_ADDRESS: &str = "localhost";

/// Namespace of the Leases of nodes.
/// <https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats>
const LEASE_NAMESPACE: &str = "kube-node-lease";

/// How long a Lease lives, in seconds: the kubelet's default.
const LEASE_SECONDS: u32 = 40;

/// Capacity of a node of which nothing is known: far more than any machine has, so that no client that
/// adds up requests ever finds the node full. The host's scheduler alone knows, and decides.
///
/// Powers of two, because the API server writes other round numbers its own way (`1000` as `1k`) and
/// each comparison would then find a difference.
const SYNTHETIC_CAPACITY: [(&str, &str); 4] = [
    ("cpu", "1024"),
    ("ephemeral-storage", "256Ti"),
    ("memory", "16Ti"),
    ("pods", "4096"),
];

/// Conditions of a node that runs our pods, in the kubelet's order, as (type, status, reason, message).
const CONDITIONS: [[&str; 4]; 4] = [
    [
        "MemoryPressure",
        "False",
        "KubeletHasSufficientMemory",
        "the host does not run pods where memory is short",
    ],
    [
        "DiskPressure",
        "False",
        "KubeletHasNoDiskPressure",
        "the host does not run pods where disk is short",
    ],
    [
        "PIDPressure",
        "False",
        "KubeletHasSufficientPID",
        "the host does not run pods where process IDs are short",
    ],
    [
        "Ready",
        "True",
        "KubeletReady",
        "the syncer answers for the kubelet of this node",
    ],
];

/// Parts of a host node's status that hold as well for the virtual one. Not the images and volumes:
/// they would tell what everybody else runs there. Not the kubelet's configuration: it is not ours.
const STATUS_OF_HOST: [&str; 6] = [
    "capacity",
    "allocatable",
    "conditions",
    "nodeInfo",
    "runtimeHandlers",
    "features",
];

/// Address types of a host node that are shown. Its names are not: an `InternalDNS` beside ours could
/// be what is dialled.
const SHOWN_ADDRESSES: [&str; 2] = ["InternalIP", "ExternalIP"];

/// What is known of a host node.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeFacts {
    /// Its name: `spec.nodeName` of a host pod.
    pub name: String,
    /// Its addresses: `status.hostIPs` of a host pod.
    pub host_ips: Vec<String>,
    /// Port of the syncer's kubelet endpoint.
    pub kubelet_port: u16,
    /// Version of the host, `v1.35.4`, for want of the kubelet's.
    pub kubelet_version: String,
    /// `linux`, unless more is known.
    pub operating_system: String,
    /// As Go calls it: `amd64`, `arm64`.
    pub architecture: String,
    /// Since when it is as it is (RFC 3339, whole seconds): for instance when its first pod started.
    /// The same each time, or each time is a write.
    pub since: String,
    /// The host's Node, if it may be read.
    pub host_node: Option<Value>,
}

/// The virtual Node.
///
/// Without the host's Node its capacity is made up, and an annotation says so. The annotation
/// [`labels::MANAGED_LABELS`] has the keys of its labels, so that a label that is gone on the host can
/// be told from one that somebody put on the virtual Node.
pub fn node(facts: &NodeFacts) -> Value {
    let labels = labels_of(facts);
    let keys: Vec<&str> = labels.keys().map(String::as_str).collect();
    let mut annotations = Map::new();
    annotations.insert(labels::MANAGED_LABELS.to_owned(), keys.join(",").into());
    let mut status = Map::new();
    if facts.host_node.is_none() {
        annotations.insert(labels::CAPACITY.to_owned(), labels::SYNTHETIC.into());
        synthetic_status(facts, &mut status);
    }
    let host_status = facts.host_node.as_ref().map(|node| &node["status"]);
    for part in STATUS_OF_HOST {
        match host_status.map(|status| &status[part]) {
            None | Some(Value::Null) => {}
            Some(value) => {
                status.insert(part.to_owned(), value.clone());
            }
        }
    }
    status.insert("addresses".to_owned(), addresses(facts));
    status.insert(
        "daemonEndpoints".to_owned(),
        json!({"kubeletEndpoint": {"Port": facts.kubelet_port}}),
    );
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": facts.name, "labels": labels, "annotations": annotations},
        "spec": spec(facts),
        "status": status,
    })
}

/// The host's labels, or the few that every node has. Those of ours stay where they are: the host may
/// itself be a virtual cluster.
fn labels_of(facts: &NodeFacts) -> Map<String, Value> {
    if let Some(node) = &facts.host_node {
        let metadata = &node["metadata"];
        let all = metadata["labels"].as_object().into_iter().flatten();
        let others = all.filter(|(key, _)| !labels::is_our_key(key));
        return others
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
    }
    let known = [
        ("kubernetes.io/arch", &facts.architecture),
        ("kubernetes.io/hostname", &facts.name),
        ("kubernetes.io/os", &facts.operating_system),
    ];
    known
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.as_str().into()))
        .collect()
}

/// Taints are always said, be it that there are none: the API server gives every new Node the taint
/// `node.kubernetes.io/not-ready`, for a controller to remove that a virtual cluster does not have, and
/// under it no DaemonSet would run.
/// (`plugin/pkg/admission/nodetaint`, `NodeShouldRunDaemonPod` in `pkg/controller/daemon`.)
///
/// Whether it is cordoned is the host's to say, where that is known; else it is left to the user.
fn spec(facts: &NodeFacts) -> Value {
    let Some(node) = &facts.host_node else {
        return json!({"taints": []});
    };
    let host_spec = &node["spec"];
    json!({
        "taints": host_spec["taints"].as_array().cloned().unwrap_or_default(),
        "unschedulable": host_spec["unschedulable"].as_bool().unwrap_or_default(),
    })
}

fn addresses(facts: &NodeFacts) -> Value {
    let address = |kind: &str, address: &str| json!({"type": kind, "address": address});
    let status = facts.host_node.as_ref().map(|node| &node["status"]);
    let of_host = status.and_then(|status| status["addresses"].as_array());
    let mut shown: Vec<Value> = of_host
        .into_iter()
        .flatten()
        .filter_map(|entry| Some((entry["type"].as_str()?, entry["address"].as_str()?)))
        .filter(|(kind, _)| SHOWN_ADDRESSES.contains(kind))
        .map(|(kind, ip)| address(kind, ip))
        .collect();
    if shown.is_empty() {
        let ips = facts.host_ips.iter();
        shown.extend(ips.map(|ip| address("InternalIP", ip)));
    }
    shown.push(address("Hostname", &facts.name));
    shown.push(address("InternalDNS", KUBELET_ADDRESS));
    shown.into()
}

fn synthetic_status(facts: &NodeFacts, status: &mut Map<String, Value>) {
    let capacity: Map<String, Value> = SYNTHETIC_CAPACITY
        .into_iter()
        .map(|(resource, quantity)| (resource.to_owned(), quantity.into()))
        .collect();
    let conditions = CONDITIONS.map(|[kind, value, reason, message]| {
        json!({
            "type": kind,
            "status": value,
            "lastHeartbeatTime": facts.since,
            "lastTransitionTime": facts.since,
            "reason": reason,
            "message": message,
        })
    });
    status.insert("capacity".to_owned(), capacity.clone().into());
    status.insert("allocatable".to_owned(), capacity.into());
    status.insert("conditions".to_owned(), conditions.to_vec().into());
    // Every field, because the API server stores them all. No version of `vc`: an upgrade would
    // write every node.
    status.insert(
        "nodeInfo".to_owned(),
        json!({
            "machineID": "",
            "systemUUID": "",
            "bootID": "",
            "kernelVersion": "unknown",
            "osImage": "unknown (virtual node of vc)",
            "containerRuntimeVersion": "vc://unknown",
            "kubeletVersion": facts.kubelet_version,
            "kubeProxyVersion": "",
            "operatingSystem": facts.operating_system,
            "architecture": facts.architecture,
        }),
    );
}

/// The Lease of a virtual Node, which goes with the Node.
///
/// `renewed` is RFC 3339 with microseconds. Nothing in a virtual cluster judges nodes by their Leases,
/// so how often it is renewed is the caller's choice.
pub fn lease(name: &str, uid: &str, renewed: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": name,
            "namespace": LEASE_NAMESPACE,
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid}],
        },
        "spec": {
            "holderIdentity": name,
            "leaseDurationSeconds": LEASE_SECONDS,
            "renewTime": renewed,
        },
    })
}

#[cfg(test)]
mod tests;
