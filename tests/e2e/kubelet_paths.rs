//! Nobody but the virtual API server comes to the kubelet endpoint, and through that one sees one's own
//! pods alone, however it is asked.

use serde_json::json;

use crate::harness::{Cluster, agent};

#[test]
fn a_kubelet_endpoint_is_not_to_be_reached_by_a_path_and_knows_own_pods_alone() {
    let cluster = Cluster::shared("kubelet");
    cluster.kubectl("create namespace looking").ok();
    cluster.has_account("looking");
    let mut container = agent();
    container["command"] = json!(["sh", "-c", "echo e2e-own-log; exec sleep 1000000"]);
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "own", "namespace": "looking"},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    }));
    let pod = cluster.running("looking", "own");
    let node = pod["spec"]["nodeName"].as_str().unwrap();
    let own = cluster.kubectl("-n looking logs own").ok();
    assert_eq!(own.output(), "e2e-own-log");
    // The API server does not proxy to a loopback address, so the endpoint is there for it alone.
    let proxy = format!("get --raw /api/v1/nodes/{node}/proxy");

    let twin = cluster.twin("pod", "looking", "own");
    let twin = twin["metadata"]["name"].as_str().unwrap();
    let control_plane = format!("vc-{}-0", cluster.name);
    let namespace = &cluster.namespace;
    let foreign = [control_plane.as_str(), "coredns", "etcd", "BEGIN ", twin];
    let mut paths: Vec<String> = [
        "/pods",
        "/stats/summary",
        "/metrics/resource",
        "/containerLogs/looking/own/c",
        "/run/looking/own/c?cmd=id",
        "/runningpods/",
        "/debug/pprof/",
        "/debug/pprof/heap",
        "/debug/flags/v",
        "/configz",
        "/logs/",
        "/logs/syslog",
        "/cri/exec/x",
        "/metrics",
        "/metrics/cadvisor",
        "/metrics/probes",
        "/checkpoint/looking/own/c",
        "/spec/",
        "/containerLogs/looking/own/none",
        "/containerLogs/looking/none/c",
        "/containerLogs/looking/own/c%2f..%2fx",
        "/containerLogs/looking%2fown/c",
        "/containerLogs/looking/own%2500/c",
        "/containerLogs/looking/own;x/c",
    ]
    .map(str::to_owned)
    .into();
    for (place, pod) in [
        (namespace.as_str(), control_plane.as_str()),
        (namespace, twin),
        ("looking", twin),
    ] {
        for container in ["syncer", "etcd", "c"] {
            paths.push(format!("/containerLogs/{place}/{pod}/{container}"));
        }
    }
    for steps in ["..%2f..%2f", "%2e%2e/%2e%2e/", "..%252f..%252f", "..;/..;/"] {
        paths.push(format!(
            "/containerLogs/looking/own/{steps}{namespace}/pods"
        ));
        paths.push(format!(
            "/containerLogs/looking/{steps}pods/{control_plane}/log"
        ));
    }
    for path in &paths {
        let done = cluster.kubectl(&format!("{proxy}{path}")).run();
        assert_ne!(done.code, 0, "{path} was answered: {done}");
        assert_eq!(done.stdout, "", "{path} was answered");
    }
    // What the client or the API server makes plain before it comes here, may be answered as that.
    for path in [
        "//pods".to_owned(),
        "/containerLogs//looking/own/c".to_owned(),
        format!("/containerLogs/looking/own/../../../api/v1/namespaces/{namespace}/pods"),
        "/../../../../api/v1/nodes".to_owned(),
        "/pods/../configz".to_owned(),
    ] {
        let done = cluster.kubectl(&format!("{proxy}{path}")).run();
        for secret in foreign {
            assert!(
                !done.stdout.contains(secret),
                "{path} shows {secret}: {done}"
            );
        }
    }
    cluster
        .kubectl("delete namespace looking --wait=false")
        .ok();
}
