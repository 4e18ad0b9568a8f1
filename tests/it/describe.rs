//! `vc get` and `vc describe`: one cluster, and what cannot be seen of it.

use serde_json::{Value, json};

use crate::fake_host::{Answer, FakeHost, Request};
use crate::list::clusters;
use crate::sandbox::Session;

/// The host of the lists, that also has events and certificates of `dev`.
fn described(request: &Request) -> Answer {
    match request.resource() {
        "events" => {
            let is_pod = request.path.contains("metadata.name%3Dvc-dev-0")
                || request.path.contains("involvedObject.name%3Dvc-dev-0");
            let event = json!({
                "metadata": {"name": "e", "namespace": "team-a"},
                "type": "Warning", "reason": "BackOff", "count": 3,
                "message": "Back-off restarting failed container",
                "lastTimestamp": "2020-01-02T00:00:00Z",
                "involvedObject": {"kind": "Pod", "name": "vc-dev-0"},
            });
            let old = json!({
                "metadata": {"name": "o", "namespace": "team-a"},
                "type": "Normal", "reason": "Killing", "message": "of an earlier cluster",
                "lastTimestamp": "2019-12-31T00:00:00Z",
                "involvedObject": {"kind": "Pod", "name": "vc-dev-0"},
            });
            let items = if is_pod { vec![event, old] } else { Vec::new() };
            Answer::ok(&json!({"metadata": {}, "items": items}))
        }
        "vc-dev-pki" => {
            let certificate = data_encoding::BASE64.encode(certificate().as_bytes());
            Answer::ok(&json!({
                "metadata": {"name": "vc-dev-pki"},
                "data": {"apiserver.crt": certificate, "apiserver.key": "c2VjcmV0", "sa.pub": "cHVi"},
            }))
        }
        "vc-dev-kubeconfig" => Answer::ok(&json!({
            "metadata": {"name": "vc-dev-kubeconfig"},
            "data": {"client.crt": "bm9uZQ==", "client.key": "c2VjcmV0"},
        })),
        _ => clusters(request),
    }
}

/// A certificate that is good until the end of 2029.
fn certificate() -> String {
    let mut params = rcgen::CertificateParams::new(vec!["dev".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2029, 12, 31);
    let key = rcgen::KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

#[test]
fn one_cluster_is_shown_in_every_form() {
    let host = FakeHost::answering(clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    for command in [
        "get dev -o json",
        "get dev -o yaml",
        "get dev -o name",
        "get no",
    ] {
        session.vc(command);
    }
    let table = session.sandbox.run(&["get", "dev", "-o", "wide"]).stdout;
    assert_eq!(table.lines().count(), 2, "{table}");
    session.assert_matches("describe/get");
}

#[test]
fn a_description_is_data_without_any_key() {
    let host = FakeHost::answering(described);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    let yaml = session.vc("describe dev -o yaml");
    let json = session.vc("describe dev -o json");
    let page = session.sandbox.run(&["describe", "dev"]);
    for outcome in [&yaml, &json, &page] {
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(!outcome.stdout.contains("secret"), "{}", outcome.stdout);
        assert!(!outcome.stdout.contains("earlier"), "{}", outcome.stdout);
    }
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["certificates"][1]["expires"], "2029-12-31T00:00:00Z");
    session.vc("describe no");
    session.assert_matches("describe/data");
}

#[test]
fn a_part_that_may_not_be_seen_says_so() {
    let host = FakeHost::answering(|request| {
        let is_kept = ["events", "vc-dev-pki"].contains(&request.resource());
        if is_kept || request.path.contains("component%21%3D") {
            Answer::forbidden(request)
        } else {
            described(request)
        }
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("describe dev -o yaml");
    let page = session.sandbox.run(&["describe", "dev"]);
    assert_eq!(page.code, Some(0), "{}", page.stderr);
    let unknown = page
        .stdout
        .lines()
        .filter(|line| line.contains(" unknown: cannot "));
    assert_eq!(unknown.count(), 3, "{}", page.stdout);
    session.assert_matches("describe/rights");
}
