//! Software that others wrote is installed and used as its own documentation says: in two virtual clusters in
//! one host namespace, and in a cluster inside a cluster. Deleting leaves nothing.

mod etcd;
mod jobset;
mod postgresql;
mod skipper;

use std::thread;

use crate::harness::{Sandbox, Space};

/// Installs everything in this virtual cluster, at once, and uses it.
fn is_of_use(space: &Space) {
    thread::scope(|all| {
        all.spawn(|| etcd::is_of_use(space));
        all.spawn(|| jobset::is_of_use(space));
        all.spawn(|| postgresql::is_of_use(space));
        all.spawn(|| skipper::is_of_use(space));
    });
}

#[test]
fn two_virtual_clusters_in_one_namespace_run_an_operator_databases_and_a_reverse_proxy_each() {
    let (user_of_a, user_of_b) = (Sandbox::new("soft-a"), Sandbox::new("soft-b"));
    let namespace = user_of_a.namespace("soft");
    let a = Space::create(user_of_a, "soft", &namespace);
    let b = Space::create(user_of_b, "soft", &namespace);
    thread::scope(|both| {
        both.spawn(|| is_of_use(&a));
        both.spawn(|| is_of_use(&b));
    });
    a.vc(&format!("delete {} -n {namespace}", a.cluster)).ok();
    // The other's goes on.
    etcd::serves(&b);
    postgresql::serves(&b);
    skipper::serves(&b);
    b.vc(&format!("delete {} -n {namespace}", b.cluster)).ok();
    assert_eq!(b.objects(&namespace), Vec::<String>::new());
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
}
