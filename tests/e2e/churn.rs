//! A syncer that is killed at any point, time and again, restarts no pod and loses nothing.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Chance, Cluster, Faults, agent, settings, until};

/// How soon both sides are in step once it is quiet.
const IN_STEP: Duration = Duration::from_secs(5);

fn deployment(name: &str, replicas: u64) -> Value {
    let mut container = agent();
    container["env"] = json!([{"name": "ROUND", "value": "0"}]);
    container["envFrom"] = json!([{"configMapRef": {"name": "settings"}}]);
    container["volumeMounts"] = json!([{"name": "keys", "mountPath": "/keys"}]);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "terminationGracePeriodSeconds": 0,
                    "containers": [container],
                    "volumes": [{"name": "keys", "secret": {"secretName": "keys"}}],
                },
            },
        },
    })
}

/// Pods of the cluster by name, with their UIDs and those of their host pods and containers.
fn identities(cluster: &Cluster, app: &str) -> BTreeMap<String, [String; 3]> {
    let pods = cluster.get(&format!("pods -l app={app}"));
    let pods = pods["items"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |pod: &Value| {
        let name = text(&pod["metadata"]["name"]);
        let twin = cluster.twin("pod", "default", &name);
        let uid = text(&pod["metadata"]["uid"]);
        let container = text(&pod["status"]["containerStatuses"][0]["containerID"]);
        (name, [uid, text(&twin["metadata"]["uid"]), container])
    };
    pods.iter().map(one).collect()
}

#[test]
fn a_syncer_that_is_killed_time_and_again_during_rollouts_restarts_no_pod_and_loses_nothing() {
    let cluster = Cluster::create("churn", "--ephemeral");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    cluster
        .kubectl("create configmap settings --from-literal=A=1")
        .ok();
    cluster
        .kubectl("create secret generic keys --from-literal=k=1")
        .ok();
    cluster.apply(&deployment("calm", 2));
    cluster.apply(&deployment("busy", 3));
    cluster
        .kubectl("create service nodeport calm --tcp=80")
        .ok();
    for name in ["calm", "busy"] {
        cluster
            .kubectl(&format!("rollout status deployment/{name} --timeout=90s"))
            .ok();
    }
    let calm = identities(&cluster, "calm");
    let mut chance = Chance::new(settings::seed());
    let mut replicas = 3;
    let mut kills = 0;
    while kills < settings::kills() {
        match chance.below(6) {
            0 => {
                let value = json!({"data": {"A": kills.to_string()}});
                cluster
                    .kubectl("patch configmap settings -p")
                    .arg(&value.to_string())
                    .ok();
            }
            // Without a syncer these may be refused.
            1 => {
                let kind = ["ClusterIP", "NodePort", "LoadBalancer"];
                let kind = kind[usize::try_from(chance.below(3)).unwrap()];
                let value = json!({"spec": {"type": kind}});
                let line = "patch service calm --request-timeout=3s -p";
                cluster.kubectl(line).arg(&value.to_string()).run();
            }
            2 => {
                for line in [
                    "delete service busy",
                    "create service clusterip busy --tcp=80",
                ] {
                    cluster
                        .kubectl(&format!("{line} --request-timeout=3s"))
                        .run();
                }
            }
            3 => {
                replicas = chance.below(6);
                cluster
                    .kubectl(&format!("scale deployment/busy --replicas={replicas}"))
                    .ok();
            }
            _ => {
                cluster
                    .kubectl(&format!("set env deployment/busy ROUND={kills}"))
                    .ok();
            }
        }
        sleep(Duration::from_millis(chance.below(1500)));
        kills += u32::from(faults.strike(&cluster, "syncer"));
    }
    cluster
        .kubectl("rollout status deployment/busy --timeout=90s")
        .ok();
    cluster.in_step_within(IN_STEP, &foreign);
    assert_eq!(
        identities(&cluster, "calm"),
        calm,
        "pods that nobody touched"
    );
    assert_eq!(
        identities(&cluster, "busy").len(),
        usize::try_from(replicas).unwrap()
    );
    for pod in cluster.get("pods")["items"].as_array().unwrap() {
        let status = &pod["status"]["containerStatuses"][0];
        assert_eq!(status["restartCount"], 0, "{}", pod["metadata"]["name"]);
    }
}

/// Every host object that stands for a virtual one, with its version.
fn versions(cluster: &Cluster) -> BTreeMap<String, String> {
    let kinds = ["pod", "configmap", "secret", "service"];
    let twins = kinds.into_iter().flat_map(|kind| cluster.twins(kind));
    twins
        .map(|twin| {
            let text = |field: &str| twin["metadata"][field].as_str().unwrap().to_owned();
            (text("name"), text("resourceVersion"))
        })
        .collect()
}

#[test]
fn a_syncer_that_starts_again_finds_everything_in_step_and_writes_nothing_to_the_host() {
    let cluster = Cluster::create("restart", "--ephemeral");
    let Some(faults) = Faults::on(&cluster) else {
        return;
    };
    let foreign = cluster.foreign();
    cluster
        .kubectl("create configmap settings --from-literal=A=1")
        .ok();
    cluster
        .kubectl("create secret generic keys --from-literal=k=1")
        .ok();
    cluster.apply(&deployment("calm", 2));
    cluster
        .kubectl("create service nodeport calm --tcp=80")
        .ok();
    cluster
        .kubectl("rollout status deployment/calm --timeout=90s")
        .ok();
    cluster.in_step_within(IN_STEP, &foreign);
    let before = versions(&cluster);
    // Two pods, each with its tokens, what they use, the certificate that every pod has, and a Service.
    assert_eq!(before.len(), 8, "{before:?}");
    for _ in 0..3 {
        faults.kill(&cluster, "syncer");
        until("the syncer is ready again", || cluster.is_syncer_ready());
        cluster.in_step_within(IN_STEP, &foreign);
        assert_eq!(versions(&cluster), before);
    }
}
