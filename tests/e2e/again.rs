//! Every command can be repeated: after success, beside itself, and after it was interrupted.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{Sandbox, shared};

/// The objects of an ephemeral cluster, once it is applied and its pod is made.
fn one_set(name: &str) -> Vec<String> {
    [
        format!("statefulset.apps/vc-{name}"),
        format!("pod/vc-{name}-0"),
        format!("service/vc-{name}"),
        format!("service/vc-{name}-dns"),
        format!("configmap/vc-{name}"),
        format!("secret/vc-{name}-kubeconfig"),
        format!("secret/vc-{name}-pki"),
        format!("serviceaccount/vc-{name}"),
        format!("serviceaccount/vc-{name}-workload"),
        format!("role.rbac.authorization.k8s.io/vc-{name}"),
        format!("rolebinding.rbac.authorization.k8s.io/vc-{name}"),
    ]
    .into()
}

#[test]
fn creating_a_cluster_that_exists_leaves_it_alone_and_says_so() {
    let cluster = shared();
    let sandbox = cluster.user("twice");
    let create = format!(
        "create {} -n {} --ephemeral",
        cluster.name, cluster.namespace
    );
    let versions = || {
        let columns = "-o custom-columns=N:.metadata.name,V:.metadata.resourceVersion";
        let kinds = "configmap,secret,service,serviceaccount";
        // Not what stands for virtual objects, which come and go.
        let own = format!(
            "vc.internal/cluster={},!vc.internal/namespace",
            cluster.name
        );
        let get = format!("-n {} get {kinds} -l {own} {columns}", cluster.namespace);
        sandbox.host(&get).ok().stdout
    };
    let before = versions();
    let kubeconfig = sandbox.kubeconfig_content();
    sandbox
        .vc(&create)
        .exits(6)
        .says("exists already")
        .says("pass `--if-not-exists`");
    assert_eq!(versions(), before);
    assert_eq!(sandbox.kubeconfig_content(), kubeconfig);
    sandbox.vc(&format!("{create} --if-not-exists")).ok();
    assert_eq!(sandbox.current_context(), format!("vc-{}", cluster.name));
    sandbox.kubectl("get namespaces").ok();
}

#[test]
fn a_create_that_runs_keeps_a_second_one_away_and_one_that_was_interrupted_resumes() {
    let sandbox = Sandbox::new("resume");
    let (name, namespace) = (sandbox.name("resume"), sandbox.namespace("resume"));
    let create = format!("create {name} -n {namespace} --ephemeral");
    let first = sandbox.vc(&create).start();
    assert!(first.says("[3/4]"));
    let at_once = Duration::from_secs(20);
    sandbox.vc(&create).within(at_once).exits(6).says(&format!(
        "another `vc create {name}` is at work on this machine"
    ));
    let elsewhere = Sandbox::new("elsewhere");
    elsewhere
        .vc(&create)
        .within(at_once)
        .exits(6)
        .says("somebody else began to");

    first.signal(Signal::INT);
    first
        .wait()
        .exits(130)
        .says(&format!("resume with `vc create {name} -n {namespace}`"));
    assert!(!sandbox.file("kubeconfig.lock").exists());

    sandbox.vc(&create).ok();
    assert_eq!(sandbox.objects(&namespace), one_set(&name));
    sandbox.kubectl("get serviceaccount default").ok();
    sandbox.vc(&format!("delete {name}")).ok();
}

#[test]
fn a_create_that_was_killed_while_it_wrote_is_completed_by_the_same_command() {
    let sandbox = Sandbox::new("killed");
    let namespace = sandbox.namespace("killed");
    let names: Vec<String> = (0..6).map(|_| sandbox.name("killed")).collect();
    // Applying takes some 60 ms on an idle machine: from before its first write to after its last.
    for (name, delay) in names.iter().zip([0, 10, 20, 40, 80, 300]) {
        let create = format!("create {name} -n {namespace} --ephemeral --no-wait");
        let running = sandbox.vc(&create).start();
        assert!(running.says("[2/4]"));
        sleep(Duration::from_millis(delay));
        running.kill_hard();
        // One that came to its end may be ready by now; that it exists is what is wanted then.
        sandbox.vc(&format!("{create} --if-not-exists")).ok();
    }
    let mut wanted: Vec<String> = names.iter().flat_map(|name| one_set(name)).collect();
    wanted.sort();
    crate::harness::until("one set of objects for each", || {
        let mut objects = sandbox.objects(&namespace);
        objects.sort();
        objects == wanted
    });
    let all = names.join(" ");
    sandbox.vc(&format!("delete {all} -n {namespace}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

#[test]
fn a_create_that_is_killed_again_and_again_succeeds_once_it_is_let() {
    let sandbox = Sandbox::new("stubborn");
    let name = sandbox.name("stubborn");
    let create = format!("create {name} --ephemeral");
    for delay in [50, 150, 400, 800, 1500, 3000] {
        let running = sandbox.vc(&create).start();
        sleep(Duration::from_millis(delay));
        running.kill_hard();
    }
    sandbox.vc(&format!("{create} --if-not-exists")).ok();
    assert_eq!(sandbox.objects(&format!("vc-{name}")), one_set(&name));
    sandbox.kubectl("get namespaces").ok();
    sandbox.vc(&format!("delete {name}")).ok();
    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
}

#[test]
fn deleting_what_does_not_exist_is_said_and_can_be_ignored() {
    let sandbox = Sandbox::new("gone");
    let (name, namespace) = (sandbox.name("gone"), sandbox.namespace("gone"));
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --ephemeral --no-wait"
        ))
        .ok();
    let delete = format!("delete {name} -n {namespace}");
    sandbox.vc(&delete).ok();
    sandbox.vc(&delete).exits(5).says("does not exist");
    sandbox.vc(&format!("{delete} --ignore-not-found")).ok();
}
