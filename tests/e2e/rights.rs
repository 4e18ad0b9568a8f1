//! No cluster-wide right is needed, and who lacks a right is told which.

use crate::harness::{Sandbox, until};

#[test]
fn a_namespace_admin_creates_uses_and_deletes_a_cluster_under_restricted_pod_security() {
    let sandbox = Sandbox::new("admin");
    let home = sandbox.namespace("home");
    let namespace = sandbox.namespace_with(
        "restricted",
        "pod-security.kubernetes.io/enforce=restricted",
    );
    let name = sandbox.name("admin");
    sandbox.become_account(&home, "ann");
    sandbox
        .host(&format!(
            "-n {namespace} create rolebinding ann --clusterrole=admin --serviceaccount={home}:ann"
        ))
        .ok();

    sandbox
        .vc(&format!("create {name} -n {namespace} --ephemeral"))
        .ok();
    let answer = sandbox.kubectl("auth can-i * *").ok();
    assert_eq!(answer.output(), "yes");
    check_without_endpoint_slices(&sandbox);
    // Without `-n` the namespaces that the kubeconfig knows are looked into.
    let list = sandbox.vc("list -o name").ok();
    assert_eq!(list.output(), format!("virtualcluster/{name}"));
    sandbox.vc("list -A").exits(4).says("cannot list");
    let options = format!("{name} -n {namespace} --ephemeral --label team=shop");
    sandbox.vc(&format!("diff {options}")).exits(1);
    sandbox.vc(&format!("apply {options}")).ok();
    sandbox.vc(&format!("diff {options}")).exits(0);
    sandbox.vc(&format!("delete {name}")).ok();
    assert_eq!(
        sandbox.objects(&namespace),
        ["rolebinding.rbac.authorization.k8s.io/ann"]
    );
}

/// Who may not write EndpointSlices on the host cannot grant it: the Service is there and says what it lacks.
fn check_without_endpoint_slices(sandbox: &Sandbox) {
    let slice = "
{apiVersion: v1, kind: Service, metadata: {name: by-hand}, spec: {ports: [{port: 80}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: by-hand, labels: {kubernetes.io/service-name: by-hand}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1]}]
ports: [{port: 80}]
";
    sandbox.kubectl("create -f -").stdin(slice).ok();
    until("an Event names the right", || {
        let event =
            "get events --field-selector=involvedObject.name=by-hand,reason=EndpointsLeftOut";
        let told = sandbox.kubectl(&format!("{event} -o jsonpath={{.items[*].message}}"));
        told.ok()
            .output()
            .contains("without the right to write `endpointslices`")
    });
}

#[test]
fn somebody_without_rights_is_told_every_right_that_is_missing_and_nothing_is_written() {
    let sandbox = Sandbox::new("nobody");
    let (home, namespace) = (sandbox.namespace("home"), sandbox.namespace("foreign"));
    let name = sandbox.name("nobody");
    sandbox.become_account(&home, "bob");
    let refused = sandbox
        .vc(&format!("create {name} -n {namespace}"))
        .exits(4);
    let missing: Vec<&str> = refused
        .stderr
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_suffix(&format!(" in namespace `{namespace}`"))
        })
        .collect();
    assert_eq!(
        missing,
        [
            "get configmaps",
            "list configmaps",
            "watch configmaps",
            "create configmaps",
            "patch configmaps",
            "deletecollection configmaps",
            "get secrets",
            "create secrets",
            "patch secrets",
            "deletecollection secrets",
            "get serviceaccounts",
            "list serviceaccounts",
            "watch serviceaccounts",
            "create serviceaccounts",
            "patch serviceaccounts",
            "deletecollection serviceaccounts",
            "get services",
            "create services",
            "patch services",
            "deletecollection services",
            "get roles.rbac.authorization.k8s.io",
            "list roles.rbac.authorization.k8s.io",
            "watch roles.rbac.authorization.k8s.io",
            "create roles.rbac.authorization.k8s.io",
            "patch roles.rbac.authorization.k8s.io",
            "deletecollection roles.rbac.authorization.k8s.io",
            "get rolebindings.rbac.authorization.k8s.io",
            "list rolebindings.rbac.authorization.k8s.io",
            "watch rolebindings.rbac.authorization.k8s.io",
            "create rolebindings.rbac.authorization.k8s.io",
            "patch rolebindings.rbac.authorization.k8s.io",
            "deletecollection rolebindings.rbac.authorization.k8s.io",
            "get statefulsets.apps",
            "list statefulsets.apps",
            "watch statefulsets.apps",
            "create statefulsets.apps",
            "patch statefulsets.apps",
            "deletecollection statefulsets.apps",
            "list pods",
            "watch pods",
            "create pods",
            "deletecollection pods",
            "get pods/portforward",
            "create pods/portforward",
            "list persistentvolumeclaims",
            "create persistentvolumeclaims",
            "deletecollection persistentvolumeclaims",
            "list events",
            "get pods",
            "patch pods",
            "delete pods",
            "get pods/log",
            "get pods/exec",
            "create pods/exec",
            "get pods/attach",
            "create pods/attach",
            "update configmaps",
            "delete configmaps",
            "list secrets",
            "watch secrets",
            "update secrets",
            "delete secrets",
            "get persistentvolumeclaims",
            "watch persistentvolumeclaims",
            "patch persistentvolumeclaims",
            "delete persistentvolumeclaims",
            "watch events",
            "get namespaces",
            "list services",
            "watch services",
            "delete services",
        ],
        "{refused}"
    );
    assert_eq!(sandbox.objects(&namespace), Vec::<String>::new());
}
