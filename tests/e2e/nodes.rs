//! A virtual cluster has the node that its pods run on, which looks and answers like one.

use crate::harness::{Space, until};

#[test]
fn there_is_a_ready_node_at_once_and_it_answers() {
    let space = Space::new("nodes");
    let nodes = space.get("nodes");
    let nodes = nodes["items"].as_array().unwrap();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    let node = &nodes[0];
    let name = node["metadata"]["name"].as_str().unwrap();
    assert!(node["spec"].get("taints").is_none(), "{node}");
    assert!(node["spec"].get("unschedulable").is_none(), "{node}");
    let conditions = node["status"]["conditions"].as_array().unwrap();
    let statuses: Vec<String> = conditions
        .iter()
        .map(|one| format!("{}={}", one["type"], one["status"]).replace('"', ""))
        .collect();
    assert_eq!(
        statuses,
        [
            "MemoryPressure=False",
            "DiskPressure=False",
            "PIDPressure=False",
            "Ready=True"
        ]
    );
    let host_ip = space
        .host(&format!("get node {name} -o"))
        .arg("jsonpath={.status.addresses[?(@.type=='InternalIP')].address}")
        .ok();
    let wide = space.kubectl("get nodes -o wide --no-headers").ok();
    let columns: Vec<&str> = wide.output().split_whitespace().collect();
    assert_eq!(columns[..3], [name, "Ready", "<none>"], "{wide}");
    assert_eq!(columns[5], host_ip.output(), "{wide}");
    space.kubectl(&format!("describe node {name}")).ok();
}

#[test]
fn a_node_that_is_deleted_comes_back_and_its_pods_stay() {
    let space = Space::alone("renode");
    space.pod("stays", "sleep 3600");
    let uid = space.field("pod stays", ".metadata.uid");
    let node = space.field("pod stays", ".spec.nodeName");
    let before = space.field(&format!("node {node}"), ".metadata.uid");
    space.kubectl(&format!("delete node {node}")).ok();
    until("a new node of the name", || {
        let now = space.field(&format!("node {node}"), ".metadata.uid");
        !now.is_empty() && now != before
    });
    space.await_ready("pod/stays");
    space
        .kubectl(&format!(
            "wait --for=condition=Ready --timeout=60s node/{node}"
        ))
        .ok();
    assert_eq!(space.sh("stays", "echo here").output(), "here");
    assert_eq!(space.field("pod stays", ".metadata.uid"), uid);
}
