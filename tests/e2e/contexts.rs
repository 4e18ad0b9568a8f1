//! Contexts come and go without a credential in any file, and nothing of the user's is lost.

use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{Sandbox, shared};

#[test]
fn connect_switches_and_disconnect_goes_back() {
    let (cluster, sandbox) = (shared(), Sandbox::new("switch"));
    let context = format!("vc-{}", cluster.name);
    sandbox
        .vc(&format!("{} --switch=false", cluster.connect()))
        .ok();
    assert_eq!(sandbox.current_context(), "host");
    for _ in 0..2 {
        sandbox.vc(&cluster.connect()).ok();
        assert_eq!(sandbox.current_context(), context);
    }
    let list = sandbox.vc("list -o json").ok().json();
    let rows = list.as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == cluster.name);
    assert_eq!(row.unwrap()["connected"], true);
    sandbox
        .vc("disconnect")
        .ok()
        .says("context is `host` again");
    assert_eq!(sandbox.current_context(), "host");
    sandbox.vc("disconnect").ok().says("nothing to leave");
}

#[test]
fn a_context_has_the_name_that_was_asked_for() {
    let cluster = shared();
    let sandbox = cluster.user("named");
    sandbox
        .vc(&format!("{} --context-name mine", cluster.connect()))
        .ok();
    assert_eq!(sandbox.current_context(), "mine");
    sandbox.kubectl("--context mine get namespaces").ok();
    sandbox
        .vc(&format!("{} --context-name host", cluster.connect()))
        .exits(6)
        .says("`host` is taken");
}

#[test]
fn from_inside_a_virtual_context_commands_act_on_its_host_and_say_so() {
    let cluster = shared();
    let sandbox = cluster.connected("inside");
    let said = format!(
        "`vc-{}` is a virtual cluster: acting on its host",
        cluster.name
    );
    let list = sandbox.vc("list -A -o name").ok().says(&said);
    let own = format!("virtualcluster/{}", cluster.name);
    assert!(list.lines().contains(&own.as_str()), "{list}");
}

#[test]
fn no_credential_is_in_the_kubeconfig() {
    let cluster = shared();
    let sandbox = cluster.user("secrets");
    let before = sandbox.kubeconfig_content()["users"].clone();
    sandbox.vc(&cluster.connect()).ok();
    sandbox.kubectl("get namespaces").ok();
    let users = sandbox.kubeconfig_content()["users"].clone();
    let ours: Vec<_> = users
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| !before.as_array().unwrap().contains(user))
        .collect();
    assert_eq!(ours.len(), 1);
    let keys: Vec<_> = ours[0]["user"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["exec", "extensions"]);
}

#[test]
fn a_printed_kubeconfig_needs_neither_vc_nor_the_home_it_was_printed_in() {
    let cluster = shared();
    let sandbox = cluster.connected("printed");
    sandbox.kubectl("get namespaces").ok();
    let query = "config view --minify -o jsonpath={.clusters[0].cluster.server}";
    let server = sandbox.kubectl(query).ok();
    let printed = sandbox
        .vc(&format!(
            "kubeconfig {} -n {} --server {}",
            cluster.name,
            cluster.namespace,
            server.output()
        ))
        .ok();
    assert!(!printed.stdout.contains("exec"), "it calls no program");
    let file = sandbox.file("printed");
    std::fs::write(&file, &printed.stdout).unwrap();
    let answer = sandbox
        .kubectl("auth can-i * *")
        .env("KUBECONFIG", &file)
        .env("HOME", sandbox.file("nowhere"))
        .ok();
    assert_eq!(answer.output(), "yes");

    let plain = sandbox
        .vc(&format!(
            "kubeconfig {} -n {}",
            cluster.name, cluster.namespace
        ))
        .ok();
    let service = format!("https://vc-{}.{}.svc", cluster.name, cluster.namespace);
    assert!(plain.stdout.contains(&service), "its server is {service}");
}

#[test]
fn a_command_runs_with_a_kubeconfig_of_its_own_and_its_exit_code_is_ours() {
    let (cluster, sandbox) = (shared(), Sandbox::new("command"));
    let before = std::fs::read(sandbox.kubeconfig()).unwrap();
    let script = "kubectl get namespaces -o name && echo \"$KUBECONFIG\" && exit 7";
    let done = sandbox
        .vc(&format!("{} -- sh -c", cluster.connect()))
        .arg(script)
        .exits(7);
    let lines = done.lines();
    assert!(lines.contains(&"namespace/kube-node-lease"), "{done}");
    let kubeconfig = std::path::Path::new(lines.last().unwrap());
    assert!(kubeconfig.is_absolute() && !kubeconfig.exists(), "{done}");
    assert_eq!(std::fs::read(sandbox.kubeconfig()).unwrap(), before);
    assert_eq!(sandbox.tunnels(), Vec::<i32>::new());
}

#[test]
fn a_signal_reaches_the_command() {
    let (cluster, sandbox) = (shared(), Sandbox::new("signal"));
    let script = "trap 'echo told; exit 9' TERM; echo waits; while :; do sleep 0.05; done";
    let call = sandbox.vc(&format!("{} -- sh -c", cluster.connect()));
    let running = call.arg(script).start();
    assert!(running.prints("waits"));
    running.signal(Signal::TERM);
    let done = running.wait().exits(9);
    assert_eq!(done.lines(), ["waits", "told"]);

    let script = "echo waits; exec sleep 60";
    let call = sandbox.vc(&format!("{} -- sh -c", cluster.connect()));
    let running = call.arg(script).within(Duration::from_secs(50)).start();
    assert!(running.prints("waits"));
    running.signal(Signal::TERM);
    running.wait().exits(143);
}

#[test]
fn vc_s_own_failure_before_the_command_is_125() {
    let (cluster, sandbox) = (shared(), Sandbox::new("before"));
    sandbox
        .vc(&format!("connect absent -n {} -- true", cluster.namespace))
        .exits(125)
        .says("does not exist");
    sandbox
        .vc(&format!("{} -- /nonexistent/program", cluster.connect()))
        .exits(125)
        .says("`/nonexistent/program` cannot be started");
    sandbox
        .vc(&format!("connect absent -n {}", cluster.namespace))
        .exits(5)
        .says("does not exist");
}
