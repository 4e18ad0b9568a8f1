//! What a pod says about where and how it is scheduled gives it no power on the host.

use serde_json::{Value, json};

use crate::harness::{Cluster, agent, until};

fn pod(name: &str, spec: &Value) -> Value {
    let mut all = json!({"terminationGracePeriodSeconds": 0, "containers": [agent()]});
    for (field, value) in spec.as_object().unwrap() {
        all[field] = value.clone();
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "placed"}, "spec": all,
    })
}

#[test]
fn node_scheduler_priority_and_runtime_of_a_pod_are_the_hosts_to_choose() {
    let cluster = Cluster::shared("placement");
    cluster.kubectl("create namespace placed").ok();
    cluster.has_account("placed");
    cluster.apply(&json!({
        "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
        "metadata": {"name": "e2e-runtime"}, "handler": "none-that-is-there",
    }));
    let everything = json!([{"operator": "Exists"}]);
    for pod in [
        pod(
            "classy",
            &json!({
                "priorityClassName": "system-node-critical", "runtimeClassName": "e2e-runtime",
                "tolerations": everything,
            }),
        ),
        pod("nowhere", &json!({"nodeName": "e2e-nowhere"})),
        pod("scheduled", &json!({"schedulerName": "e2e-scheduler"})),
    ] {
        cluster.apply(&pod);
    }
    cluster.running("placed", "classy");
    let spec = cluster.twin("pod", "placed", "classy")["spec"].take();
    assert_eq!(spec["priorityClassName"], Value::Null);
    assert_eq!(spec["priority"], 0);
    assert_eq!(spec["runtimeClassName"], Value::Null);
    assert!(
        spec["tolerations"]
            .as_array()
            .unwrap()
            .contains(&everything[0])
    );

    // A node that does not exist is only a wish on the host, and becomes none in the virtual cluster.
    let twin = cluster.twin("pod", "placed", "nowhere");
    assert_eq!(twin["spec"]["nodeName"], Value::Null);
    until("the host finds no such node", || {
        let twin = cluster.twin("pod", "placed", "nowhere");
        twin["status"]["conditions"][0]["reason"] == "Unschedulable"
    });
    let nodes = cluster.get("nodes");
    let mut names = nodes["items"].as_array().unwrap().iter();
    assert!(names.all(|node| node["metadata"]["name"] != "e2e-nowhere"));

    // Whoever names a scheduler has one.
    assert!(cluster.find_twin("pod", "placed", "scheduled").is_none());
    let node = nodes["items"][0]["metadata"]["name"].as_str().unwrap();
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "scheduled"},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    });
    cluster
        .kubectl("create --raw /api/v1/namespaces/placed/pods/scheduled/binding -f -")
        .stdin(&binding.to_string())
        .ok();
    cluster.running("placed", "scheduled");
    let spec = cluster.twin("pod", "placed", "scheduled")["spec"].take();
    assert_eq!(spec["schedulerName"], "default-scheduler");
    cluster.kubectl("delete namespace placed --wait=false").ok();
    cluster.kubectl("delete runtimeclass e2e-runtime").ok();
}
