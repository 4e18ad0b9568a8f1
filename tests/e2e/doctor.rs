//! `vc doctor` tells a namespace's `admin` what is wrong, and nothing is wrong on a host that is well.

use serde_json::{Value, json};

use crate::harness::{Cluster, Sandbox, until};

/// Makes the test's user the `admin` of a namespace, and of nothing else.
fn become_admin(sandbox: &Sandbox, namespace: &str) {
    let home = sandbox.namespace("home");
    sandbox.become_account(&home, "ann");
    let subject = format!("--serviceaccount={home}:ann");
    sandbox
        .host(&format!(
            "-n {namespace} create rolebinding ann --clusterrole=admin {subject}"
        ))
        .ok();
}

/// The findings of a code.
fn of_code(report: &Value, code: &str) -> Vec<Value> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter(|finding| finding["code"] == code)
        .cloned()
        .collect()
}

#[test]
fn nothing_is_wrong_on_a_host_that_is_well() {
    let sandbox = Sandbox::new("well");
    let namespace = sandbox.namespace("well");
    sandbox.vc("doctor").ok();
    sandbox.vc(&format!("doctor -n {namespace}")).ok();
    become_admin(&sandbox, &namespace);
    let report = sandbox
        .vc(&format!("doctor -n {namespace} -o json"))
        .ok()
        .json();
    assert_eq!(report["errors"], 0, "{report:#}");
    assert_eq!(of_code(&report, "VC201"), Vec::<Value>::new());
    // Who is only in a namespace cannot make one, and hears so.
    let refused = sandbox.vc("doctor -o json").exits(1).json();
    assert_eq!(of_code(&refused, "VC201")[0]["object"], "namespaces");
    assert_eq!(
        sandbox.objects(&namespace),
        ["rolebinding.rbac.authorization.k8s.io/ann"]
    );
}

#[test]
fn missing_rights_are_findings_with_the_command_that_grants_them() {
    let sandbox = Sandbox::new("rights");
    let (home, namespace) = (sandbox.namespace("home"), sandbox.namespace("rights"));
    sandbox.become_account(&home, "bob");
    let subject = format!("--serviceaccount={home}:bob");
    sandbox
        .host(&format!(
            "-n {namespace} create rolebinding bob --clusterrole=view {subject}"
        ))
        .ok();
    let report = sandbox
        .vc(&format!("doctor -n {namespace} -o json"))
        .exits(1)
        .json();
    let missing = of_code(&report, "VC201");
    let of = |resource: &str| {
        let found = missing.iter().find(|one| one["object"] == resource);
        found.cloned().unwrap_or_default().to_string()
    };
    assert!(of("secrets").contains("you may not get"), "{report:#}");
    assert!(
        of("statefulsets.apps").contains("you may not create"),
        "{report:#}"
    );
    assert!(
        of("secrets").contains(&format!("vc rbac -n {namespace}")),
        "{report:#}"
    );
    assert_eq!(of("events"), "null", "{report:#}");
}

#[test]
fn a_quota_that_is_too_small_is_found_before_create() {
    let sandbox = Sandbox::new("quota");
    let namespace = sandbox.namespace("quota");
    sandbox
        .host(&format!(
            "-n {namespace} create quota small --hard=requests.memory=100Mi,count/secrets=1"
        ))
        .ok();
    become_admin(&sandbox, &namespace);
    let report = sandbox
        .vc(&format!("doctor -n {namespace} -o json"))
        .exits(1)
        .json();
    let told = json!(of_code(&report, "VC203")).to_string();
    for part in [
        "resourcequota/small",
        "of requests.memory",
        "of count/secrets",
    ] {
        assert!(told.contains(part), "{part}: {report:#}");
    }
}

#[test]
fn a_namespace_that_admits_less_than_the_cluster_is_a_warning() {
    let sandbox = Sandbox::new("strict");
    let label = "pod-security.kubernetes.io/enforce=restricted";
    let namespace = sandbox.namespace_with("strict", label);
    become_admin(&sandbox, &namespace);
    let doctor = |options: &str| {
        let line = format!("doctor -n {namespace} -o json {options}");
        sandbox.vc(&line).ok().json()
    };
    assert_eq!(of_code(&doctor(""), "VC205").len(), 1);
    let strict = doctor("--pod-security restricted");
    assert_eq!(of_code(&strict, "VC205"), Vec::<Value>::new());
}

#[test]
fn a_control_plane_that_cannot_start_is_an_error_with_the_reason() {
    let sandbox = Sandbox::new("broken");
    let namespace = sandbox.namespace("broken");
    let name = sandbox.name("broken");
    become_admin(&sandbox, &namespace);
    let place = format!("{name} -n {namespace}");
    let image = "vc.local/there-is-none:v0";
    sandbox
        .vc(&format!(
            "create {place} --ephemeral --no-wait --image {image}"
        ))
        .ok();
    until("the host has tried to pull the image", || {
        let report = sandbox.vc(&format!("doctor {place} -o json")).run().json();
        let found = of_code(&report, "VC301");
        found.iter().any(|one| one.to_string().contains(image))
    });
    let told = sandbox.vc(&format!("doctor {place}")).exits(1);
    told.says("vc explain VC301");
    sandbox.vc("explain VC301").ok();
}

#[test]
fn a_cluster_that_is_well_has_no_error_and_its_leftovers_are_found_when_it_is_gone() {
    let cluster = Cluster::create("well", "--ephemeral");
    let (name, namespace) = (cluster.name.clone(), cluster.namespace.clone());
    let ready = format!("-n {namespace} wait --for=condition=Ready pod/vc-{name}-0");
    cluster.host(&format!("{ready} --timeout=120s")).ok();
    let place = format!("{name} -n {namespace}");
    // On a busy host a probe may fail at times.
    until("nothing is wrong with the cluster", || {
        let looked = cluster.sandbox.vc(&format!("doctor {place} -o json"));
        let looked = looked.run();
        looked.code == 0 && looked.json()["errors"] == 0
    });
    let reader = Sandbox::new("reader");
    become_admin(&reader, &namespace);
    let seen = reader.vc(&format!("doctor {place} -o json")).run().json();
    assert_eq!(of_code(&seen, "VC901"), Vec::<Value>::new(), "{seen:#}");
    cluster.sandbox.vc(&format!("delete {place}")).ok();
    cluster.sandbox.vc(&format!("doctor {place}")).exits(5);

    cluster.host("create configmap left").ok();
    let label = format!("label configmap left vc.internal/cluster={name}");
    cluster.host(&label).ok();
    let report = cluster
        .sandbox
        .vc(&format!("doctor -n {namespace} -o json"))
        .ok()
        .json();
    let left = of_code(&report, "VC401");
    assert_eq!(left.len(), 1, "{report:#}");
    assert!(
        left[0]["message"]
            .as_str()
            .unwrap()
            .contains("configmap/left")
    );
}
