//! `vc delete` ends whatever state a cluster is in, says what it leaves, and leaves what is not its own.

use std::time::Duration;

use crate::harness::Sandbox;

fn create(sandbox: &Sandbox, name: &str, namespace: &str) {
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --ephemeral --no-wait"
        ))
        .ok();
}

#[test]
fn a_cluster_is_deleted_whatever_state_its_control_plane_is_in() {
    let sandbox = Sandbox::new("broken");
    let namespace = sandbox.namespace("broken");
    let (broken, scaled) = (sandbox.name("broken"), sandbox.name("scaled"));
    create(&sandbox, &broken, &namespace);
    create(&sandbox, &scaled, &namespace);
    let host = |line: String| sandbox.host(&format!("-n {namespace} {line}")).ok();
    host(format!(
        "set image statefulset/vc-{broken} kube-apiserver=registry.invalid/absent"
    ));
    host(format!("scale statefulset/vc-{scaled} --replicas=0"));
    // Another machine: it knows nothing of these clusters.
    let elsewhere = Sandbox::new("elsewhere");
    elsewhere
        .vc(&format!("delete {broken} {scaled} -n {namespace}"))
        .ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

#[test]
fn a_cluster_is_deleted_from_a_namespace_that_is_going() {
    let sandbox = Sandbox::new("going");
    let (name, namespace) = (sandbox.name("going"), sandbox.namespace("going"));
    create(&sandbox, &name, &namespace);
    let held = sandbox.hold(&namespace, "");
    sandbox
        .host(&format!("delete namespace {namespace} --wait=false"))
        .ok();
    sandbox
        .vc(&format!("delete {name} -n {namespace} --ignore-not-found"))
        .ok();
    assert_eq!(sandbox.objects(&namespace), ["configmap/held"]);
    drop(held);
}

#[test]
fn what_cannot_be_deleted_is_named_and_the_same_command_ends_it_later() {
    let sandbox = Sandbox::new("stuck");
    let (name, namespace) = (sandbox.name("stuck"), sandbox.namespace("stuck"));
    create(&sandbox, &name, &namespace);
    let held = sandbox.hold(&namespace, &format!("vc.internal/cluster={name}"));
    let delete = format!("delete {name} -n {namespace}");
    sandbox
        .vc(&format!("{delete} --timeout 8s"))
        .within(Duration::from_secs(30))
        .exits(3)
        .says(&format!("virtual cluster `{name}` was not gone after 8s"))
        .says("left: configmap `held`");
    let list = sandbox
        .vc(&format!("list -n {namespace} -o json"))
        .ok()
        .json();
    assert_eq!(list[0]["status"], "Deleting");

    // The next one is killed half-way.
    let killed = sandbox.vc(&delete).start();
    assert!(killed.says("deleting"));
    killed.kill_hard();
    drop(held);
    sandbox.vc(&delete).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

#[test]
fn a_namespace_that_we_made_is_kept_with_what_somebody_else_put_into_it() {
    let sandbox = Sandbox::new("foreign");
    let name = sandbox.name("foreign");
    let namespace = format!("vc-{name}");
    create(&sandbox, &name, &namespace);
    sandbox
        .host(&format!("-n {namespace} create configmap mine"))
        .ok();
    sandbox.vc(&format!("delete {name}")).ok().says(&format!(
        "namespace `{namespace}` is kept, because configmap `mine` is in it"
    ));
    assert_eq!(sandbox.objects(&namespace), ["configmap/mine"]);
}
