//! `vc list`: what is made of the host's lists.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::fake_host::{Answer, FakeHost, Request};
use crate::sandbox::{Session, VC};

/// The spec that `vc create dev` would have stored.
pub(crate) fn spec(name: &str, namespace: &str) -> String {
    json!({
        "name": name, "namespace": namespace, "kubernetesVersion": "v1.35.4",
        "registry": "registry.k8s.io", "storage": {"type": "ephemeral"},
        "resources": {"cpuRequestMillicores": 200, "memoryRequestMebibytes": 384},
        "serviceCidrs": ["10.96.0.0/16"],
    })
    .to_string()
}

fn metadata(object: &str, name: &str, namespace: &str) -> Value {
    json!({
        "name": object, "namespace": namespace, "uid": format!("u-{name}"),
        "labels": {"vc.internal/cluster": name, "vc.internal/marker": "true"},
        "annotations": {"vc.internal/ready-since": "2020-01-01T00:00:10Z"},
        "creationTimestamp": "2020-01-01T00:00:00Z",
    })
}

/// The lists of a host that has a running cluster `dev` and a half-made one `ci`.
pub(crate) fn clusters(request: &Request) -> Answer {
    let items = match request.resource() {
        "configmaps" => vec![
            json!({"metadata": metadata("vc-dev", "dev", "team-a"), "data": {"spec": spec("dev", "team-a")}}),
            json!({"metadata": metadata("vc-ci", "ci", "team-b"), "data": {"spec": spec("ci", "team-b")}}),
        ],
        "statefulsets" => vec![json!({"metadata": metadata("vc-dev", "dev", "team-a")})],
        "pods" => vec![json!({
            "metadata": metadata("vc-dev-0", "dev", "team-a"),
            "spec": {"containers": [{"name": "kube-apiserver"}]},
            "status": {"phase": "Running", "containerStatuses": [{
                "name": "kube-apiserver", "ready": true, "restartCount": 0, "image": "", "imageID": "",
                "state": {"running": {"startedAt": "2020-01-01T00:00:01Z"}},
            }]},
        })],
        _ => return Answer::status(404, "NotFound", "the canned host has no such thing"),
    };
    // As the host does for `-n`, and for the selector of one name.
    let items: Vec<Value> = items
        .into_iter()
        .filter(|item| {
            let field = |pointer| item.pointer(pointer).and_then(Value::as_str).unwrap();
            let namespace = field("/metadata/namespace");
            let name = field("/metadata/labels/vc.internal~1cluster");
            let named = request.path.contains("vc.internal%2Fcluster%3D");
            (request.is_cluster_wide() || request.path.contains(&format!("/{namespace}/")))
                && (!named
                    || request
                        .path
                        .contains(&format!("vc.internal%2Fcluster%3D{name}")))
        })
        .collect();
    Answer::ok(&json!({"metadata": {"resourceVersion": "1"}, "items": items}))
}

/// The same host, on which namespace `team-a` exists and everything is allowed.
pub(crate) fn clusters_and_rights(request: &Request) -> Answer {
    match request.resource() {
        "team-a" => Answer::ok(&json!({"metadata": {"name": "team-a"}})),
        "selfsubjectrulesreviews" => Answer::ok(&json!({
            "spec": {},
            "status": {
                "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
                "nonResourceRules": [], "incomplete": false,
            },
        })),
        "selfsubjectaccessreviews" => Answer::ok(&json!({"spec": {}, "status": {"allowed": true}})),
        _ => clusters(request),
    }
}

#[test]
fn clusters_are_listed_in_every_form() {
    let host = FakeHost::answering(clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    // The age in the tables changes by the day; the unit tests show it.
    for command in ["list -o json", "list -o yaml", "list -o name"] {
        session.vc(command);
    }
    session.assert_matches("list/forms");
}

#[test]
fn tables_are_aligned_and_have_no_trailing_blanks() {
    let host = FakeHost::answering(clusters);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    for form in ["table", "wide"] {
        let outcome = session.sandbox.run(&["list", "-o", form]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(lines.len(), 3, "{}", outcome.stdout);
        let column = lines[0].find("STATUS").unwrap();
        assert!(lines[1].starts_with("dev"), "{}", outcome.stdout);
        assert!(lines[1][column..].starts_with("Running"), "{}", lines[1]);
        assert!(lines[2][column..].starts_with("Incomplete"), "{}", lines[2]);
        assert!(lines.iter().all(|line| !line.ends_with(' ')));
    }
}

#[test]
fn a_namespace_narrows_the_list() {
    let host = FakeHost::answering(clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("list -n team-b -o name");
    session.vc("list -A -o name");
    session.vc("list -n team-c");
    session.vc("list -n team-c -o name");
    session.vc("list -n team-c -o json");
    session.vc("list -n team-c -q");
    session.assert_matches("list/namespaces");
}

#[test]
fn who_may_not_look_everywhere_sees_the_namespace_of_the_context() {
    let host = FakeHost::answering(|request| {
        if request.is_cluster_wide() {
            Answer::forbidden(request)
        } else {
            clusters(request)
        }
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("list -o name");
    session.about("what was asked for and is not allowed is an error");
    session.vc("list -A");
    session.assert_matches("list/fallback");
}

#[test]
fn a_selector_narrows_the_list() {
    let host = FakeHost::answering(|request| {
        if request.path.contains("%3D%3D%3D") {
            return Answer::status(400, "BadRequest", "unable to parse requirement");
        }
        let Answer { status, body } = clusters(request);
        let mut list: Value = serde_json::from_str(&body).unwrap();
        if request.path.contains("team%3Dshop") {
            let items = list["items"].as_array_mut().unwrap();
            items.retain(|item| item["metadata"]["uid"] == "u-dev");
        }
        Answer {
            status,
            body: list.to_string(),
        }
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("list -o name -l team=shop");
    session.vc("list -n team-b -l team=shop");
    session.vc("list -l a===b");
    session.about("nothing is deleted without being asked for by name or by --yes");
    session.vc("delete -l team=shop");
    assert!(
        host.requests()
            .iter()
            .all(|request| request.starts_with("GET "))
    );
    session.assert_matches("list/selector");
}

#[test]
fn what_is_connected_is_marked() {
    let host = FakeHost::answering(clusters);
    let text = crate::disconnect::connected("host")
        .replace(
            "http://127.0.0.1:1\n",
            &format!("http://127.0.0.1:{}\n", host.port),
        )
        .replace("uid: u-1", "uid: u-dev");
    let session = Session::new();
    let file = session.sandbox.write("home/.kube/config", "");
    let text = text.replace(
        "kubeconfig: []",
        &format!("kubeconfig: [{}]", file.display()),
    );
    session.sandbox.write("home/.kube/config", text);
    let mut session = session;
    session.vc("list -o json -n team-a");
    session.assert_matches("list/connected");
}

/// A host on which nothing happens: it answers a watch with silence.
pub(crate) fn quiet(request: &Request) -> Answer {
    while request.path.contains("watch=") {
        std::thread::park();
    }
    clusters(request)
}

#[test]
fn a_watch_begins_with_the_list_and_ends_when_it_is_interrupted() {
    let host = FakeHost::answering(quiet);
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let mut child = Command::new(VC)
        .args(["list", "--watch", "-o", "name"])
        .env_clear()
        .envs(session.sandbox.environment())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let names: Vec<String> = lines.take(2).map(Result::unwrap).collect();
    assert_eq!(names, ["virtualcluster/dev", "virtualcluster/ci"]);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let end = child.wait_with_output().unwrap();
    assert_eq!(end.status.code(), Some(130));
    assert_eq!(String::from_utf8(end.stderr).unwrap(), "interrupted\n");
}

#[test]
fn who_may_list_but_not_watch_is_told_so() {
    let host = FakeHost::answering(|request| {
        if request.path.contains("watch=") && request.resource() == "configmaps" {
            return Answer::forbidden(request);
        }
        quiet(request)
    });
    let session = Session::with_kubeconfig(&host.kubeconfig());
    let outcome = session.sandbox.run(&["list", "-w", "-n", "team-a"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    let message = "error: cannot watch configmaps in namespace `team-a`\n\
                   caused by: configmaps is forbidden";
    assert!(outcome.stderr.starts_with(message), "{}", outcome.stderr);
}
