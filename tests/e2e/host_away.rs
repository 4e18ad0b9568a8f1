//! While a syncer cannot reach the host's API server, the virtual one goes on; afterwards both come in step by themselves.

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

#[test]
fn a_syncer_whose_host_is_away_keeps_nobody_from_working_in_the_virtual_cluster() {
    let cluster = Cluster::create("hostaway", "--ephemeral");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    cluster.apply(&deployment(2));
    cluster
        .kubectl("rollout status deployment/web --timeout=90s")
        .ok();
    let before = containers(&cluster);
    let pods = cluster.get("pods -l app=web");
    let pod = pods["items"][0]["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();

    for (replicas, is_long) in [(3, false), (5, true)] {
        let cut = faults.cut_off(&cluster);
        cluster
            .kubectl(&format!("scale deployment/web --replicas={replicas}"))
            .ok();
        cluster
            .kubectl(&format!(
                "create configmap made-{replicas} --from-literal=a=b"
            ))
            .ok();
        until("pods that wait for the host", || {
            let pods = cluster.kubectl("get pods -l app=web -o name").ok();
            pods.lines().len() == usize::try_from(replicas).unwrap()
        });
        if is_long {
            // The host is silent, so this is how long it takes to give it up.
            cluster
                .kubectl(&format!("exec {pod} -- true"))
                .within(Duration::from_secs(45))
                .exits(1)
                .says("the host cluster's API cannot be reached");
        } else {
            sleep(Duration::from_secs(1));
        }
        cut.end();
        cluster.in_step_within(IN_STEP, &foreign);
        assert_eq!(
            cluster.twins("pod").len(),
            usize::try_from(replicas).unwrap()
        );
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
