//! What is not ours on the host is left alone, whatever it is called; and no label of a pod's makes it
//! anything but a pod of its cluster.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, agent, until};

fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

fn pod() -> Value {
    let mut container = agent();
    container["envFrom"] =
        json!([{"configMapRef": {"name": "same"}}, {"secretRef": {"name": "same"}}]);
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "same"},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    })
}

fn set_up(cluster: &Cluster, content: &str) {
    cluster
        .kubectl(&format!("create configmap same --from-literal=A={content}"))
        .ok();
    cluster
        .kubectl(&format!(
            "create secret generic same --from-literal=S={content}"
        ))
        .ok();
    cluster.apply(&pod());
    cluster.running("default", "same");
}

/// A host object with the name and labels of a cluster's, but without its mark.
fn stranger(kind: &str, name: &str, cluster: &str) -> Value {
    let kind_name = match kind {
        "pod" => "Pod",
        "secret" => "Secret",
        _ => "ConfigMap",
    };
    let mut stranger = json!({
        "apiVersion": "v1", "kind": kind_name,
        "metadata": {"name": name, "labels": {
            "vc.internal/cluster": cluster, "vc.internal/namespace": "default",
        }},
    });
    if kind == "pod" {
        stranger["spec"] = json!({"containers": [agent()], "terminationGracePeriodSeconds": 0});
    } else {
        stranger["data"] = json!({"A": "c3RyYW5nZXI=", "S": "c3RyYW5nZXI="});
    }
    stranger
}

#[test]
fn two_clusters_with_the_same_names_in_one_namespace_and_a_stranger_do_not_get_in_each_others_way()
{
    let one = Cluster::create("one", "--ephemeral");
    let other = Sibling::of(&one);
    set_up(&one, "one");
    set_up(&other.0, "other");
    for (cluster, content) in [(&one, "one"), (&other.0, "other")] {
        let printed = cluster
            .kubectl("exec same -- sh -c")
            .arg("echo $A; echo $S")
            .ok();
        assert_eq!(printed.lines(), [content, content]);
    }
    let twins = ["pod", "configmap", "secret"].map(|kind| {
        let (twin, sibling) = (
            one.twin(kind, "default", "same"),
            other.0.twin(kind, "default", "same"),
        );
        assert_ne!(name(&twin), name(&sibling));
        (kind, name(&twin), sibling["metadata"]["uid"].clone())
    });

    // Strangers take the places of one's host objects while there are none.
    one.kubectl("delete pod/same configmap/same secret/same")
        .ok();
    until("nothing of it on the host", || {
        twins
            .iter()
            .all(|(kind, name, _)| one.host(&format!("get {kind} {name}")).run().code == 1)
    });
    let mut strangers = Vec::new();
    for (kind, name, _) in &twins {
        let stranger = stranger(kind, name, &one.name);
        one.host("create -f -").stdin(&stranger.to_string()).ok();
    }
    let pod_name = &twins[0].1;
    one.host(&format!(
        "wait --for=condition=Ready pod/{pod_name} --timeout=60s"
    ))
    .ok();
    for (kind, name, _) in &twins {
        strangers.push(one.host_get(&format!("{kind} {name}")));
    }
    one.kubectl("create configmap same --from-literal=A=again")
        .ok();
    one.kubectl("create secret generic same --from-literal=S=again")
        .ok();
    one.apply(&pod());
    for kind in ["pod", "configmap", "secret"] {
        until(&format!("an Event on the {kind}"), || {
            let events =
                one.get("events --field-selector=involvedObject.name=same,reason=HostRefused");
            let events = events["items"].as_array().unwrap().clone();
            events.iter().any(|event| {
                let about = event["involvedObject"]["kind"].as_str().unwrap();
                about.to_lowercase() == kind
                    && event["message"]
                        .as_str()
                        .unwrap()
                        .contains("already exists")
            })
        });
    }
    let exec = one
        .kubectl("exec same -- sh -c")
        .arg("echo $A; echo $S")
        .run();
    assert_ne!(exec.code, 0, "{exec}");
    one.kubectl("delete pod/same configmap/same secret/same")
        .ok();
    for (before, (kind, name, _)) in strangers.iter().zip(&twins) {
        assert_eq!(one.host_get(&format!("{kind} {name}")), *before);
    }
    for (kind, _, uid) in &twins {
        assert_eq!(
            other.0.twin(kind, "default", "same")["metadata"]["uid"],
            *uid
        );
    }
    // Once the places are free they are taken: last the pod's, because a pod sees what is there.
    one.kubectl("create configmap same --from-literal=A=again")
        .ok();
    one.kubectl("create secret generic same --from-literal=S=again")
        .ok();
    one.apply(&pod());
    for (kind, name, _) in twins.iter().rev() {
        one.host(&format!("delete {kind} {name}")).ok();
        one.twin(kind, "default", "same");
    }
    one.running("default", "same");
    assert_eq!(
        one.kubectl("exec same -- sh -c")
            .arg("echo $A; echo $S")
            .ok()
            .lines(),
        ["again", "again"]
    );
}

/// A second cluster in the namespace of a first.
struct Sibling(Cluster);

impl Sibling {
    fn of(one: &Cluster) -> Self {
        let sandbox = crate::harness::Sandbox::new("other");
        Self(Cluster::create_in(
            sandbox,
            one.namespace.clone(),
            "other",
            "--ephemeral",
        ))
    }
}

#[test]
fn a_pod_with_labels_of_the_control_plane_or_of_another_cluster_is_an_ordinary_pod() {
    let cluster = Cluster::create("labels", "--ephemeral");
    let foreign = cluster.foreign();
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
    });
    let service = cluster.host_get(&format!("service vc-{}", cluster.name));
    let mut labels = service["spec"]["selector"].as_object().unwrap().clone();
    for (key, value) in [
        ("vc.internal/cluster", "other"),
        ("vc.internal/component", "control-plane"),
        ("vc.internal/tokens", "true"),
        ("vc.internal/marker", "true"),
        ("app.kubernetes.io/component", "control-plane"),
        ("app.kubernetes.io/instance", cluster.name.as_str()),
        ("app.kubernetes.io/managed-by", "vc"),
    ] {
        labels.insert(key.to_owned(), value.into());
    }
    pod["metadata"] = json!({"name": "posing", "labels": labels, "annotations": {
        "vc.internal/cluster-uid": "another", "vc.internal/name": "another",
        "vc.internal/uid": "another", "vc.internal/virtual-namespace": "another",
    }});
    cluster.apply(&pod);
    cluster.running("default", "posing");
    let twin = cluster.twin("pod", "default", "posing");
    assert_eq!(
        twin["metadata"]["labels"]["vc.internal/cluster"],
        *cluster.name
    );
    assert_eq!(
        twin["metadata"]["labels"]["vc.internal/component"],
        Value::Null
    );

    let name = &cluster.name;
    let control_plane = cluster.host_get(&format!("pod vc-{name}-0"));
    let slices = cluster.host_get(&format!(
        "endpointslices -l kubernetes.io/service-name=vc-{name}"
    ));
    let mut addresses: Vec<&Value> = Vec::new();
    for slice in slices["items"].as_array().unwrap() {
        let endpoints = slice["endpoints"].as_array().into_iter().flatten();
        addresses.extend(endpoints.map(|endpoint| &endpoint["addresses"][0]));
    }
    assert_eq!(addresses, [&control_plane["status"]["podIP"]]);

    let sandbox = &cluster.sandbox;
    let list = sandbox
        .vc(&format!("list -n {} -o json", cluster.namespace))
        .ok()
        .json();
    let rows = list.as_array().unwrap();
    assert_eq!(rows.len(), 1, "{list}");
    assert_eq!(rows[0]["status"], "Running");
    sandbox
        .vc(&format!("connect {name} -n {}", cluster.namespace))
        .ok();
    sandbox.kill_tunnels();
    cluster.kubectl("get namespaces").ok();
    // Taken off and put on again while it runs.
    cluster
        .kubectl("label pod posing vc.internal/cluster-")
        .ok();
    cluster
        .kubectl("label pod posing vc.internal/namespace=elsewhere")
        .ok();
    cluster.in_step_within(Duration::from_secs(10), &foreign);
}
