//! Inside is a real Kubernetes of its own, and what is made in it stays in it.

use crate::harness::{Sandbox, shared};

#[test]
fn the_virtual_api_server_is_of_the_host_s_release() {
    let sandbox = shared().connected("version");
    let version = |done: crate::harness::Done| {
        done.json()["serverVersion"]["gitVersion"]
            .as_str()
            .map(str::to_owned)
    };
    let inside = version(sandbox.kubectl("version -o json").ok());
    assert_eq!(inside, version(sandbox.host("version -o json").ok()));
}

#[test]
fn the_user_is_cluster_admin_and_pods_have_a_service_account_from_the_start() {
    let sandbox = shared().connected("whoami");
    assert_eq!(sandbox.kubectl("auth can-i * *").ok().output(), "yes");
    sandbox.kubectl("get serviceaccount default").ok();
    sandbox.kubectl("get configmap kube-root-ca.crt").ok();
}

#[test]
fn what_is_made_inside_does_not_appear_on_the_host() {
    let sandbox = shared().connected("apart");
    let name = sandbox.name("apart");
    let group = format!("{name}.example.com");
    let definition = format!(
        r#"{{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {{"name": "things.{group}"}}, "spec": {{"group": "{group}", "scope": "Namespaced",
            "names": {{"plural": "things", "singular": "thing", "kind": "Thing"}},
            "versions": [{{"name": "v1", "served": true, "storage": true,
            "schema": {{"openAPIV3Schema": {{"type": "object"}}}}}}]}}}}"#
    );
    sandbox.kubectl("create -f -").stdin(&definition).ok();
    sandbox.kubectl(&format!("create namespace {name}")).ok();
    sandbox
        .kubectl(&format!("-n {name} create configmap {name}"))
        .ok();
    sandbox
        .kubectl(&format!(
            "wait --for=condition=Established crd/things.{group}"
        ))
        .ok();
    let thing = format!(
        r#"{{"apiVersion": "{group}/v1", "kind": "Thing", "metadata": {{"name": "one"}}}}"#
    );
    sandbox
        .kubectl(&format!("-n {name} create -f -"))
        .stdin(&thing)
        .ok();

    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
    let definitions = sandbox.host("get crd -o name").ok();
    assert!(!definitions.stdout.contains(&name), "{definitions}");
    check_gone_with_its_namespace(&sandbox, &name);
}

/// The controllers inside work: a namespace takes what is in it along.
fn check_gone_with_its_namespace(sandbox: &Sandbox, name: &str) {
    sandbox
        .kubectl(&format!("delete namespace {name} --timeout=60s"))
        .ok();
    sandbox
        .kubectl(&format!("-n {name} get configmap {name}"))
        .exits(1);
}
