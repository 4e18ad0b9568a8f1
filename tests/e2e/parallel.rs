//! Many commands at once share one kubeconfig, and nothing in it is lost.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use crate::harness::Sandbox;

#[test]
fn clusters_are_created_and_connected_to_at_once_on_one_kubeconfig() {
    let sandbox = Sandbox::new("parallel");
    let namespace = sandbox.namespace("parallel");
    let names: Vec<String> = (0..3).map(|_| sandbox.name("parallel")).collect();
    let creates: Vec<_> = names
        .iter()
        .map(|name| format!("create {name} -n {namespace} --ephemeral"))
        .map(|create| sandbox.vc(&create).start())
        .collect();
    for create in creates {
        create.wait().exits(0);
    }
    let mut wanted: BTreeSet<String> = names.iter().map(|name| format!("vc-{name}")).collect();
    wanted.insert("host".to_owned());
    assert_eq!(contexts(&sandbox), wanted);

    connect_twenty_times(&sandbox, &namespace, &names);
    wanted.insert("foreign".to_owned());
    assert_eq!(contexts(&sandbox), wanted);
    for name in &names {
        sandbox
            .kubectl(&format!("--context vc-{name} get namespaces"))
            .ok();
    }
    sandbox
        .vc(&format!("delete {} -n {namespace}", names.join(" ")))
        .ok();
    let left = BTreeSet::from(["foreign".to_owned(), "host".to_owned()]);
    assert_eq!(contexts(&sandbox), left);
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}

/// Twenty connect while kubectl writes to the same file; whenever kubectl is not at it (it empties the
/// file before it writes), the file can be read.
fn connect_twenty_times(sandbox: &Sandbox, namespace: &str, names: &[String]) {
    let (over, kubectl_writes) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                let before = kubectl_writes.load(Ordering::SeqCst);
                let text = fs::read_to_string(sandbox.kubeconfig()).unwrap();
                if !before && !kubectl_writes.load(Ordering::SeqCst) {
                    assert!(contexts_of(&text).contains("host"), "{text}");
                }
                thread::yield_now();
            }
        });
        let connects: Vec<_> = (0..20)
            .map(|index| format!("connect {} -n {namespace}", names[index % names.len()]))
            .map(|connect| sandbox.vc(&connect).start())
            .collect();
        // kubectl does not wait for a lock, so it is told to try again.
        crate::harness::until("kubectl's own entry", || {
            let set = "config set-context foreign --cluster=host --user=host";
            kubectl_writes.store(true, Ordering::SeqCst);
            let done = sandbox.kubectl(set).run();
            kubectl_writes.store(false, Ordering::SeqCst);
            done.code == 0
        });
        let codes: Vec<i32> = connects
            .into_iter()
            .map(|connect| connect.wait().code)
            .collect();
        over.store(true, Ordering::SeqCst);
        assert_eq!(codes, [0; 20]);
    });
}

/// The contexts of the file as it is at this moment.
fn contexts(sandbox: &Sandbox) -> BTreeSet<String> {
    contexts_of(&fs::read_to_string(sandbox.kubeconfig()).unwrap())
}

fn contexts_of(text: &str) -> BTreeSet<String> {
    let content: Value = serde_saphyr::from_str(text).unwrap();
    let contexts = content["contexts"].as_array().unwrap();
    let name = |context: &Value| context["name"].as_str().unwrap().to_owned();
    contexts.iter().map(name).collect()
}
