//! `vc pause`, `vc resume`, and what a paused cluster says to those who use it.

use serde_json::{Value, json};

use crate::fake_host::{Answer, FakeHost, Request};
use crate::sandbox::Session;

/// The host of `vc list`, on which `dev` is paused.
fn paused(request: &Request) -> Answer {
    let set =
        json!({"spec": {"replicas": 0, "selector": {}, "serviceName": "vc-dev", "template": {}}});
    match request.resource() {
        "vc-dev-kubeconfig" => Answer::ok(&json!({
            "metadata": {"name": "vc-dev-kubeconfig", "ownerReferences": [{
                "apiVersion": "v1", "kind": "ConfigMap", "name": "vc-dev", "uid": "u-dev",
            }]},
            // "PEM", in base64; PEM is all that is checked here.
            "data": {
                "ca.crt": "LS0tLS1CRUdJTiBBLS0tLS0K",
                "client.crt": "LS0tLS1CRUdJTiBCLS0tLS0K",
                "client.key": "LS0tLS1CRUdJTiBDLS0tLS0K",
            },
        })),
        "vc-dev" => Answer::ok(&json!({
            "metadata": {"name": "vc-dev", "resourceVersion": "7"}, "spec": set["spec"],
        })),
        "pods" => Answer::ok(&json!({"metadata": {"resourceVersion": "1"}, "items": []})),
        "statefulsets" => {
            let mut list: Value =
                serde_json::from_str(&crate::list::clusters(request).body).unwrap();
            for item in list["items"].as_array_mut().unwrap() {
                item["spec"] = set["spec"].clone();
            }
            Answer::ok(&list)
        }
        _ => crate::list::clusters(request),
    }
}

fn assert_nothing_written(host: &FakeHost) {
    let requests = host.requests();
    let reads = requests
        .iter()
        .filter(|request| request.starts_with("GET "));
    assert_eq!(reads.count(), requests.len(), "{requests:?}");
}

#[test]
fn what_cannot_be_paused_or_resumed_is_told_and_left_alone() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.about("ephemeral");
    session.vc("pause dev");
    session.about("parts of it are missing");
    session.vc("pause ci");
    session.vc("resume ci");
    session.vc("pause nobody noone");
    session.vc("resume nobody");
    session.vc("pause");
    assert_nothing_written(&host);
    session.assert_matches("pause/refused");
}

#[test]
fn a_paused_cluster_is_not_woken_by_those_who_do_not_want_that() {
    let host = FakeHost::answering(paused);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("get dev -o json");
    session.vc("wait dev");
    session.vc("connect dev --no-wake");
    let credential = "credential dev --uid u-dev --port 20001 --namespace team-a --no-tunnel";
    session.vc(&format!("{credential} --no-wake"));
    session.export("VC_NO_WAKE", "1");
    session.vc(credential);
    assert_nothing_written(&host);
    session.assert_matches("pause/no_wake");
}
