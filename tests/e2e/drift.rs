//! What somebody changes on the host by hand is put back, without anything running being lost.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, agent, until};

const IN_STEP: Duration = Duration::from_secs(10);

/// A pod with a ConfigMap, a Secret and a token.
fn user(cluster: &Cluster) -> (Value, Value) {
    cluster
        .kubectl("create configmap settings --from-literal=A=1")
        .ok();
    cluster
        .kubectl("create secret generic keys --from-literal=k=1")
        .ok();
    let mut container = agent();
    container["envFrom"] = json!([{"configMapRef": {"name": "settings"}}]);
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user", "labels": {"app": "user"}},
        "spec": {
            "containers": [container],
            "volumes": [{"name": "keys", "secret": {"secretName": "keys"}}],
        },
    }));
    (
        cluster.running("default", "user"),
        cluster.twin("pod", "default", "user"),
    )
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

fn token_secret(cluster: &Cluster, pod: &str) -> Option<Value> {
    cluster.twins("secret").into_iter().find(|secret| {
        let metadata = &secret["metadata"];
        metadata["annotations"]["vc.internal/name"] == pod
            && metadata["annotations"]["vc.internal/tokens"].is_string()
    })
}

/// The virtual pod and its host pod are those that they were, and never stopped.
fn runs_on(cluster: &Cluster, (pod, twin): &(Value, Value)) {
    let now = cluster.get("pod user");
    assert_eq!(now["metadata"]["uid"], pod["metadata"]["uid"]);
    assert_eq!(now["metadata"]["deletionTimestamp"], Value::Null);
    let there = cluster.twin("pod", "default", "user");
    assert_eq!(there["metadata"]["uid"], twin["metadata"]["uid"]);
    assert_eq!(there["metadata"]["deletionTimestamp"], Value::Null);
    assert_eq!(there["status"]["containerStatuses"][0]["restartCount"], 0);
}

#[test]
fn what_is_deleted_changed_or_unlabelled_on_the_host_by_hand_is_put_back() {
    let cluster = Cluster::create("drift", "--ephemeral");
    let foreign = cluster.foreign();
    let both = user(&cluster);

    for kind in ["configmap", "secret"] {
        let virtual_name = if kind == "secret" { "keys" } else { "settings" };
        let before = cluster.twin(kind, "default", virtual_name);
        let one = format!("{kind} {}", name(&before));
        let is_new = |was: &Value| {
            let now = cluster.find_twin(kind, "default", virtual_name);
            now.is_some_and(|now| {
                now["metadata"]["uid"] != was["metadata"]["uid"] && now["data"] == was["data"]
            })
        };
        cluster.host(&format!("delete {one}")).ok();
        until("made again", || is_new(&before));

        let before = cluster.twin(kind, "default", virtual_name);
        cluster
            .host(&format!("label {one} vc.internal/namespace-"))
            .ok();
        until("its label is back", || {
            let now = cluster.find_twin(kind, "default", virtual_name);
            now.is_some_and(|now| now["metadata"]["uid"] == before["metadata"]["uid"])
        });

        cluster
            .host(&format!("patch {one} -p"))
            .arg(r#"{"data":{"x":"eA=="}}"#)
            .ok();
        until("its content is back", || {
            cluster.twin(kind, "default", virtual_name)["data"] == before["data"]
        });
    }

    for change in [
        "delete secret NAME",
        "label secret NAME vc.internal/namespace-",
    ] {
        let secret = token_secret(&cluster, "user").unwrap();
        cluster.host(&change.replace("NAME", name(&secret))).ok();
        until("the token is there again", || {
            let now = token_secret(&cluster, "user");
            now.is_some_and(|now| {
                now["metadata"]["resourceVersion"] != secret["metadata"]["resourceVersion"]
                    && now["data"]
                        .as_object()
                        .unwrap()
                        .keys()
                        .eq(secret["data"].as_object().unwrap().keys())
            })
        });
    }

    let pod = name(&both.1).to_owned();
    for label in ["vc.internal/namespace", "vc.internal/cluster", "app"] {
        let value = both.1["metadata"]["labels"][label].clone();
        assert!(value.is_string(), "{label}");
        cluster.host(&format!("label pod {pod} {label}-")).ok();
        until(&format!("label {label} is back"), || {
            cluster.host_get(&format!("pod {pod}"))["metadata"]["labels"][label] == value
        });
        runs_on(&cluster, &both);
    }
    cluster.in_step_within(IN_STEP, &foreign);
    runs_on(&cluster, &both);
}

#[test]
fn a_running_host_pod_that_is_deleted_by_hand_ends_its_virtual_pod_and_its_controller_makes_another()
 {
    let cluster = Cluster::create("lost", "--ephemeral");
    let foreign = cluster.foreign();
    cluster.apply(&json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {
            "serviceName": "db", "replicas": 1,
            "selector": {"matchLabels": {"app": "db"}},
            "template": {
                "metadata": {"labels": {"app": "db"}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [agent()]},
            },
        },
    }));
    for how in ["--wait=false", "--force --grace-period=0 --wait=false"] {
        until("the pod", || {
            cluster.kubectl("get pod db-0").run().code == 0
        });
        let before = cluster.running("default", "db-0");
        let twin = cluster.twin("pod", "default", "db-0");
        cluster
            .host(&format!("delete pod {} {how}", name(&twin)))
            .ok();
        until("another pod of the same name", || {
            let now = cluster.kubectl("get pod db-0 -o json").run();
            now.code == 0 && now.json()["metadata"]["uid"] != before["metadata"]["uid"]
        });
        let after = cluster.running("default", "db-0");
        let new_twin = cluster.twin("pod", "default", "db-0");
        assert_eq!(
            new_twin["metadata"]["annotations"]["vc.internal/uid"],
            after["metadata"]["uid"]
        );
        assert_ne!(new_twin["metadata"]["uid"], twin["metadata"]["uid"]);
    }
    cluster.in_step_within(IN_STEP, &foreign);
}

#[test]
fn a_host_namespace_that_is_deleted_takes_everything_with_it() {
    let cluster = Cluster::create("razed", "--ephemeral");
    user(&cluster);
    let namespace = &cluster.namespace;
    let sandbox = &cluster.sandbox;
    sandbox
        .host(&format!("delete namespace {namespace} --timeout=90s"))
        .ok();
    let kinds = "clusterrole,clusterrolebinding,validatingwebhookconfiguration,\
        mutatingwebhookconfiguration,priorityclass,crd,pv,apiservice";
    let left = sandbox.host(&format!("get {kinds} -o json")).ok();
    assert!(!left.stdout.contains(&cluster.name), "left: {left}");
    sandbox
        .vc(&format!("delete {} -n {namespace}", cluster.name))
        .exits(5);
}
