//! Clusters are found, awaited and deleted by what their users say of them.

use crate::harness::Sandbox;

#[test]
fn labelled_clusters_are_listed_awaited_and_deleted_by_their_labels() {
    let sandbox = Sandbox::new("labels");
    let namespace = sandbox.namespace("labels");
    let (shop, other) = (sandbox.name("shop"), sandbox.name("other"));
    for (name, labels) in [(&shop, "team=shop,stage=dev"), (&other, "stage=dev")] {
        let options = format!("--ephemeral --no-wait --label {labels}");
        sandbox
            .vc(&format!("create {name} -n {namespace} {options}"))
            .ok();
    }
    sandbox.vc(&format!("wait {shop} -n {namespace}")).ok();
    let list = |selector: &str| {
        let line = format!("list -n {namespace} -o name -l {selector}");
        sandbox.vc(&line).ok().output().to_owned()
    };
    assert_eq!(list("team"), format!("virtualcluster/{shop}"));
    assert_eq!(list("stage=dev,!team"), format!("virtualcluster/{other}"));
    assert_eq!(list("stage=prod"), "");
    let row = sandbox
        .vc(&format!("list -n {namespace} -o json -l team=shop"))
        .ok()
        .json();
    assert_eq!(row[0]["status"], "Running");
    assert_eq!(row[0]["labels"]["team"], "shop");
    sandbox
        .vc(&format!("list -n {namespace} -l a==b==c"))
        .exits(2)
        .says("the host cannot read the selector");

    let gone = sandbox
        .vc(&format!("wait {shop} -n {namespace} --for=deleted"))
        .start();
    assert!(gone.says("waiting for the end"));
    sandbox
        .vc(&format!("delete -n {namespace} -l stage=dev --yes"))
        .ok();
    gone.wait().exits(0);
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}
