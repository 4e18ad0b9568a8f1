//! A host node that is not heard of, is drained and goes: what a virtual cluster shows of it.
//!
//! The node is a Node alone: there is no kubelet, and what one would say and do is the test's. It has room
//! for no pod, and a taint for those who do not ask for room, so nobody else's pod comes to it: the test
//! binds its own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, Sandbox, until, within};

/// The host takes up to a minute to find a node dead, a minute to remove the pods of one that is gone, and
/// half a minute later a virtual node is unused; all on a machine that does much else.
const SLOW: Duration = Duration::from_mins(10);

/// Nobody's pod tolerates this by itself.
const TAINT: &str = "vc-e2e/no-kubelet";

/// An address that no pod's node has (RFC 5737).
const ADDRESS: &str = "192.0.2.7";

/// A Node of the host's own, which goes with this, or with the run.
struct FakeNode<'a> {
    sandbox: &'a Sandbox,
    name: String,
}

impl<'a> FakeNode<'a> {
    fn new(sandbox: &'a Sandbox) -> Self {
        // Behind the real ones, for whoever takes the first.
        let name = format!("zz-{}", sandbox.word());
        let node = Self { sandbox, name };
        sandbox.host_wide(json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": node.name, "labels": {"kubernetes.io/hostname": node.name}},
            "spec": {"taints": [{"key": TAINT, "effect": "NoSchedule"}]},
        }));
        node
    }

    /// What its kubelet would say now.
    fn lives(&self) {
        let now = now();
        let room = json!({"cpu": "1", "memory": "1Gi", "pods": "0"});
        let status = json!({"status": {
            "capacity": room, "allocatable": room,
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "Test", "message": "said by a test",
                "lastHeartbeatTime": now, "lastTransitionTime": now,
            }],
        }});
        let patch = "--subresource=status --type=merge -p";
        self.sandbox
            .host(&format!("patch node {} {patch}", self.name))
            .arg(&status.to_string())
            .ok();
    }

    /// Puts the cluster's pod on this node, and says of it what a kubelet would.
    fn runs_pod_of(&self, cluster: &Cluster) {
        cluster.apply(&json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "left", "namespace": "default"},
            "spec": {
                "nodeSelector": {"kubernetes.io/hostname": self.name},
                // The host is not to end it because nobody says that the node lives.
                "tolerations": [{"operator": "Exists", "effect": "NoExecute"}],
                "containers": [{"name": "main", "image": "example.com/never-pulled"}],
            },
        }));
        let pod = host_pod(cluster);
        let binding = json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod},
            "target": {"apiVersion": "v1", "kind": "Node", "name": self.name},
        });
        post(cluster, &pod, "binding", &binding);
        let status = json!({"status": {
            "phase": "Running", "hostIP": ADDRESS, "hostIPs": [{"ip": ADDRESS}],
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": now()}],
        }});
        cluster
            .host(&format!("patch pod {pod} --subresource=status -p"))
            .arg(&status.to_string())
            .ok();
    }
}

impl Drop for FakeNode<'_> {
    fn drop(&mut self) {
        let line = format!("delete node {} --ignore-not-found --wait=false", self.name);
        self.sandbox.host(&line).run();
    }
}

fn now() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The name that the host has for the cluster's pod.
fn host_pod(cluster: &Cluster) -> String {
    let twin = cluster.twin("pod", "default", "left");
    twin["metadata"]["name"].as_str().unwrap().to_owned()
}

/// Posts to a part of a host pod.
fn post(cluster: &Cluster, pod: &str, what: &str, object: &Value) {
    let path = format!("/api/v1/namespaces/{}/pods/{pod}/{what}", cluster.namespace);
    cluster
        .host(&format!("create --raw {path} -f -"))
        .stdin(&object.to_string())
        .ok();
}

/// What `kubectl drain` asks for, which would wait for a kubelet.
fn evict_pod_of(cluster: &Cluster) {
    let pod = host_pod(cluster);
    let eviction = json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": pod, "namespace": cluster.namespace},
    });
    post(cluster, &pod, "eviction", &eviction);
}

/// A field in the virtual cluster, empty when there is none.
fn field(cluster: &Cluster, what: &str, path: &str) -> String {
    let line = format!("get {what} --ignore-not-found -o jsonpath={{{path}}}");
    cluster.kubectl(&line).ok().output().to_owned()
}

/// The virtual cluster's pod.
const POD: &str = "-n default pod left";
const READY: &str = ".status.conditions[?(@.type==\"Ready\")].status";
const TAINTS: &str = ".spec.taints[*].key";
const NAME: &str = ".metadata.name";

#[test]
fn a_node_that_is_not_heard_of_is_drained_and_goes_is_followed() {
    let plain = Cluster::create("leaves", "--ephemeral");
    let seeing = Cluster::create("seen", "--ephemeral --sync-nodes");
    let both = [&plain, &seeing];
    let host_node = FakeNode::new(&plain.sandbox);
    let node = format!("node {}", host_node.name);
    let host = |line: String| plain.sandbox.host(&line).ok();

    for cluster in both {
        host_node.runs_pod_of(cluster);
    }
    // Nobody else says that the node lives: it is said again as long as it is to.
    let lives = |what: &str| {
        within(SLOW, what, || {
            host_node.lives();
            both.iter()
                .all(|cluster| field(cluster, &node, READY) == "True")
                && field(&seeing, &node, TAINTS) == TAINT
        });
    };
    lives("the node is there and ready");
    for cluster in both {
        until("the pod is ready on the node", || {
            field(cluster, POD, ".spec.nodeName") == host_node.name
                && field(cluster, POD, READY) == "True"
        });
    }
    // Who may read the host's nodes sees this one; who may not learns its address from its pod.
    assert_eq!(field(&seeing, &node, ".status.capacity.pods"), "0");
    let address = ".status.addresses[?(@.type==\"InternalIP\")].address";
    until("the address that the pod told", || {
        field(&plain, &node, address) == ADDRESS
    });

    // Nothing is heard of it any more. The host says so of the node, and of its pods that they are not
    // ready, which is all that is known without rights on nodes.
    within(SLOW, "the node is found dead", || {
        let taints = field(&seeing, &node, TAINTS);
        field(&seeing, &node, READY) == "Unknown"
            && taints.contains("node.kubernetes.io/unreachable")
            && both
                .iter()
                .all(|cluster| field(cluster, POD, READY) == "False")
    });
    assert_eq!(field(&plain, &node, READY), "True");
    assert_eq!(field(&plain, &node, TAINTS), "");
    lives("the node is ready again");

    host(format!("cordon {}", host_node.name));
    until("the node that is seen is cordoned", || {
        field(&seeing, &node, ".spec.unschedulable") == "true"
    });
    for cluster in both {
        evict_pod_of(cluster);
        until("the pod is told to end", || {
            !field(cluster, POD, ".metadata.deletionTimestamp").is_empty()
        });
    }

    // On the one side the pod ends, as a kubelet would say; on the other the node goes under it.
    plain
        .host(&format!(
            "delete pod {} --grace-period=0 --force",
            host_pod(&plain)
        ))
        .ok();
    within(SLOW, "a node without a pod is not shown", || {
        field(&plain, POD, NAME).is_empty() && field(&plain, &node, NAME).is_empty()
    });
    assert_eq!(field(&seeing, &node, NAME), host_node.name);
    host(format!("delete {node} --wait=false"));
    within(SLOW, "the node that is seen goes, and its pod", || {
        field(&seeing, &node, NAME).is_empty() && field(&seeing, POD, NAME).is_empty()
    });
    // The nodes of the control planes stay.
    for cluster in both {
        let left = cluster.get("nodes");
        assert!(!left["items"].as_array().unwrap().is_empty(), "{left}");
    }
}
