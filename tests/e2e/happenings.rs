//! `vc events`: what both sides tell, under virtual names.

use serde_json::{Value, json};

use crate::harness::{Cluster, agent, until};

fn pod(name: &str) -> String {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
    })
    .to_string()
}

#[test]
fn what_happens_is_told_once_and_under_virtual_names() {
    let cluster = Cluster::shared("happens");
    let vc = |line: &str| cluster.sandbox.vc(line);
    cluster.kubectl("create namespace happens").ok();
    cluster.has_account("happens");
    let create = |name: &str| {
        cluster
            .kubectl("-n happens create -f -")
            .stdin(&pod(name))
            .ok();
    };
    create("first");
    let mut told = Value::Null;
    until("the start of a pod is told", || {
        told = vc("events -n happens -o json").ok().json();
        let mut events = told.as_array().unwrap().iter();
        events.any(|event| event["reason"] == "Started" && event["object"] == "pod/first")
    });
    let host_name = cluster.twin("pod", "happens", "first")["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(!told.to_string().contains(&host_name), "{told:#}");
    let started = |events: &Value| {
        let events = events.as_array().unwrap().iter();
        events.filter(|event| event["reason"] == "Started").count()
    };
    assert_eq!(started(&told), 1, "{told:#}");

    let follow = vc("events -n happens --follow").start();
    assert!(follow.prints("pod/first  Started"), "{}", follow.output());
    create("second");
    assert!(follow.prints("pod/second  Started"), "{}", follow.output());
    let all = vc("events -A").ok();
    assert!(all.stdout.contains("  happens  pod/second  "), "{all}");
    cluster.kubectl("create namespace silent").ok();
    let nothing = vc("events -n silent").ok().says("nothing happened lately");
    assert_eq!(nothing.output(), "");
    drop(follow);
    cluster
        .kubectl("delete namespace happens silent --wait=false")
        .ok();
}
