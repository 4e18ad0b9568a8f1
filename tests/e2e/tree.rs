//! Which object is which, from both sides: `vc tree` and `vc where`.

use serde_json::{Value, json};

use crate::harness::{Cluster, Sandbox, agent};

fn manifest() -> Value {
    let template = json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [agent()]},
    });
    let mut pod = template.clone();
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    pod["metadata"] = json!({"name": "alone"});
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template},
    });
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    });
    json!({"apiVersion": "v1", "kind": "List", "items": [deployment, service, pod]})
}

fn objects(forest: &Value) -> &Vec<Value> {
    assert_eq!(
        forest["namespaces"].as_array().unwrap().len(),
        1,
        "{forest:#}"
    );
    forest["namespaces"][0]["objects"].as_array().unwrap()
}

#[test]
fn a_tree_leads_from_a_deployment_to_its_host_pod_and_where_leads_back() {
    let cluster = Cluster::shared("tree");
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let vc = |line: &str| cluster.sandbox.vc(line);
    cluster.kubectl("create namespace tree").ok();
    cluster.has_account("tree");
    cluster
        .kubectl("-n tree create -f -")
        .stdin(&manifest().to_string())
        .ok();
    cluster
        .kubectl("-n tree wait --for=condition=Available deployment/web --timeout=90s")
        .ok();
    cluster.running("tree", "alone");

    let forest = vc("tree -n tree -o json").ok().json();
    let kinds: Vec<&str> = objects(&forest)
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Deployment", "Pod", "Service"], "{forest:#}");
    let pod = &objects(&forest)[0]["children"][0]["children"][0];
    let virtual_pod = pod["name"].as_str().unwrap();
    let host_pod = pod["host"]["name"].as_str().unwrap();
    let twin = cluster.twin("pod", "tree", virtual_pod);
    assert_eq!(twin["metadata"]["name"], host_pod, "{forest:#}");
    assert_eq!(pod["node"], twin["spec"]["nodeName"], "{forest:#}");
    assert_eq!(
        forest["nodes"][0]["name"], twin["spec"]["nodeName"],
        "{forest:#}"
    );
    let service = &objects(&forest)[2]["host"]["name"];
    let text = vc(&format!("tree {namespace}/{name} -n tree")).ok();
    for part in [
        virtual_pod,
        host_pod,
        "deployment/web",
        "1/1 ready",
        "node/",
    ] {
        assert!(text.stdout.contains(part), "{part}: {text}");
    }
    assert!(!text.stdout.contains('\u{1b}'), "{text}");
    for (format, edge) in [("mermaid", "-.->"), ("dot", "->")] {
        let graph = vc(&format!("tree -n tree -o {format}")).ok();
        assert!(
            graph.stdout.contains(host_pod) && graph.stdout.contains(edge),
            "{graph}"
        );
    }

    let found = vc(&format!("where {host_pod} -n {namespace} -o json"))
        .ok()
        .json();
    let expected = json!({"kind": "Pod", "namespace": "tree", "name": virtual_pod});
    assert_eq!(found["virtual"], expected, "{found:#}");
    assert_eq!(found["cluster"], name.as_str(), "{found:#}");
    assert_eq!(found["clusterExists"], true, "{found:#}");
    let command = format!("kubectl -n tree describe pod {virtual_pod}");
    assert_eq!(found["next"][0], command.as_str(), "{found:#}");
    let service = service.as_str().unwrap();
    let page = vc(&format!("where svc/{service} -n {namespace}")).ok();
    assert!(
        page.stdout.contains("service/web in namespace tree"),
        "{page}"
    );
    let slice = cluster.twin("pod", "tree", "alone");
    let secret = slice["spec"]["volumes"].as_array().unwrap().iter();
    let mut secrets = secrets(secret);
    if let Some(tokens) = secrets.next() {
        let page = vc(&format!("where secret/{tokens} -n {namespace}")).ok();
        assert!(page.stdout.contains("the tokens of pod/alone"), "{page}");
    }
    let own = vc(&format!("where vc-{name}-0 -n {namespace}")).ok();
    assert!(own.stdout.contains("the control plane"), "{own}");

    // Without a namespace it is looked for everywhere.
    let found = vc(&format!("where {host_pod} -o json")).ok().json();
    assert_eq!(found["host"]["namespace"], namespace.as_str(), "{found:#}");
    vc(&format!("where absent -n {namespace}")).exits(5);
    let foreign = Sandbox::new("foreign");
    let elsewhere = foreign.namespace("foreign");
    foreign
        .vc(&format!("where cm/kube-root-ca.crt -n {elsewhere}"))
        .exits(5)
        .says("it is not of a virtual cluster");
    cluster.kubectl("delete namespace tree --wait=false").ok();
}

/// The Secrets in the projected volumes of a host pod.
fn secrets<'a>(volumes: impl Iterator<Item = &'a Value>) -> impl Iterator<Item = &'a str> {
    let sources = volumes.filter_map(|volume| volume["projected"]["sources"].as_array());
    let secrets = sources.flatten().map(|source| &source["secret"]["name"]);
    secrets.filter_map(Value::as_str)
}
