//! The control plane's logs, over a replaced pod.

use rustix::process::Signal;

use crate::harness::Cluster;

#[test]
fn logs_are_followed_over_a_replaced_pod() {
    let cluster = Cluster::create("logs", "--ephemeral");
    let (name, namespace) = (cluster.name.clone(), cluster.namespace.clone());
    let vc = |line: &str| {
        cluster
            .sandbox
            .vc(&format!("logs {name} -n {namespace} {line}"))
    };
    assert_eq!(vc("-c syncer --tail 2").ok().lines().len(), 2);
    let all = vc("--tail 3 --timestamps").ok();
    for container in [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "syncer",
    ] {
        // The time stands between the name and the line.
        let begins = format!("[{container}] 20");
        assert!(
            all.lines().iter().any(|line| line.starts_with(&begins)),
            "{all}"
        );
    }
    let old = vc("--since 1h -c kube-apiserver").ok();
    let serves = "Serving securely on";
    assert!(old.stdout.contains(serves), "{old}");

    let follow = vc("-f --tail 1").start();
    let to_the_end = vc("-f -c syncer --tail 1").start();
    assert!(follow.prints("[kube-apiserver]") && follow.prints("[etcd]"));
    assert!(!follow.output().contains(serves));
    cluster
        .host(&format!("-n {namespace} delete pod vc-{name}-0"))
        .ok();
    assert!(follow.prints(serves));
    follow.signal(Signal::INT);
    let end = follow.wait().exits(130).says("interrupted");
    assert!(
        end.lines().iter().all(|line| line.starts_with('[')),
        "{end}"
    );

    vc("--previous -c etcd").exits(1).says("not found");
    let delete = format!("delete {name} -n {namespace} --yes");
    cluster.sandbox.vc(&delete).ok();
    to_the_end.wait().exits(0).says("is gone");
}
