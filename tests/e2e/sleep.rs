//! A cluster that nobody uses pauses itself, and wakes when somebody does.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, Cluster, Running, Sandbox, until, within};

/// After how long without use the cluster sleeps.
const AFTER: Duration = Duration::from_secs(15);

/// How long it may take until it sleeps, or until everything runs again, beside other tests.
const PATIENCE: Duration = Duration::from_mins(3);

/// A pod that nobody makes again, with data, and one of a Deployment.
fn workloads() -> Value {
    let container =
        |command: &str| json!({"name": "c", "image": BUSYBOX, "command": ["sh", "-c", command]});
    let mut keeps = container("exec sleep 100000");
    keeps["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    let claim =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}});
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": claim},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": {
            "terminationGracePeriodSeconds": 1, "containers": [keeps],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        }},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [container("exec sleep 100000")]},
            },
        }},
    ]})
}

fn row(cluster: &Cluster) -> Value {
    let row = format!("get {} -n {} -o json", cluster.name, cluster.namespace);
    cluster.sandbox.vc(&row).ok().json()
}

/// How many pods of the cluster the host has, its control plane's among them.
fn host_pods(cluster: &Cluster) -> usize {
    let list = cluster.host_get(&format!("pods -l vc.internal/cluster={}", cluster.name));
    list["items"].as_array().unwrap().len()
}

fn await_running(cluster: &Cluster) {
    within(PATIENCE, "both pods run", || {
        let twins = cluster.twins("pods").into_iter();
        let phases = cluster.kubectl("get pods -o jsonpath={.items[*].status.phase}");
        twins
            .filter(|twin| twin["status"]["phase"] == "Running")
            .count()
            == 2
            && phases.run().output() == "Running Running"
    });
}

/// Asks the API server something each second, as a ServiceAccount, and says so each time.
fn account_that_asks(cluster: &Cluster) -> Running {
    let token = cluster.kubectl("create token default").ok();
    let own = "config view --minify -o jsonpath={.contexts[0].context.cluster}";
    let own = cluster.kubectl(own).ok();
    for line in [
        format!("set-credentials account --token={}", token.output()),
        format!(
            "set-context account --user=account --cluster={}",
            own.output()
        ),
    ] {
        cluster.kubectl(&format!("config {line}")).ok();
    }
    let asks = "while :; do kubectl --context account get --raw /version >/dev/null && echo asked; sleep 1; done";
    let asks = cluster.sandbox.program("sh", "-c").arg(asks).start();
    assert!(asks.prints("asked"));
    asks
}

#[test]
fn a_cluster_that_nobody_uses_pauses_itself_and_wakes_when_it_is_used() {
    let options = format!("--sleep-after {}s", AFTER.as_secs());
    let cluster = Cluster::create("sleep", &options);
    cluster.apply(&workloads());
    await_running(&cluster);
    let before = cluster.get("pod bare")["metadata"]["uid"].clone();

    // A watch that stays open is use, however long nothing comes of it.
    let watch = cluster.kubectl("get configmaps --watch").start();
    assert!(watch.prints("kube-root-ca.crt"));
    thread::sleep(AFTER + Duration::from_secs(10));
    assert_eq!(row(&cluster)["status"], "Running");
    let asks = account_that_asks(&cluster);
    watch.kill_hard();

    // What a program with a ServiceAccount asks is not.
    within(PATIENCE, "it sleeps", || {
        row(&cluster)["status"] == "Paused"
    });
    let asked = asks.output().lines().count();
    assert!(asked >= 5, "asked {asked} times");
    asks.kill_hard();
    let reason = row(&cluster)["reason"].clone();
    let reason = reason.as_str().unwrap();
    assert!(reason.starts_with("asleep since "), "{reason}");
    until("nothing runs", || host_pods(&cluster) == 0);
    assert_eq!(cluster.twins("pvc").len(), 1);

    let woken = cluster.kubectl("get pods -o name").ok();
    assert!(woken.stderr.contains("waking it"), "{woken}");
    await_running(&cluster);
    assert_eq!(cluster.get("pod bare")["metadata"]["uid"], before);
}

#[test]
fn an_ephemeral_cluster_is_not_to_sleep() {
    let sandbox = Sandbox::new("sleepless");
    let (name, namespace) = (sandbox.name("sleepless"), sandbox.namespace("sleepless"));
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --ephemeral --sleep-after 1h"
        ))
        .exits(2)
        .says("is ephemeral and cannot pause itself")
        .says("--ttl");
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}
