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
#[ignore = "an API server proxies to no loopback address (`IsProxyableHostname`), where the endpoint listens"]
fn its_kubelet_tells_of_this_clusters_pods_and_no_others() {
    let space = Space::new("kubelet");
    space.pod("seen", "sleep 3600");
    let node = space.field("pod seen", ".spec.nodeName");
    let raw = |path: &str| format!("get --raw /api/v1/nodes/{node}/proxy/{path}");
    assert_eq!(space.kubectl(&raw("healthz")).ok().output(), "ok");

    let pods = space.kubectl(&raw("pods")).ok().json();
    assert_eq!(pods["kind"], "PodList");
    let pods = pods["items"].as_array().unwrap();
    let seen = pods
        .iter()
        .find(|pod| pod["metadata"]["name"] == "seen" && pod["metadata"]["namespace"] == "kubelet");
    assert!(seen.is_some(), "{pods:?}");
    for pod in pods {
        let text = pod.to_string();
        assert!(!text.contains(&space.host_namespace), "{text}");
    }

    let summary = space.kubectl(&raw("stats/summary")).ok().json();
    assert_eq!(summary["node"]["nodeName"], node, "{summary}");
    let stats = summary["pods"].as_array().unwrap();
    let seen = stats
        .iter()
        .find(|pod| pod["podRef"]["name"] == "seen" && pod["podRef"]["namespace"] == "kubelet");
    assert_eq!(seen.unwrap()["containers"][0]["name"], "main", "{summary}");

    let metrics = space.kubectl(&raw("metrics/resource")).ok();
    let help = "# TYPE resource_scrape_error gauge";
    assert!(metrics.lines().contains(&help), "{metrics}");

    // Nothing else of a kubelet's is there.
    for path in [
        "configz",
        "logs/",
        "debug/pprof/",
        "metrics/cadvisor",
        "runningpods/",
    ] {
        space
            .kubectl(&raw(path))
            .exits(1)
            .says("the server could not find the requested resource");
    }
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
