//! `--quota` and `--isolate`: what bounds a virtual cluster on the host.

use serde_json::{Value, json};

use crate::harness::{Cluster, Sandbox, agent, until};

fn pod(name: &str, resources: &Value) -> Value {
    let mut container = agent();
    container["resources"] = resources.clone();
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    })
}

#[test]
fn a_quota_counts_the_whole_cluster_and_admits_pods_that_ask_for_nothing() {
    let quota = "--quota cpu=1,memory=2Gi,pods=3";
    let cluster = Cluster::create("quota", &format!("--ephemeral {quota}"));
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    cluster.apply(&pod("plain", &json!({})));
    cluster.running("default", "plain");
    let twin = cluster.twin("pod", "default", "plain");
    let requests = &twin["spec"]["containers"][0]["resources"]["requests"];
    assert_eq!(requests, &json!({"cpu": "50m", "memory": "64Mi"}));
    // 200m are the control plane's.
    let used = |resource: &str| {
        let quota = cluster.host_get(&format!("resourcequota vc-{name}"));
        quota["status"]["used"][resource]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    until("the host has counted", || used("pods") == "2");
    cluster.apply(&pod("large", &json!({"requests": {"cpu": "800m"}})));
    cluster.told("default", "large", "HostRefused", "exceeded quota");
    cluster.kubectl("delete pod plain").ok();
    // There is room now: what waited is made without anybody's doing.
    cluster.running("default", "large");

    let list = cluster
        .sandbox
        .vc(&format!("list -n {namespace} -o wide"))
        .ok();
    let list = list.output();
    assert!(list.contains("pods=3,cpu=1,memory=2Gi"), "{list}");
    let refused = cluster
        .sandbox
        .vc(&format!("create second -n {namespace} --ephemeral"));
    refused
        .exits(7)
        .says(&format!("has the quota of virtual cluster `{name}`"));
    cluster
        .sandbox
        .vc(&format!("delete {name} -n {namespace}"))
        .ok();
    assert_eq!(cluster.sandbox.objects(namespace), Vec::<String>::new());
    let bounds = cluster.host("get resourcequotas,limitranges -o name").ok();
    assert_eq!(bounds.output(), "");
}

#[test]
fn a_quota_takes_a_namespace_of_its_own_and_the_right_to_set_one() {
    let sandbox = Sandbox::new("quotaright");
    let (home, namespace) = (sandbox.namespace("home"), sandbox.namespace("quotaright"));
    let name = sandbox.name("quotaright");
    let create = format!("create {name} -n {namespace} --ephemeral --quota pods=9");
    sandbox
        .host(&format!("-n {namespace} apply -f -"))
        .stdin(&pod("stranger", &json!({})).to_string())
        .ok();
    let refused = sandbox.vc(&create).exits(7);
    refused.says("a quota counts everything in a namespace, and pod `stranger` is in");
    sandbox
        .host(&format!("-n {namespace} delete pod stranger"))
        .ok();
    sandbox.become_account(&home, "eve");
    sandbox
        .host(&format!(
            "-n {namespace} create rolebinding eve --clusterrole=admin --serviceaccount={home}:eve"
        ))
        .ok();
    let refused = sandbox.vc(&create).exits(4);
    for resource in ["resourcequotas", "limitranges"] {
        for verb in ["create", "patch", "deletecollection"] {
            let right = format!("{verb} {resource} in namespace `{namespace}`");
            assert!(refused.stderr.contains(&right), "{right}: {refused}");
        }
    }
    // An administrator of the namespace may isolate.
    sandbox
        .vc(&format!(
            "create {name} -n {namespace} --ephemeral --isolate --dry-run=server"
        ))
        .ok();
    assert_eq!(
        sandbox.objects(&namespace),
        ["rolebinding.rbac.authorization.k8s.io/eve"]
    );
}

/// The host of these tests enforces nothing; what policies mean is tested where they are rendered. Here it
/// is that they are about the right pods.
#[test]
fn an_isolated_cluster_has_policies_about_its_own_pods_until_it_is_deleted() {
    let cluster = Cluster::create("isolate", "--ephemeral --isolate");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let mut disguised = pod("plain", &json!({}));
    disguised["metadata"]["labels"] = json!({"vc.internal/component": "control-plane"});
    cluster.apply(&disguised);
    cluster.running("default", "plain");
    let twin = cluster.twin("pod", "default", "plain");
    let selected = |policy: &str| {
        let policy = cluster.host_get(&format!("networkpolicy {policy}"));
        let selector = &policy["spec"]["podSelector"];
        let equal = selector["matchLabels"].as_object().unwrap().iter();
        let equal = equal.map(|(key, value)| format!("{key}={}", value.as_str().unwrap()));
        let exists = selector["matchExpressions"]
            .as_array()
            .into_iter()
            .flatten();
        let exists = exists.map(|one| one["key"].as_str().unwrap().to_owned());
        let selector: Vec<String> = equal.chain(exists).collect();
        let pods = cluster.host(&format!("get pods -o name -l {}", selector.join(",")));
        pods.ok().output().to_owned()
    };
    let twin = twin["metadata"]["name"].as_str().unwrap();
    assert_eq!(
        selected(&format!("vc-{name}-workload")),
        format!("pod/{twin}")
    );
    assert_eq!(selected(&format!("vc-{name}")), format!("pod/vc-{name}-0"));
    let list = format!("list -n {namespace} -o json");
    let list = cluster.sandbox.vc(&list).ok().json();
    assert_eq!(list[0]["isolated"], true, "{list}");
    cluster
        .sandbox
        .vc(&format!("delete {name} -n {namespace}"))
        .ok();
    let left = cluster.host("get networkpolicies -o name").ok();
    assert_eq!(left.output(), "");
}
