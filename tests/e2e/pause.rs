//! A cluster is paused and woken: nothing of it runs meanwhile, and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{BUSYBOX, Cluster, until, within};

/// How long it may take until everything runs again, beside other tests.
const PATIENCE: Duration = Duration::from_mins(3);

/// One of each that matters: pods that somebody makes again, with and without data, and pods that nobody does.
fn workloads(grace: u32) -> String {
    let pod = |command: &str| {
        format!(
            "{{terminationGracePeriodSeconds: 1, containers: [{{name: c, image: {BUSYBOX}, \
             command: [sh, -c, '{command}']}}]}}"
        )
    };
    let waits = pod("exec sleep 100000");
    // It takes no notice of being told to end, so a pause takes this long.
    let slow = waits.replace("Seconds: 1", &format!("Seconds: {grace}"));
    let ends = pod("exit 0").replace("{term", "{restartPolicy: Never, term");
    let data = "volumeMounts: [{name: data, mountPath: /data}], name: c,";
    let keeps = pod("echo $HOSTNAME >> /data/starts; exec sleep 100000").replace("name: c,", data);
    let begun = waits.replace(
        "{term",
        &format!(
            "{{restartPolicy: OnFailure, initContainers: [{{name: i, image: {BUSYBOX}, command: [\"true\"]}}], term"
        ),
    );
    let job = waits.replace("{term", "{restartPolicy: Never, term");
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template: {{metadata: {{labels: {{app: web}}}}, spec: {waits}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  selector: {{matchLabels: {{app: db}}}}
  template: {{metadata: {{labels: {{app: db}}}}, spec: {keeps}}}
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 16Mi}}}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: task}}
spec: {{backoffLimit: 0, template: {{spec: {job}}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: kept}}
data: {{key: value}}
---
apiVersion: v1
kind: Pod
metadata: {{name: bare}}
spec: {slow}
---
apiVersion: v1
kind: Pod
metadata: {{name: begun}}
spec: {begun}
---
apiVersion: v1
kind: Pod
metadata: {{name: done}}
spec: {ends}
"
    )
}

/// What must still be the same object afterwards, by kind and name.
const KEPT: [&str; 9] = [
    "pod bare",
    "pod begun",
    "pod done",
    "deployment web",
    "statefulset db",
    "job task",
    "service web",
    "configmap kept",
    "pvc data-db-0",
];

fn uids(cluster: &Cluster) -> BTreeMap<&'static str, String> {
    let uid = |what: &&'static str| {
        let found = cluster.get(what);
        (*what, found["metadata"]["uid"].as_str().unwrap().to_owned())
    };
    KEPT.iter().map(uid).collect()
}

fn make_workloads(cluster: &Cluster, grace: u32) {
    cluster.kubectl("create -f -").stdin(&workloads(grace)).ok();
    await_running(cluster);
}

/// Waits until everything runs, by the word of the pods; the host has to run them, too.
fn await_running(cluster: &Cluster) {
    within(PATIENCE, "everything runs", || {
        let pods = cluster.kubectl("get pods -o json").run();
        if pods.code != 0 {
            return false;
        }
        let pods = pods.json();
        let pods = pods["items"].as_array().unwrap().clone();
        let (done, others): (Vec<_>, Vec<_>) = pods
            .into_iter()
            .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
            .partition(|pod| pod["metadata"]["name"] == "done");
        let is_ready = |pod: &Value| {
            let mut conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
            conditions.any(|one| one["type"] == "Ready" && one["status"] == "True")
        };
        others.len() == 6
            && others.iter().all(is_ready)
            && done.iter().all(|pod| pod["status"]["phase"] == "Succeeded")
    });
    let running = || {
        let twins = cluster.twins("pods").into_iter();
        let running = twins.filter(|twin| twin["status"]["phase"] == "Running");
        running.count()
    };
    within(PATIENCE, "the host runs them", || running() == 6);
}

/// Every pod of the cluster on the host, its control plane's, too.
fn host_pods(cluster: &Cluster) -> Vec<Value> {
    let list = cluster.host_get(&format!("pods -l vc.internal/cluster={}", cluster.name));
    list["items"].as_array().unwrap().clone()
}

fn status(cluster: &Cluster) -> String {
    let row = format!("get {} -n {} -o json", cluster.name, cluster.namespace);
    let row = cluster.sandbox.vc(&row).ok().json();
    row["status"].as_str().unwrap().to_owned()
}

fn cluster_ip(cluster: &Cluster) -> Value {
    let twin = cluster.twin("services", "default", "web");
    assert_eq!(
        twin["spec"]["clusterIP"],
        cluster.get("service web")["spec"]["clusterIP"]
    );
    twin["spec"]["clusterIP"].clone()
}

fn starts(cluster: &Cluster) -> usize {
    let read = cluster.kubectl("exec db-0 -- cat /data/starts").ok();
    read.output().lines().count()
}

#[test]
fn a_paused_cluster_runs_nothing_and_wakes_when_its_context_is_used() {
    let cluster = Cluster::create("pause", "");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    make_workloads(&cluster, 1);
    let (before, address) = (uids(&cluster), cluster_ip(&cluster));
    assert_eq!(starts(&cluster), 1);

    let vc = |line: &str| cluster.sandbox.vc(&format!("{line} -n {namespace}"));
    vc(&format!("pause {name}")).ok().says("is paused");
    assert_eq!(host_pods(&cluster), Vec::<Value>::new());
    assert_eq!(status(&cluster), "Paused");
    vc(&format!("wait {name} --for=condition=paused")).ok();
    vc(&format!("wait {name} --for=condition=SyncerReady=false"))
        .ok()
        .says("SyncerReady=False");
    assert_eq!(cluster.twins("pvc").len(), 1);
    assert!(cluster.find_twin("services", "default", "web").is_some());
    vc(&format!("pause {name}")).ok().says("is paused");
    vc(&format!("wait {name}")).exits(1).says("vc resume");
    vc(&format!("connect {name} --no-wake"))
        .exits(1)
        .says("vc resume");
    cluster
        .kubectl("get pods")
        .env("VC_NO_WAKE", "1")
        .exits(1)
        .says("it is paused");
    assert_eq!(host_pods(&cluster), Vec::<Value>::new());

    // Two at once, and somebody who only waits.
    let waits = cluster
        .sandbox
        .vc(&format!(
            "wait {name} -n {namespace} --for=condition=SyncerReady"
        ))
        .start();
    let both = [0, 1].map(|_| cluster.kubectl("get pods -o name").start());
    let woken = both.map(|kubectl| kubectl.wait().exits(0).stderr);
    assert!(
        woken.iter().any(|stderr| stderr.contains("waking it")),
        "{woken:?}"
    );
    waits.wait().exits(0).says("has SyncerReady=True");
    await_running(&cluster);
    assert_eq!(uids(&cluster), before);
    assert_eq!(cluster_ip(&cluster), address);
    assert_eq!(starts(&cluster), 2);
    assert_eq!(cluster.get("job task")["status"]["failed"], Value::Null);
    until("it counts as running", || status(&cluster) == "Running");

    vc(&format!("pause {name}")).ok();
    vc(&format!("resume {name}")).ok().says("is ready");
    assert_eq!(status(&cluster), "Running");
    vc(&format!("resume {name}")).ok().says("is ready");
    await_running(&cluster);
    assert_eq!(uids(&cluster), before);

    // What is deleted by hand on the host is deleted, as before a pause.
    let twin = cluster.twin("pods", "default", "bare");
    let twin = twin["metadata"]["name"].as_str().unwrap().to_owned();
    cluster.host(&format!("delete pod {twin}")).ok();
    until("the pod is gone", || {
        cluster.kubectl("get pod bare").run().code != 0
    });

    vc(&format!("pause {name}")).ok();
    vc(&format!("delete {name}")).ok();
    assert_eq!(cluster.sandbox.objects(namespace), Vec::<String>::new());
}

#[test]
fn a_pause_that_is_killed_half_way_is_ended_by_another_or_by_resume() {
    let cluster = Cluster::create("halfway", "");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    make_workloads(&cluster, 20);
    let before = uids(&cluster);
    let vc = |line: &str| cluster.sandbox.vc(&format!("{line} {name} -n {namespace}"));
    let half_way = || {
        let pause = vc("pause").start();
        within(PATIENCE, "the pods are told to end", || {
            let pods = host_pods(&cluster);
            let control_plane = format!("vc-{name}-0");
            let is_going = |pod: &Value| !pod["metadata"]["deletionTimestamp"].is_null();
            let workloads = |pod: &&Value| pod["metadata"]["name"] != *control_plane;
            pods.iter().filter(workloads).any(is_going) || pods.is_empty()
        });
        pause.kill_hard();
    };
    half_way();
    assert_eq!(status(&cluster), "Paused");
    vc("pause").ok();
    assert_eq!(host_pods(&cluster), Vec::<Value>::new());
    vc("resume").ok();
    await_running(&cluster);
    assert_eq!(uids(&cluster), before);

    half_way();
    vc("resume").ok();
    await_running(&cluster);
    assert_eq!(uids(&cluster), before);
}

#[test]
fn an_ephemeral_cluster_is_not_paused() {
    let cluster = Cluster::shared("not-paused");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let names = |pods: Vec<Value>| -> BTreeSet<String> {
        let control_plane = format!("vc-{name}-0");
        let uids = pods
            .iter()
            .filter(|pod| pod["metadata"]["name"] == *control_plane);
        uids.map(|pod| pod["metadata"]["uid"].to_string()).collect()
    };
    let before = names(host_pods(&cluster));
    cluster
        .sandbox
        .vc(&format!("pause {name} -n {namespace}"))
        .exits(1)
        .says("it is ephemeral")
        .says("vc delete");
    assert_eq!(names(host_pods(&cluster)), before);
}
