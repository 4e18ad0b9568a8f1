//! While the host's API server is away, the virtual one goes on; afterwards both come in step by themselves.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, Faults, agent, until};

/// How soon after the host is back both sides are in step.
const IN_STEP: Duration = Duration::from_secs(10);

fn deployment(replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
            },
        },
    })
}

/// Containers of all pods, by the runtime's name.
fn containers(cluster: &Cluster) -> Vec<String> {
    let pods = cluster.get("pods -l app=web");
    let pods = pods["items"].as_array().unwrap();
    let id = |pod: &Value| pod["status"]["containerStatuses"][0]["containerID"].to_string();
    pods.iter().map(id).collect()
}

/// The whole control plane on a kubeconfig that needs no host: the virtual API server by its Service.
fn direct(cluster: &Cluster) -> String {
    let service = cluster.host_get(&format!("service vc-{}", cluster.name));
    let address = service["spec"]["clusterIP"].as_str().unwrap();
    let file = cluster.sandbox.file("direct.kubeconfig");
    let config = cluster
        .sandbox
        .vc(&format!(
            "kubeconfig {} -n {} --context host --server https://{address}",
            cluster.name, cluster.namespace
        ))
        .ok();
    std::fs::write(&file, &config.stdout).unwrap();
    file.to_string_lossy().into_owned()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long the host is away is what is tested"
)]
fn a_host_api_server_that_is_away_keeps_nobody_from_working_in_the_virtual_cluster() {
    let cluster = Cluster::create("hostaway", "--ephemeral");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    cluster.apply(&deployment(2));
    cluster
        .kubectl("rollout status deployment/web --timeout=90s")
        .ok();
    let direct = direct(&cluster);
    let inside = |line: &str| cluster.kubectl(&format!("--kubeconfig {direct} {line}"));
    let before = containers(&cluster);
    let pods = cluster.get("pods -l app=web");
    let pod = pods["items"][0]["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();

    for (replicas, away) in [(3, 1), (5, 20)] {
        let stopped = faults.stop("kube-apiserver");
        inside(&format!("scale deployment/web --replicas={replicas}")).ok();
        inside(&format!(
            "create configmap made-{replicas} --from-literal=a=b"
        ))
        .ok();
        until("pods that wait for the host", || {
            let pods = inside("get pods -l app=web -o name").ok();
            pods.lines().len() == replicas
        });
        inside(&format!("exec {pod} -- true"))
            .exits(1)
            .says("the host cluster's API cannot be reached");
        sleep(Duration::from_secs(away));
        stopped.start();
        cluster.sandbox.host("get --raw /readyz").ok();
        cluster.in_step_within(IN_STEP, &foreign);
        assert_eq!(cluster.twins("pod").len(), replicas);
        cluster
            .kubectl("rollout status deployment/web --timeout=60s")
            .ok();
    }
    let after = containers(&cluster);
    for id in before {
        assert!(after.contains(&id), "{id} does not run any more");
    }
    cluster.kubectl(&format!("exec {pod} -- true")).ok();
}
