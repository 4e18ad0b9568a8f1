//! `vc credential`: what kubectl's user reads when it fails.

use serde_json::json;

use crate::fake_host::{Answer, FakeHost, Request};
use crate::sandbox::Session;

const CREDENTIAL: &str = "credential dev --uid u-dev --port 20001 --namespace team-a --no-tunnel";

/// A host on which the pod is ready, and the Secret what `secret` says.
fn host(secret: impl Fn() -> Answer + Send + Sync + 'static) -> FakeHost {
    FakeHost::answering(move |request: &Request| match request.resource() {
        "vc-dev-kubeconfig" => secret(),
        _ => crate::list::clusters(request),
    })
}

fn secret_of(uid: &'static str) -> impl Fn() -> Answer {
    move || {
        Answer::ok(&json!({
            "metadata": {"name": "vc-dev-kubeconfig", "ownerReferences": [{
                "apiVersion": "v1", "kind": "ConfigMap", "name": "vc-dev", "uid": uid,
            }]},
            // "PEM", in base64; PEM is all that is checked here.
            "data": {
                "ca.crt": "LS0tLS1CRUdJTiBBLS0tLS0K",
                "client.crt": "LS0tLS1CRUdJTiBCLS0tLS0K",
                "client.key": "LS0tLS1CRUdJTiBDLS0tLS0K",
            },
        }))
    }
}

#[test]
fn a_cluster_that_is_gone_is_told_with_the_way_out() {
    let host = host(|| Answer::status(404, "NotFound", "secrets \"vc-dev-kubeconfig\" not found"));
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREDENTIAL);
    session.assert_matches("credential/gone");
}

#[test]
fn a_cluster_that_was_created_anew_is_not_taken_for_the_old_one() {
    let host = host(secret_of("u-other"));
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREDENTIAL);
    session.assert_matches("credential/anew");
}

#[test]
fn a_caller_of_an_unknown_version_is_refused() {
    let host = host(secret_of("u-dev"));
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.export(
        "KUBERNETES_EXEC_INFO",
        "{\"apiVersion\":\"client.authentication.k8s.io/v9\",\"kind\":\"ExecCredential\"}",
    );
    session.vc(CREDENTIAL);
    session.export("KUBERNETES_EXEC_INFO", "v9");
    session.vc(CREDENTIAL);
    session.assert_matches("credential/version");
}
