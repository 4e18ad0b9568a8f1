//! What a real host says about a cluster, to whom.

use serde_json::{Value, json};

use crate::harness::{Cluster, Sandbox, agent, until};

#[test]
fn a_cluster_is_described_as_far_as_its_reader_may_see_it() {
    let cluster = Cluster::create("describe", "--ephemeral --label team=shop");
    let (name, namespace) = (cluster.name.clone(), cluster.namespace.clone());
    cluster.apply(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "default"},
        "spec": {"containers": [agent()], "terminationGracePeriodSeconds": 0},
    }));
    cluster.running("default", "a");
    // The cluster serves before the host has asked each of its containers.
    let ready = format!("-n {namespace} wait --for=condition=Ready pod/vc-{name}-0");
    cluster.host(&format!("{ready} --timeout=60s")).ok();
    // Nor is it told at once that they have started: a kubelet's Events wait in a queue.
    let started = format!("involvedObject.name=vc-{name}-0,reason=Started");
    until("the host tells that containers have started", || {
        let events = format!("-n {namespace} get events --field-selector={started} -o name");
        cluster.host(&events).ok().lines().len() == 4
    });

    let place = format!("{name} -n {namespace}");
    let vc = |line: String| cluster.sandbox.vc(&line).ok();
    let row = vc(format!("get {place} -o json")).json();
    let all = vc(format!("describe {place} -o json")).json();
    for field in [
        "name",
        "namespace",
        "uid",
        "status",
        "kubernetesVersion",
        "labels",
    ] {
        assert_eq!(all[field], row[field], "{field}");
    }
    assert_eq!(
        (&all["status"], &all["labels"]["team"]),
        (&json!("Running"), &json!("shop"))
    );
    let containers = all["controlPlane"]["containers"]
        .as_array()
        .expect("containers");
    assert_eq!(containers.len(), 4, "{all:#}");
    let is_up = |container: &Value| container["ready"] == true && container["state"] == "Running";
    assert!(containers.iter().all(is_up), "{all:#}");
    let certificates = all["certificates"].as_array().expect("certificates");
    assert!(certificates.len() > 5, "{all:#}");
    assert!(
        certificates.iter().all(|one| one["expires"].is_string()),
        "{all:#}"
    );
    assert_eq!(all["pods"], json!({"Running": 1}), "{all:#}");
    let events = all["events"].as_array().expect("events");
    assert!(
        events.iter().any(|event| event["reason"] == "Started"),
        "{all:#}"
    );

    let page = vc(format!("describe {place}"));
    let node = all["controlPlane"]["node"].as_str().expect("a node");
    for text in [
        "team=shop",
        "kube-controller-manager",
        "administrator",
        node,
        "1 Running",
    ] {
        assert!(page.stdout.contains(text), "{text}: {page}");
    }
    for output in [page.stdout, all.to_string()] {
        assert!(!output.contains("PRIVATE KEY"), "{output}");
    }

    let reader = Sandbox::new("reader");
    reader.become_account(&namespace, "eve");
    let role = "role eve --verb=get,list --resource=configmaps,pods,statefulsets.apps";
    let binding = format!("rolebinding eve --role=eve --serviceaccount={namespace}:eve");
    for object in [role, binding.as_str()] {
        cluster
            .host(&format!("-n {namespace} create {object}"))
            .ok();
    }
    let seen = reader.vc(&format!("describe {place}")).ok();
    for part in [
        "Certificates:   unknown: cannot get secret",
        "Events:         unknown: cannot list",
    ] {
        assert!(seen.stdout.contains(part), "{part}: {seen}");
    }
    assert!(seen.stdout.contains("1 Running"), "{seen}");
}
