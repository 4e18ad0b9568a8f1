//! A control plane whose parts are killed in the middle of writes keeps what it acknowledged, and no
//! workload notices.

use serde_json::{Value, json};

use crate::harness::{Cluster, Faults, agent, until};

const IN_STEP: std::time::Duration = std::time::Duration::from_secs(10);

/// Host pods of workloads with their containers.
fn workloads(cluster: &Cluster) -> Vec<(Value, Value)> {
    let twins = cluster.twins("pod").into_iter();
    let mut all: Vec<(Value, Value)> = twins
        .map(|twin| {
            let container = &twin["status"]["containerStatuses"][0]["containerID"];
            (twin["metadata"]["uid"].clone(), container.clone())
        })
        .collect();
    all.sort_by_key(|(uid, _)| uid.to_string());
    all
}

/// Writes until the API server does not answer any more; answers with what it acknowledged.
fn write_while(cluster: &Cluster, stem: &str, harm: impl FnOnce() + Send) -> Vec<String> {
    std::thread::scope(|scope| {
        let mut written = Vec::new();
        let mut harm = Some(harm);
        for number in 0..20 {
            let name = format!("{stem}-{number}");
            if number == 5 {
                scope.spawn(harm.take().expect("it is done once"));
            }
            let line = format!("create configmap {name} --from-literal=a=b --request-timeout=5s");
            if cluster.kubectl(&line).run().code == 0 {
                written.push(format!("configmap/{name}"));
            }
        }
        written
    })
}

#[test]
fn a_control_plane_that_is_killed_part_by_part_keeps_what_it_acknowledged_and_no_workload_notices()
{
    let cluster = Cluster::create("crash", "--storage-size 1Gi");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    cluster.apply(&json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
            },
        },
    }));
    cluster
        .kubectl("rollout status deployment/web --timeout=90s")
        .ok();
    let before = workloads(&cluster);
    assert_eq!(before.len(), 2);

    let mut written = Vec::new();
    for part in ["etcd", "kube-apiserver"] {
        written.extend(write_while(&cluster, part, || faults.kill(&cluster, part)));
    }
    written.extend(write_while(&cluster, "pod", || {
        let pod = format!("vc-{}-0", cluster.name);
        cluster
            .host(&format!(
                "delete pod {pod} --force --grace-period=0 --wait=false"
            ))
            .ok();
    }));
    assert!(written.len() >= 15, "{written:?}");
    until("the virtual API server and its syncer are back", || {
        cluster.is_syncer_ready() && cluster.kubectl("get --raw /readyz").run().code == 0
    });
    let found = cluster.kubectl("get configmaps -o name").ok();
    let found = found.lines();
    for name in &written {
        assert!(
            found.contains(&name.as_str()),
            "{name} was acknowledged and is lost"
        );
    }
    cluster.in_step_within(IN_STEP, &foreign);
    assert_eq!(workloads(&cluster), before);
    // It works on.
    cluster.kubectl("scale deployment/web --replicas=3").ok();
    cluster
        .kubectl("rollout status deployment/web --timeout=60s")
        .ok();
}
