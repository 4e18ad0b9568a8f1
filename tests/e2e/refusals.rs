//! What would stop a cluster is found before the first write.

use crate::harness::Sandbox;

/// `vc create` must end with this code and these words, and leave nothing.
fn check_refused(sandbox: &Sandbox, namespace: &str, options: &str, code: i32, says: &str) {
    let name = sandbox.name("refused");
    sandbox
        .vc(&format!("create {name} -n {namespace} {options}"))
        .exits(code)
        .says(says)
        .says("hint: ");
    assert_eq!(sandbox.objects(namespace), Vec::<String>::new());
}

#[test]
fn a_quota_that_is_too_small_is_found_before_the_first_write() {
    let sandbox = Sandbox::new("quota");
    let namespace = sandbox.namespace("quota");
    let hard = "requests.memory=100Mi,persistentvolumeclaims=0";
    sandbox
        .host(&format!("-n {namespace} create quota small --hard={hard}"))
        .ok();
    sandbox
        .host(&format!(
            "-n {namespace} wait quota/small --for=jsonpath={{.status.hard.persistentvolumeclaims}}=0"
        ))
        .ok();
    check_refused(
        &sandbox,
        &namespace,
        "--ephemeral",
        7,
        "exceeded quota: small",
    );
    let options = "--memory 64Mi";
    check_refused(&sandbox, &namespace, options, 7, "persistentvolumeclaims=1");
}

#[test]
fn a_limit_range_that_does_not_admit_the_pod_is_found_before_the_first_write() {
    let sandbox = Sandbox::new("limits");
    let namespace = sandbox.namespace("limits");
    let limits = r#"{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"},
        "spec": {"limits": [{"type": "Container", "max": {"memory": "100Mi"}}]}}"#;
    sandbox
        .host(&format!("-n {namespace} create -f -"))
        .stdin(limits)
        .ok();
    let says = "maximum memory usage per Container is 100Mi";
    check_refused(&sandbox, &namespace, "--ephemeral", 7, says);
}

#[test]
fn a_namespace_that_is_being_deleted_is_found_before_the_first_write() {
    let sandbox = Sandbox::new("terminating");
    let namespace = sandbox.namespace("terminating");
    let held = sandbox.hold(&namespace, "");
    sandbox
        .host(&format!("delete namespace {namespace} --wait=false"))
        .ok();
    let name = sandbox.name("refused");
    sandbox
        .vc(&format!("create {name} -n {namespace} --ephemeral"))
        .exits(7)
        .says(&format!("namespace `{namespace}` is being deleted"));
    assert_eq!(sandbox.objects(&namespace), ["configmap/held"]);
    drop(held);
}

#[test]
fn a_storage_class_that_does_not_exist_is_found_before_even_the_namespace_is_made() {
    let sandbox = Sandbox::new("class");
    let name = sandbox.name("class");
    sandbox
        .vc(&format!("create {name} --storage-class absent"))
        .exits(7)
        .says("StorageClass `absent` does not exist on the host");
    assert_eq!(sandbox.traces(&name), Vec::<String>::new());
}

#[test]
fn an_object_of_somebody_else_under_one_of_our_names_is_neither_changed_nor_adopted() {
    let sandbox = Sandbox::new("taken");
    let (name, namespace) = (sandbox.name("taken"), sandbox.namespace("taken"));
    let set = format!(
        r#"{{"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {{"name": "vc-{name}"}},
            "spec": {{"replicas": 0, "serviceName": "x", "selector": {{"matchLabels": {{"a": "b"}}}},
            "template": {{"metadata": {{"labels": {{"a": "b"}}}},
            "spec": {{"containers": [{{"name": "x", "image": "x"}}]}}}}}}}}"#
    );
    let claim = format!(
        r#"{{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {{"name": "data-vc-{name}-0"}},
            "spec": {{"accessModes": ["ReadWriteOnce"], "storageClassName": "absent",
            "resources": {{"requests": {{"storage": "1Gi"}}}}}}}}"#
    );
    let foreign = [
        (format!("create configmap vc-{name}"), ""),
        (format!("create secret generic vc-{name}-pki"), ""),
        (format!("create secret generic vc-{name}-kubeconfig"), ""),
        (format!("create serviceaccount vc-{name}"), ""),
        (format!("create service clusterip vc-{name} --tcp=80"), ""),
        ("create -f -".to_owned(), set.as_str()),
        ("create -f -".to_owned(), claim.as_str()),
    ];
    for (create, manifest) in foreign {
        check_taken(&sandbox, &namespace, &name, &create, manifest);
    }
}

fn check_taken(sandbox: &Sandbox, namespace: &str, name: &str, create: &str, manifest: &str) {
    let made = sandbox
        .host(&format!("-n {namespace} {create} -o name"))
        .stdin(manifest)
        .ok();
    let object = made.output();
    let get = format!("-n {namespace} get {object} -o json");
    let before = sandbox.host(&get).ok().stdout;
    let (kind, object_name) = object.split_once('/').unwrap();
    let kind = kind.trim_end_matches(".apps");
    sandbox
        .vc(&format!("create {name} -n {namespace}"))
        .exits(6)
        .says(&format!(
            "{kind} `{object_name}` exists in namespace `{namespace}`"
        ));
    sandbox
        .vc(&format!("delete {name} -n {namespace}"))
        .exits(5);
    assert_eq!(sandbox.objects(namespace), [object]);
    assert_eq!(sandbox.host(&get).ok().stdout, before);
    sandbox
        .host(&format!("-n {namespace} delete {object}"))
        .ok();
}
