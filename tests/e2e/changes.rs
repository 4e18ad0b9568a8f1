//! A virtual cluster is changed in place: what was asked for is there, what was in it still is, and what cannot
//! change is refused.

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, Cluster, Sandbox, until};

/// Objects of the host that `vc diff` says would be other.
fn titles(diff: &str) -> Vec<&str> {
    let mark = "+++ wanted/";
    diff.lines()
        .filter_map(|line| line.strip_prefix(mark))
        .collect()
}

fn uid(object: &Value) -> String {
    object["metadata"]["uid"].as_str().unwrap().to_owned()
}

/// A pod that profile *baseline* forbids.
fn on_the_hosts_network() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "net", "namespace": "default"},
        "spec": {"hostNetwork": true, "containers": [{"name": "c", "image": BUSYBOX}]},
    })
}

#[test]
fn a_cluster_is_changed_in_place_and_nothing_in_it_is_lost() {
    let sandbox = Sandbox::new("changes");
    let namespace = sandbox.namespace("changes");
    let name = sandbox.name("changes");
    let vc = |line: &str| sandbox.vc(&format!("{line} -n {namespace}"));
    let new = vc(&format!("diff {name}")).exits(1);
    let set = format!("StatefulSet/vc-{name}");
    assert!(
        titles(new.output()).contains(&set.as_str()),
        "{}",
        new.output()
    );
    assert!(!new.output().contains("kind: Secret"));

    vc(&format!("apply {name}")).ok();
    sandbox.vc(&format!("connect {name} -n {namespace}")).ok();
    vc(&format!("diff {name}")).exits(0).says("");
    vc(&format!("apply {name}")).ok().says("is as it is wanted");
    sandbox
        .kubectl("create configmap kept --from-literal=a=b")
        .ok();
    until("the default ServiceAccount", || {
        sandbox.kubectl("get serviceaccount default").run().code == 0
    });
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "kept", "namespace": "default"},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "c", "image": BUSYBOX, "command": ["sleep", "100000"]}],
        },
    });
    sandbox.kubectl("create -f -").stdin(&pod.to_string()).ok();
    sandbox
        .kubectl("wait --for=condition=Ready pod/kept --timeout=120s")
        .ok();
    let try_out = || {
        sandbox
            .kubectl("create --dry-run=server -f -")
            .stdin(&on_the_hosts_network().to_string())
    };
    try_out().exits(1);

    let control_plane = format!("-n {namespace} get pod vc-{name}-0 -o json");
    let before = sandbox.host(&control_plane).ok().json();
    let workload = format!("-n {namespace} get pods -l vc.internal/namespace=default -o json");
    let twin = |list: &Value| uid(&list["items"][0]);
    let twin_before = twin(&sandbox.host(&workload).ok().json());
    let wanted =
        format!("{name} --pod-security privileged --isolate --quota pods=50 --label team=shop");
    let diff = vc(&format!("diff {wanted}")).exits(1);
    assert!(
        diff.output().contains("podSecurity: privileged"),
        "{}",
        diff.output()
    );
    let policies = |text: &str| {
        titles(text)
            .iter()
            .filter(|title| title.starts_with("NetworkPolicy/"))
            .count()
    };
    assert_eq!(policies(diff.output()), 2, "{}", diff.output());
    vc(&format!("apply {wanted}")).ok().says("ready again");
    vc(&format!("diff {wanted}")).exits(0);
    until("what the profile forbids no more is taken", || {
        try_out().run().code == 0
    });
    sandbox.kubectl("get configmap kept").ok();
    let after = sandbox.host(&control_plane).ok().json();
    assert_ne!(uid(&after), uid(&before));
    assert_eq!(twin(&sandbox.host(&workload).ok().json()), twin_before);
    let labelled = vc("list -l team=shop -o name").ok();
    assert!(labelled.output().contains(&name));

    // A quota is the host's to keep: the control plane goes on.
    vc(&format!("apply {name} --pod-security privileged --isolate")).ok();
    let left = format!("-n {namespace} get resourcequotas,limitranges -o name");
    assert_eq!(sandbox.host(&left).ok().output(), "");
    assert_eq!(uid(&sandbox.host(&control_plane).ok().json()), uid(&after));

    vc(&format!(
        "apply {name} --pod-security privileged --storage-size 9Gi"
    ))
    .exits(1)
    .says("the store is");
    vc(&format!(
        "apply {name} --pod-security privileged --service-cidr 10.250.0.0/16"
    ))
    .exits(1)
    .says("the service range is");
    vc(&format!("delete {name}")).ok();
}

#[test]
fn the_store_of_an_ephemeral_cluster_is_not_thrown_away_for_a_change() {
    let cluster = Cluster::create("keep", "--ephemeral");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let vc = |line: &str| cluster.sandbox.vc(&format!("{line} -n {namespace}"));
    cluster
        .kubectl("create configmap kept --from-literal=a=b")
        .ok();
    vc(&format!("apply {name} --ephemeral --memory 512Mi"))
        .exits(1)
        .says("it is ephemeral");
    vc(&format!("apply {name} --ephemeral --quota pods=50")).ok();
    vc(&format!("diff {name} --ephemeral --quota pods=50")).exits(0);
    let host = cluster.host("version -o json").ok().json();
    let version = host["serverVersion"]["gitVersion"].as_str().unwrap();
    let minor = version.rsplit_once('.').unwrap().0;
    vc(&format!("upgrade {name} --kubernetes-version {minor}.999"))
        .exits(1)
        .says("it is ephemeral");
    cluster.kubectl("get configmap kept").ok();
}
