//! What cannot be meant is exit code 2, before anything is looked at.

use crate::sandbox::Session;

#[test]
fn unknown_words_are_refused_with_the_nearest_known_one() {
    let mut session = Session::new();
    session.vc("crate dev");
    session.vc("create dev --ephemral");
    session.vc("list --output=tabel");
    session.vc("completions fsh");
    session.vc("create");
    session.vc("delete");
    session.vc("run dev");
    session.assert_matches("usage/unknown");
}

#[test]
fn options_that_exclude_one_another_are_refused() {
    let mut session = Session::new();
    session.vc("list -q -v");
    session.vc("list -A -n team-a");
    session.vc("create dev --ephemeral --storage-size 1Gi");
    session.vc("create dev --no-wait --rollback-on-failure");
    session.vc("delete dev --all");
    session.vc("delete dev -l team=shop");
    session.vc("connect dev --context-name x -- true");
    session.vc("run --reuse dev --parallel 2 -- true");
    session.vc("run --reuse dev --keep-on-failure -- true");
    session.assert_matches("usage/conflicts");
}

#[test]
fn objects_that_cannot_be_meant_are_refused_with_the_reason() {
    let mut session = Session::new();
    session.vc("why");
    session.vc("why pod");
    session.vc("why secret/x");
    session.vc("why pod/../x");
    session.vc("why pod/x -n Shop");
    session.vc("why pod/x --cluster a/b/c");
    session.vc("where widget/x");
    session.vc("where widgets.example.com/");
    session.vc("tree -o png");
    session.vc("events -o yaml");
    session.assert_matches("usage/objects");
}

#[test]
fn names_that_kubernetes_would_refuse_are_refused_with_the_reason() {
    let mut session = Session::new();
    session.vc_args(&["create", ""]);
    session.vc("create Dev");
    session.vc("create a.b");
    session.vc("create a_b");
    session.vc("create a-");
    session.vc("create 1a");
    session.vc("create -- -x");
    session.vc_args(&["create", "a b"]);
    session.vc_args(&["create", "dév"]);
    session.about("49 characters; 48 fit");
    session.vc("create a23456789-123456789-123456789-123456789-123456789");
    session.vc("list -n Team_A");
    session.vc("delete dev Dev");
    session.assert_matches("usage/names");
}

#[test]
fn values_that_cannot_be_read_are_refused_with_the_reason() {
    let mut session = Session::new();
    session.vc("create dev --timeout 5");
    session.vc("create dev --timeout=-5m");
    session.vc("create dev --timeout soon");
    session.vc("create dev --kubernetes-version 1.35");
    session.vc("create dev --kubernetes-version latest");
    session.vc("create dev --switch=maybe");
    session.vc("create dev --dry-run=both");
    session.vc("create dev --ttl 2s");
    session.vc("create dev --label team");
    session.vc("create dev --label a=b,vc.internal/cluster=x");
    session.vc("wait dev --for=soon");
    session.vc("create dev --ttl forever");
    session.vc("run --parallel 0 -- true");
    session.vc("list --request-timeout 1x");
    session.assert_matches("usage/values");
}

#[test]
fn quantities_that_kubernetes_would_refuse_are_refused_with_an_example() {
    let mut session = Session::new();
    session.vc("create dev --cpu much");
    session.vc("create dev --cpu 0");
    session.vc("create dev --cpu-limit 1.2345");
    session.vc("create dev --memory 1MiB");
    session.vc("create dev --storage-size 0");
    session.vc("create dev --cpu 2 --cpu-limit 1");
    session.vc("create dev --memory 4Gi");
    session.vc("create dev --request-timeout 0s");
    session.assert_matches("usage/quantities");
}

#[test]
fn specifications_that_cannot_be_rendered_are_usage_errors() {
    let mut session = Session::new();
    let render = "render dev --ephemeral --kubernetes-version v1.35.4 --image example.com/vc:v1";
    session.vc(&format!("{render} --service-cidr 10.96.0.0"));
    session.vc(&format!("{render} --service-cidr ten"));
    session.vc(&format!("{render} --service-cidr 10.96.0.0/33"));
    session.vc(&format!("{render} --service-cidr 10.96.0.0/16 --cpu 1m"));
    session.vc(&format!(
        "{render} --service-cidr 10.96.0.0/16 --memory 1Mi"
    ));
    session.vc("kubeconfig dev --server example.com");
    session.assert_matches("usage/specifications");
}
