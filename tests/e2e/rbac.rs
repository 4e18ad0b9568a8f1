//! Who has what `vc rbac` prints, and nothing else, has a virtual cluster.

use crate::harness::Sandbox;

#[test]
fn the_role_that_vc_rbac_prints_is_enough_for_the_whole_life_of_a_cluster() {
    let sandbox = Sandbox::new("rbac");
    let (home, namespace) = (sandbox.namespace("home"), sandbox.namespace("rbac"));
    let name = sandbox.name("rbac");
    let account = format!("{home}:ann");
    let role = sandbox
        .vc(&format!("rbac -n {namespace} --serviceaccount {account}"))
        .ok();
    sandbox.host("apply -f -").stdin(&role.stdout).ok();
    sandbox.become_account(&home, "ann");

    let place = format!("{name} -n {namespace}");
    sandbox.vc(&format!("create {place}")).ok();
    let answer = sandbox.kubectl("auth can-i * *").ok();
    assert_eq!(answer.output(), "yes");
    let list = sandbox.vc(&format!("list -n {namespace} -o name")).ok();
    assert_eq!(list.output(), format!("virtualcluster/{name}"));
    sandbox.vc(&format!("describe {place}")).ok();
    sandbox.vc(&format!("logs {place} --tail 1")).ok();
    sandbox.vc(&format!("diff {place}")).exits(0);
    let changed = format!("{place} --label team=shop");
    sandbox.vc(&format!("apply {changed}")).ok();
    sandbox.vc(&format!("pause {place}")).ok();
    sandbox.vc(&format!("resume {place}")).ok();
    sandbox
        .vc(&format!("connect {place} -- kubectl get namespaces"))
        .ok();
    sandbox.vc(&format!("delete {place}")).ok();
    assert_eq!(
        sandbox.objects(&namespace),
        [
            "role.rbac.authorization.k8s.io/vc-create",
            "rolebinding.rbac.authorization.k8s.io/vc-create",
        ]
    );
}
