//! Whoever watches is told of each state of a cluster, as it comes.

use rustix::process::Signal;

use crate::harness::Sandbox;

#[test]
fn a_watch_tells_of_a_cluster_from_its_creation_to_its_end() {
    let sandbox = Sandbox::new("watch");
    let namespace = sandbox.namespace("watch");
    let name = sandbox.name("watch");
    let table = sandbox.vc(&format!("list -n {namespace} --watch")).start();
    assert!(table.says("no virtual clusters"));
    let labelled = format!("list -n {namespace} -w -o json -l team=shop");
    let labelled = sandbox.vc(&labelled).start();

    let options = "--ephemeral --label team=shop";
    sandbox
        .vc(&format!("create {name} -n {namespace} {options}"))
        .ok();
    assert!(table.prints("Creating"));
    assert!(table.prints("Running"));
    // The kubeconfig has its context now, as the current one.
    assert!(table.prints(" yes\n"));
    sandbox
        .vc(&format!("delete {name} -n {namespace} --yes"))
        .ok();
    assert!(table.prints("Deleted"));
    assert!(labelled.prints("\"Deleted\""));

    for watch in [table, labelled] {
        watch.signal(Signal::INT);
        let end = watch.wait().exits(130).says("interrupted");
        assert!(end.lines().len() > 3, "{end}");
        let states = ["Creating", "Running", "Deleted"].map(|state| end.stdout.find(state));
        assert!(states.is_sorted(), "{end}");
    }
}
