//! `vc prune`: what may go, and that looking is all that a dry run does.

use serde_json::{Value, json};

use crate::fake_host::{Answer, FakeHost, Request};
use crate::list::spec;
use crate::sandbox::Session;

/// A marker of 2020 with these annotations.
fn marker(name: &str, annotations: &Value) -> Value {
    json!({
        "metadata": {
            "name": format!("vc-{name}"), "namespace": "team-a", "uid": format!("u-{name}"),
            "labels": {"vc.internal/cluster": name, "vc.internal/marker": "true"},
            "annotations": annotations, "creationTimestamp": "2020-01-01T00:00:00Z",
        },
        "data": {"spec": spec(name, "team-a")},
    })
}

fn namespace(name: &str, created: &str) -> Value {
    json!({"metadata": {
        "name": name, "creationTimestamp": created, "labels": {"vc.internal/created-namespace": "true"},
    }})
}

fn binding(cluster: &str) -> Value {
    json!({
        "metadata": {
            "name": format!("vc-team-a.{cluster}"), "labels": {"vc.internal/cluster": cluster},
        },
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "x"},
        "subjects": [{"kind": "ServiceAccount", "name": format!("vc-{cluster}"), "namespace": "team-a"}],
    })
}

/// What there is: a cluster that stays, one that has expired, one that is half deleted, one that has time;
/// namespaces of ours, one of them empty and one of them new; ClusterRoles of a cluster that is and one that was.
fn host(request: &Request) -> Answer {
    let is_in = |namespace: &str| request.path.contains(&format!("/namespaces/{namespace}/"));
    let all = request.is_cluster_wide();
    let items = match request.resource() {
        "configmaps" if all || is_in("team-a") => vec![
            marker("stays", &json!({})),
            marker("over", &json!({"vc.internal/ttl-seconds": "60"})),
            marker(
                "half",
                &json!({"vc.internal/deleting-since": "2020-01-01T00:00:00Z"}),
            ),
            marker("later", &json!({"vc.internal/ttl-seconds": "4000000000"})),
        ],
        "namespaces" => vec![
            namespace("vc-empty", "2020-01-01T00:00:00Z"),
            namespace("vc-used", "2020-01-01T00:00:00Z"),
            namespace("vc-new", "2999-01-01T00:00:00Z"),
        ],
        "pods" if is_in("vc-used") => vec![json!({"metadata": {"name": "somebody"}})],
        "clusterrolebindings" => vec![binding("stays"), binding("gone")],
        "vc-stays" => return Answer::ok(&marker("stays", &json!({}))),
        "vc-gone" => return Answer::status(404, "NotFound", "it is gone"),
        "vc-empty" | "vc-used" => {
            return Answer::ok(&namespace("vc-empty", "2020-01-01T00:00:00Z"));
        }
        _ => Vec::new(),
    };
    let name = |item: &Value| item["metadata"]["labels"]["vc.internal/cluster"].clone();
    let wanted = request.path.split("vc.internal%2Fcluster%3D").nth(1);
    let items: Vec<Value> = items
        .into_iter()
        .filter(|item| {
            wanted.is_none_or(|wanted| wanted.starts_with(name(item).as_str().unwrap_or("?")))
        })
        .collect();
    Answer::ok(&json!({"metadata": {}, "items": items}))
}

#[test]
fn a_dry_run_shows_what_is_over_half_deleted_or_left_behind() {
    let host = FakeHost::answering(host);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("prune --dry-run");
    session.vc("prune --dry-run -n vc-empty");
    session.vc("prune --dry-run -n vc-used");
    assert!(
        host.requests()
            .iter()
            .all(|request| request.starts_with("GET "))
    );
    session.assert_matches("prune/dry_run");
}

#[test]
fn who_may_not_look_at_namespaces_and_roles_prunes_the_rest() {
    let host = FakeHost::answering(|request| match request.resource() {
        "namespaces" | "clusterrolebindings" => Answer::forbidden(request),
        _ if request.is_cluster_wide() => Answer::forbidden(request),
        _ => host(request),
    });
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("prune --dry-run");
    session.assert_matches("prune/own_namespace");
}
