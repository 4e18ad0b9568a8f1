//! kubectl goes on working whatever dies between it and the store, and the store keeps its data.

use std::time::Duration;

use crate::harness::Sandbox;

#[test]
fn kubectl_works_and_sees_its_objects_after_the_tunnel_and_the_pod_were_killed() {
    let sandbox = Sandbox::new("healing");
    let (name, namespace) = (sandbox.name("heal"), sandbox.namespace("healing"));
    sandbox.vc(&format!("create {name} -n {namespace}")).ok();
    sandbox
        .kubectl("create configmap kept --from-literal=key=value")
        .ok();

    assert_eq!(sandbox.kill_tunnels(), 1);
    check_kept(&sandbox);

    let pod = format!("-n {namespace} delete pod vc-{name}-0 --wait=false");
    sandbox.host(&pod).ok();
    check_kept(&sandbox);

    sandbox.host(&format!("{pod} --force")).ok();
    check_kept(&sandbox);

    sandbox.host(&format!("{pod} --force")).ok();
    assert_eq!(sandbox.kill_tunnels(), 1);
    check_kept(&sandbox);

    assert_eq!(sandbox.kill_tunnels(), 1);
    check_twenty_at_once(&sandbox);

    sandbox.vc(&format!("delete {name} -n {namespace}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

/// The very next kubectl works, and finds what was stored.
fn check_kept(sandbox: &Sandbox) {
    let value = sandbox
        .kubectl("get configmap kept -o jsonpath={.data.key}")
        .within(Duration::from_secs(90))
        .ok();
    assert_eq!(value.output(), "value");
}

/// Twenty start the one tunnel together.
fn check_twenty_at_once(sandbox: &Sandbox) {
    let all: Vec<_> = (0..20)
        .map(|_| sandbox.kubectl("get configmap kept -o name").start())
        .collect();
    for kubectl in all {
        assert_eq!(kubectl.wait().exits(0).output(), "configmap/kept");
    }
    assert_eq!(sandbox.tunnels().len(), 1);
}
