//! What `vc render` prints can be applied by anything, and is a cluster like any other.

use crate::harness::Sandbox;

#[test]
fn a_cluster_that_was_applied_by_kubectl_is_listed_connected_to_and_deleted() {
    let sandbox = Sandbox::new("gitops");
    let (name, namespace) = (sandbox.name("gitops"), sandbox.namespace("gitops"));
    let manifests = sandbox
        .vc(&format!("render {name} -n {namespace} --ephemeral"))
        .ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
    sandbox.kubectl("apply -f -").stdin(&manifests.stdout).ok();
    sandbox.vc(&format!("connect {name} -n {namespace}")).ok();
    let list = sandbox.vc("list -o json").ok().json();
    let rows = list.as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(row["status"], "Running");
    assert_eq!(row["connected"], true);
    sandbox.kubectl("get serviceaccount default").ok();
    // A second `apply` of the same manifests changes nothing.
    let again = sandbox.host("apply -f -").stdin(&manifests.stdout).ok();
    assert!(
        again
            .lines()
            .iter()
            .all(|line| line.ends_with(" unchanged")),
        "{again}"
    );
    sandbox.vc(&format!("delete {name}")).ok();
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}
