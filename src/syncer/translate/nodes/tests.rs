//! Nodes as they are written down in `tests/data/translate/nodes`, and when they are written.

use super::*;

/// Every file of `tests/data/translate/nodes`.
const CASES: [&str; 3] = ["synthetic", "host-node", "empty-host-node"];

fn case(name: &str) -> (NodeFacts, Value) {
    let root = env!("CARGO_MANIFEST_DIR");
    let file = format!("{root}/tests/data/translate/nodes/{name}.json");
    let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let facts = &case["facts"];
    let text = |key: &str| facts[key].as_str().unwrap().to_owned();
    let facts = NodeFacts {
        name: text("name"),
        host_ips: serde_json::from_value(facts["hostIPs"].clone()).unwrap(),
        kubelet_port: serde_json::from_value(facts["kubeletPort"].clone()).unwrap(),
        kubelet_version: text("kubeletVersion"),
        operating_system: text("operatingSystem"),
        architecture: text("architecture"),
        since: text("since"),
        host_node: facts.get("hostNode").cloned(),
    };
    (facts, case["node"].clone())
}

/// A Node as the API server gives it back: with what it adds, and without what is empty.
fn stored(node: &Value) -> Value {
    let mut node = node.clone();
    let metadata = node["metadata"].as_object_mut().unwrap();
    metadata.insert("uid".to_owned(), json!("u"));
    metadata.insert("resourceVersion".to_owned(), json!("12"));
    metadata.insert(
        "creationTimestamp".to_owned(),
        json!("2026-01-02T03:04:06Z"),
    );
    metadata.insert("managedFields".to_owned(), json!([{"manager": "vc"}]));
    let spec = node["spec"].as_object_mut().unwrap();
    spec.retain(|_, value| *value != json!([]) && *value != json!(false));
    let metadata = node["metadata"].as_object_mut().unwrap();
    metadata.retain(|_, value| *value != json!({}));
    node
}

#[test]
fn nodes_are_as_written_down() {
    for name in CASES {
        let (facts, expected) = case(name);
        let node = node(&facts);
        assert_eq!(
            serde_json::to_string_pretty(&node).unwrap(),
            serde_json::to_string_pretty(&expected).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    for name in CASES {
        let (facts, expected) = case(name);
        assert_eq!(
            changes(&node(&facts), &stored(&expected)),
            NodeChanges::default()
        );
        assert!(!differs(&node(&facts), &stored(&expected)), "{name}");
    }
}

#[test]
fn the_host_being_heard_of_is_no_reason_to_write() {
    let (facts, expected) = case("host-node");
    let mut found = stored(&expected);
    found["status"]["conditions"][1]["lastHeartbeatTime"] = json!("2026-01-02T10:05:00Z");
    assert!(!differs(&node(&facts), &found));
    found["status"]["conditions"][1]["status"] = json!("True");
    let changes = changes(&node(&facts), &found);
    assert_eq!(changes.object, None);
    let conditions = &changes.status.unwrap()["status"]["conditions"];
    assert_eq!(conditions, &expected["status"]["conditions"]);
}

/// The API server gives a new Node the taint, and nobody but us takes it away.
#[test]
fn the_taint_of_new_nodes_is_taken_away() {
    let (facts, expected) = case("synthetic");
    let mut found = stored(&expected);
    found["spec"]["taints"] =
        json!([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]);
    let changes = changes(&node(&facts), &found);
    assert_eq!(changes.object.unwrap()["spec"], json!({"taints": []}));
    assert_eq!(changes.status, None);
}

#[test]
fn what_somebody_in_the_virtual_cluster_adds_stays() {
    let (facts, expected) = case("synthetic");
    let mut found = stored(&expected);
    found["metadata"]["labels"]["team"] = json!("a");
    found["metadata"]["annotations"]["note"] = json!("x");
    found["spec"]["unschedulable"] = json!(true);
    assert!(!differs(&node(&facts), &found));
}

#[test]
fn a_label_that_is_gone_on_the_host_goes() {
    let (mut facts, expected) = case("host-node");
    let mut found = stored(&expected);
    found["metadata"]["labels"]["team"] = json!("a");
    let host = facts.host_node.as_mut().unwrap();
    let labels = host["metadata"]["labels"].as_object_mut().unwrap();
    labels.remove("topology.kubernetes.io/zone");
    let patch = changes(&node(&facts), &found).object.unwrap();
    let labels = &patch["metadata"]["labels"];
    assert_eq!(
        labels.get("topology.kubernetes.io/zone"),
        Some(&Value::Null)
    );
    assert_eq!(labels.get("team"), None);
}

#[test]
fn a_device_that_is_gone_on_the_host_goes() {
    let (mut facts, expected) = case("host-node");
    let host = facts.host_node.as_mut().unwrap();
    for part in ["capacity", "allocatable"] {
        let resources = host["status"][part].as_object_mut().unwrap();
        resources.remove("nvidia.com/gpu");
    }
    host["status"]
        .as_object_mut()
        .unwrap()
        .remove("runtimeHandlers");
    let changes = changes(&node(&facts), &stored(&expected));
    assert_eq!(changes.object, None);
    let patch = &changes.status.unwrap()["status"];
    assert_eq!(patch["capacity"].get("nvidia.com/gpu"), Some(&Value::Null));
    assert_eq!(patch.get("runtimeHandlers"), Some(&Value::Null));
}

#[test]
fn a_node_that_becomes_readable_is_synthetic_no_longer() {
    let (_, synthetic) = case("synthetic");
    let (facts, _) = case("host-node");
    let patch = changes(&node(&facts), &stored(&synthetic)).object.unwrap();
    let annotations = &patch["metadata"]["annotations"];
    assert_eq!(annotations.get("vc.internal/capacity"), Some(&Value::Null));
}

#[test]
fn a_lease_goes_with_its_node() {
    assert_eq!(
        lease("worker-1", "uid-1", "2026-01-02T03:04:05.000000Z"),
        json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": "worker-1",
                "namespace": "kube-node-lease",
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Node", "name": "worker-1", "uid": "uid-1"}
                ]
            },
            "spec": {
                "holderIdentity": "worker-1",
                "leaseDurationSeconds": 40,
                "renewTime": "2026-01-02T03:04:05.000000Z"
            }
        })
    );
}
