//! `vc upgrade`: what is refused before anything is written.

use serde_json::{Value, json};

use crate::fake_host::{Answer, FakeHost, Request};
use crate::sandbox::Session;

const PERSISTENT: &str = r#""storage":{"type":"persistent","size":"5Gi"}"#;

/// The host of `vc list`, with a volume for the store of `dev`.
fn persistent(request: &Request) -> Answer {
    let answer = crate::list::clusters(request);
    let ephemeral = r#""storage":{"type":"ephemeral"}"#;
    let escape = |text: &str| text.replace('"', r#"\""#);
    let body = answer.body.replace(&escape(ephemeral), &escape(PERSISTENT));
    Answer { body, ..answer }
}

/// The same host, whose marker of `dev` notes this upgrade.
fn noting(upgrade: Option<Value>) -> impl Fn(&Request) -> Answer {
    move |request| {
        if request.resource() != "vc-dev" {
            return persistent(request);
        }
        let mut annotations = json!({});
        if let Some(upgrade) = &upgrade {
            annotations["vc.internal/upgrade"] = upgrade.to_string().into();
        }
        Answer::ok(&json!({"metadata": {"name": "vc-dev", "annotations": annotations}}))
    }
}

fn upgrade(state: &Value) -> Value {
    json!({
        "from": "v1.34.12", "to": "v1.35.4", "savedAt": "2026-01-01T00:00:00Z",
        "snapshot": {"hash": 1, "revision": 2, "totalKey": 3, "totalSize": 4},
        "state": state,
    })
}

fn assert_nothing_written(host: &FakeHost) {
    let requests = host.requests();
    let reads = requests
        .iter()
        .filter(|request| request.starts_with("GET "));
    assert_eq!(reads.count(), requests.len(), "{requests:?}");
}

#[test]
fn what_the_rules_forbid_is_refused_with_the_next_step() {
    let host = FakeHost::answering(noting(None));
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.about("it has v1.35.4");
    session.vc("upgrade dev --kubernetes-version v1.35.4");
    session.vc("upgrade dev --kubernetes-version v1.37.0");
    session.vc("upgrade dev --kubernetes-version v1.34.9");
    session.vc("upgrade dev --rollback");
    session.about("parts of it are missing");
    session.vc("upgrade ci --kubernetes-version v1.36.0");
    session.vc("upgrade nobody --kubernetes-version v1.36.0");
    session.vc("upgrade dev");
    session.vc("upgrade dev --rollback --kubernetes-version v1.36.0");
    session.vc("upgrade dev --kubernetes-version latest");
    assert_nothing_written(&host);
    session.assert_matches("upgrade/rules");
}

#[test]
fn what_was_begun_comes_first() {
    for (is, state, version) in [
        ("under_way", json!({"is": "underWay"}), "v1.36.0"),
        (
            "going_back",
            json!({"is": "goingBack", "store": "1767225600"}),
            "v1.35.4",
        ),
        ("done", json!({"is": "done"}), "v1.34.12"),
    ] {
        let host = FakeHost::answering(noting(Some(upgrade(&state))));
        let mut session = Session::with_kubeconfig(&host.kubeconfig());
        session.vc(&format!("upgrade dev --kubernetes-version {version}"));
        assert_nothing_written(&host);
        session.assert_matches(&format!("upgrade/{is}"));
    }
}

#[test]
fn an_ephemeral_cluster_keeps_its_release() {
    let host = FakeHost::answering(|request| match request.resource() {
        "vc-dev" => Answer::ok(&json!({"metadata": {"name": "vc-dev"}})),
        _ => crate::list::clusters(request),
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("upgrade dev --kubernetes-version v1.36.0");
    assert_nothing_written(&host);
    session.assert_matches("upgrade/ephemeral");
}
