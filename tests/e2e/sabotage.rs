//! Whatever its administrator breaks inside, a virtual cluster's syncer lives, and works again when it can.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Cluster, agent, until};

#[test]
fn a_syncer_outlives_a_webhook_that_refuses_everything_and_the_loss_of_all_roles() {
    let cluster = Cluster::create("sabotage", "--ephemeral");
    let foreign = cluster.foreign();
    let pod = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
        })
    };
    cluster.apply(&pod("before"));
    cluster.running("default", "before");
    let syncer = cluster.container_id("syncer");

    cluster.apply(&json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "nowhere"},
        "webhooks": [{
            "name": "nowhere.example.com", "failurePolicy": "Fail", "sideEffects": "None",
            "admissionReviewVersions": ["v1"], "timeoutSeconds": 1,
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "rules": [{
                "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"],
                "scope": "*",
            }],
        }],
    }));
    until("everything is refused", || {
        cluster
            .kubectl("create -f -")
            .stdin(&pod("refused").to_string())
            .run()
            .code
            != 0
    });
    // The syncer has something to write, and cannot.
    let twin = cluster.twin("pod", "default", "before");
    let twin = twin["metadata"]["name"].as_str().unwrap();
    cluster.host(&format!("delete pod {twin}")).ok();
    until("the syncer has tried", || {
        cluster.syncer_log().contains("nowhere.example.com")
    });
    cluster.kubectl("get pod before").ok();
    assert_eq!(cluster.container_id("syncer"), syncer);

    cluster
        .kubectl("delete validatingwebhookconfiguration nowhere")
        .ok();
    until("what was to be done is done", || {
        cluster.kubectl("get pod before").run().code != 0
    });
    cluster.apply(&pod("after"));
    cluster.running("default", "after");
    cluster.in_step_within(Duration::from_secs(10), &foreign);
    cluster
        .kubectl("delete clusterroles,clusterrolebindings --all --wait=false")
        .ok();
    cluster
        .kubectl("-n kube-system delete roles,rolebindings --all --wait=false")
        .ok();
    cluster.apply(&pod("roleless"));
    cluster.running("default", "roleless");
    assert_eq!(cluster.container_id("syncer"), syncer);
}
