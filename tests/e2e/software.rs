//! Software that others wrote is installed and used as its own documentation says: in two virtual clusters in
//! one host namespace, and in a cluster inside a cluster. Deleting leaves nothing.

mod etcd;
mod jobset;
mod postgresql;
mod skipper;

use std::thread;

use serde_json::json;

use crate::harness::{Sandbox, Space, until};

/// Installs everything in this virtual cluster, at once, and uses it.
fn is_of_use(space: &Space) {
    thread::scope(|all| {
        all.spawn(|| etcd::is_of_use(space));
        all.spawn(|| jobset::is_of_use(space));
        all.spawn(|| postgresql::is_of_use(space));
        all.spawn(|| skipper::is_of_use(space));
    });
}

/// Takes from it what it should be able to do without.
fn survives(space: &Space) {
    thread::scope(|all| {
        all.spawn(|| etcd::survives(space));
        all.spawn(|| postgresql::survives(space));
        all.spawn(|| skipper::follows(space));
    });
}

#[test]
fn two_virtual_clusters_in_one_namespace_run_an_operator_databases_and_a_reverse_proxy_each() {
    let (user_of_a, user_of_b) = (Sandbox::new("soft-a"), Sandbox::new("soft-b"));
    let namespace = user_of_a.namespace("soft");
    let [a, b] = thread::scope(|both| {
        [user_of_a, user_of_b]
            .map(|user| both.spawn(|| Space::create(user, "soft", &namespace)))
            .map(|created| created.join().unwrap())
    });
    thread::scope(|both| {
        both.spawn(|| is_of_use(&a));
        both.spawn(|| is_of_use(&b));
    });
    // One goes, the other goes on.
    thread::scope(|both| {
        both.spawn(|| b.vc(&format!("delete {} -n {namespace}", b.cluster)).ok());
        both.spawn(|| survives(&a));
    });
    uninstalling_leaves_nothing(&a);
    a.vc(&format!("delete {} -n {namespace}", a.cluster)).ok();
    assert_eq!(a.objects(&namespace), Vec::<String>::new());
    leaves_no_volume(&a, &namespace);
}

#[test]
fn a_cluster_inside_a_cluster_runs_an_operator_databases_and_a_reverse_proxy() {
    let sandbox = Sandbox::new("soft-in");
    let outer = sandbox.name("outer");
    sandbox.vc(&format!("create {outer} --ephemeral")).ok();
    let inner = Space::nested(sandbox, "soft-in");
    is_of_use(&inner);
    inner.vc(&format!("delete {outer} --context host")).ok();
    assert_eq!(inner.traces(&outer), Vec::<String>::new());
    leaves_no_volume(&inner, &format!("vc-{outer}"));
}

/// What was installed goes with its namespaces, from both sides.
fn uninstalling_leaves_nothing(space: &Space) {
    let (cluster, name) = (&space.cluster, &space.name);
    let get = "get pods,services,pvc,configmaps,secrets -o name";
    let selector =
        format!("vc.internal/cluster={cluster},vc.internal/namespace in ({name},jobset-system)");
    let is_on_host = || {
        let get = space.host(&format!("-n {} {get} -l", space.host_namespace));
        !get.arg(&selector).ok().output().is_empty()
    };
    assert!(is_on_host());
    space
        .kubectl(&format!("delete namespace {name} jobset-system"))
        .ok();
    until("nothing of it is on the host", || !is_on_host());
    assert_eq!(space.get("pv")["items"], json!([]));
}

/// A host's volume goes after the claim that had it.
fn leaves_no_volume(sandbox: &Sandbox, namespace: &str) {
    until("no volume of the namespace is on the host", || {
        let volumes = sandbox.host("get pv -o jsonpath={.items[*].spec.claimRef.namespace}");
        let volumes = volumes.ok();
        !volumes.output().split(' ').any(|one| one == namespace)
    });
}
