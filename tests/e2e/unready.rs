//! A cluster that does not become ready says why, and is kept unless that is not wanted.

use std::time::Duration;

use crate::harness::Sandbox;

#[test]
fn an_image_that_cannot_be_pulled_is_named_at_once() {
    let sandbox = Sandbox::new("image");
    let (name, namespace) = (sandbox.name("image"), sandbox.namespace("image"));
    let kubeconfig = sandbox.kubeconfig_content();
    let create = format!(
        "create {name} -n {namespace} --ephemeral --registry registry.invalid --timeout 4m"
    );
    let soon = Duration::from_mins(1);
    sandbox
        .vc(&create)
        .within(soon)
        .exits(1)
        .says("image `registry.invalid/")
        .says("cannot be pulled")
        .says("it was kept");
    let list = sandbox
        .vc(&format!("list -n {namespace} -o json"))
        .ok()
        .json();
    assert_eq!(list[0]["status"], "Failed");
    assert!(
        list[0]["reason"]
            .as_str()
            .unwrap()
            .contains("cannot be pulled")
    );

    sandbox
        .vc(&format!("{create} --rollback-on-failure"))
        .within(soon)
        .exits(1)
        .says("cannot be pulled")
        .says("it was deleted again");
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
    assert_eq!(sandbox.kubeconfig_content(), kubeconfig);
}

#[test]
fn a_rollback_removes_the_namespace_that_was_made() {
    let sandbox = Sandbox::new("rollback");
    let name = sandbox.name("rollback");
    sandbox
        .vc(&format!(
            "create {name} --ephemeral --registry registry.invalid --rollback-on-failure"
        ))
        .exits(1)
        .says("it was deleted again");
    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
}

#[test]
fn a_volume_that_is_never_bound_is_named_when_the_time_is_over() {
    let sandbox = Sandbox::new("volume");
    let (name, namespace) = (sandbox.name("volume"), sandbox.namespace("volume"));
    let class = sandbox.class_without_provisioner();
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --storage-class {class} --timeout 5s"
        ))
        .within(Duration::from_secs(40))
        .exits(3)
        .says(&format!("virtual cluster `{name}` was not ready after 5s"))
        .says(&format!("persistentvolumeclaim `data-vc-{name}-0`"))
        .says("it was kept");
    sandbox.vc(&format!("delete {name} -n {namespace}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

#[test]
fn who_does_not_wait_connects_later() {
    let sandbox = Sandbox::new("later");
    let (name, namespace) = (sandbox.name("later"), sandbox.namespace("later"));
    let kubeconfig = sandbox.kubeconfig_content();
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --ephemeral --no-wait"
        ))
        .ok()
        .says(&format!(
            "switch to it with `vc connect {name} -n {namespace}`"
        ));
    assert_eq!(sandbox.kubeconfig_content(), kubeconfig);
    let seconds = sandbox
        .vc(&format!("connect {name} -n {namespace} --timeout 1ms"))
        .exits(3);
    assert!(
        seconds.stderr.contains("was not ready after 1ms"),
        "{seconds}"
    );
    sandbox.vc(&format!("connect {name} -n {namespace}")).ok();
    sandbox.kubectl("get serviceaccount default").ok();
    sandbox
        .vc(&format!("delete {name} -n {namespace}"))
        .ok()
        .says("context is `host` again");
}
