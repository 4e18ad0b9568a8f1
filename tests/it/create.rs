//! `vc create`: what stops it before the first write.

use serde_json::json;

use crate::fake_host::{Answer, FakeHost, Request};
use crate::sandbox::Session;

/// A host on which namespace `team-a` exists and nothing is in it; `allowed` says which rights
/// there are.
pub(crate) fn host(allowed: bool) -> FakeHost {
    FakeHost::answering(move |request: &Request| match request.resource() {
        "team-a" => Answer::ok(&json!({"metadata": {"name": "team-a"}})),
        "selfsubjectrulesreviews" => {
            let anything = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
            let rules = if allowed { vec![anything] } else { Vec::new() };
            Answer::ok(&json!({
                "spec": {},
                "status": {"resourceRules": rules, "nonResourceRules": [], "incomplete": false},
            }))
        }
        "selfsubjectaccessreviews" => {
            Answer::ok(&json!({"spec": {}, "status": {"allowed": allowed}}))
        }
        "configmaps" | "pods" | "statefulsets" if request.method == "GET" => {
            Answer::ok(&json!({"metadata": {}, "items": []}))
        }
        _ => Answer::status(403, "Forbidden", "the canned host stores nothing"),
    })
}

const CREATE: &str = "create dev -n team-a --ephemeral --kubernetes-version v1.35.4 \
                      --service-cidr 10.96.0.0/16 --image registry.example.com/vc:v1.2.3";

#[test]
fn missing_rights_are_named_before_the_first_write() {
    let host = host(false);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREATE);
    let writes: Vec<String> = host
        .requests()
        .into_iter()
        .filter(|request| !request.starts_with("GET "))
        .filter(|request| !request.contains("/selfsubject"))
        .collect();
    assert_eq!(writes, Vec::<String>::new());
    session.assert_matches("create/missing_rights");
}

#[test]
fn what_the_host_does_not_admit_is_told_before_the_first_write() {
    let host = host(true);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREATE);
    session.assert_matches("create/not_admitted");
}

#[test]
fn a_dry_run_shows_what_the_marker_would_say() {
    let host = host(true);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let line = format!("{CREATE} --dry-run --ttl 2h --label team=shop");
    let words: Vec<&str> = line.split_whitespace().collect();
    let outcome = session.sandbox.run(&words);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let marker = outcome.stdout.split("\n---\n").next().unwrap();
    for line in ["    team: shop", "    vc.internal/ttl-seconds: \"7200\""] {
        assert!(marker.contains(line), "{marker}");
    }
}

#[test]
fn a_build_without_an_image_stops_before_the_first_write() {
    if vc::image::built_in().is_some() {
        println!("skipped: this is a release's build");
        return;
    }
    let host = host(true);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREATE.split(" --image").next().unwrap());
    let writes =
        |request: &String| !request.starts_with("GET ") && !request.contains("/selfsubject");
    assert!(!host.requests().iter().any(writes), "{:?}", host.requests());
    session.assert_matches("create/no_image");
}

#[test]
fn a_dry_run_on_the_client_prints_the_manifests_and_writes_nothing() {
    let host = host(false);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let words: Vec<&str> = CREATE.split_whitespace().collect();
    let dry = session.sandbox.run(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert!(dry.stdout.contains("kind: StatefulSet"), "{}", dry.stdout);
    // Asking for one's own rights is a POST that stores nothing.
    let writes =
        |request: &String| !request.starts_with("GET ") && !request.contains("/selfsubject");
    assert!(!host.requests().iter().any(writes), "{:?}", host.requests());
    assert!(!session.sandbox.path("state").exists());
}

#[test]
fn a_namespace_that_is_going_is_told() {
    let host = FakeHost::answering(|_| {
        Answer::ok(&json!({"metadata": {
            "name": "team-a", "deletionTimestamp": "2020-01-01T00:00:00Z",
        }}))
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREATE);
    session.assert_matches("create/namespace_going");
}

#[test]
fn a_name_that_is_taken_is_told() {
    let host = FakeHost::answering(|request| match request.resource() {
        "team-a" => Answer::ok(&json!({"metadata": {"name": "team-a"}})),
        _ => crate::list::clusters(request),
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc(CREATE);
    session.assert_matches("create/taken");
}

#[test]
fn a_state_directory_that_cannot_be_written_is_told() {
    let host = host(true);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.sandbox.write("state", "a file");
    session.vc(CREATE);
    session.assert_matches("create/no_state");
}
