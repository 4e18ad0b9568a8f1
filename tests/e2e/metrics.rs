//! `kubectl top` and HorizontalPodAutoscalers inside: by the host's metrics, of one's own pods alone.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{BUSYBOX, Cluster, Sandbox, Space, until, within};

/// How long what goes by way of two hosts may take, on a machine that does much else.
const SLOW: Duration = Duration::from_mins(5);

const API_SERVICE: &str = "v1beta1.metrics.k8s.io";
const ROOT: &str = "/apis/metrics.k8s.io/v1beta1";

/// A Deployment whose one container takes what it gets, up to its limit.
fn busy(name: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}, team: blue}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: busy
        image: {BUSYBOX}
        command: [sh, -c, 'while true; do :; done']
        resources: {{requests: {{cpu: 20m, memory: 8Mi}}, limits: {{cpu: 100m, memory: 32Mi}}}}
"
    )
}

fn await_api(sandbox: &Sandbox) {
    until("the API is there", || {
        let get = format!(
            "get apiservice {API_SERVICE} -o jsonpath={{.status.conditions[?(@.type==\"Available\")].status}}"
        );
        let done = sandbox.kubectl(&get).run();
        done.code == 0 && done.output() == "True"
    });
}

/// Names of the pods that a list has, with their namespaces.
fn pods(sandbox: &Sandbox, path: &str) -> Vec<String> {
    let list = sandbox.kubectl(&format!("get --raw {ROOT}/{path}")).ok();
    let list = list.json();
    assert_eq!(list["kind"], "PodMetricsList", "{list}");
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let part = |field: &str| item["metadata"][field].as_str().unwrap();
            format!("{}/{}", part("namespace"), part("name"))
        })
        .collect()
}

fn pod_of(space: &Space, app: &str) -> String {
    space.field(&format!("pods -l app={app}"), ".items[0].metadata.name")
}

fn nanos(cpu: &str) -> u64 {
    let number: String = cpu.chars().take_while(char::is_ascii_digit).collect();
    let number: u64 = number.parse().unwrap();
    match &cpu[cpu.len() - 1..] {
        "n" => number,
        "u" => number * 1_000,
        "m" => number * 1_000_000,
        _ => number * 1_000_000_000,
    }
}

#[test]
fn two_side_by_side_see_the_usage_of_their_own_pods_alone() {
    let sandbox = Sandbox::new("top");
    let namespace = sandbox.namespace("top");
    let one = Space::create(sandbox, "top", &namespace);
    let other = Space::create(Sandbox::new("top"), "top", &namespace);
    for (space, app) in [(&one, "first"), (&other, "second")] {
        space.create_from(&busy(app));
        await_api(space);
    }
    for (space, app) in [(&one, "first"), (&other, "second")] {
        let path = format!("namespaces/{}/pods", space.name);
        until("the host has figures", || pods(space, &path).len() == 1);
        let pod = pod_of(space, app);
        let mine = [format!("{}/{pod}", space.name)];
        assert_eq!(pods(space, "pods"), mine);
        check_selectors(space, &mine, app);
        let top = space.kubectl("top pods --containers --no-headers").ok();
        let words: Vec<&str> = top.output().split_whitespace().collect();
        assert_eq!(words[..2], [pod.as_str(), "busy"]);

        let one_path = format!("get --raw {ROOT}/{path}/{pod}");
        let told = space.kubectl(&one_path).ok().json();
        assert_eq!(told["metadata"]["labels"]["team"], "blue");
        let labels = told["metadata"]["labels"].to_string();
        assert!(!labels.contains("vc.internal"), "{labels}");
        let missing = space.kubectl(&format!("get --raw {ROOT}/{path}/none"));
        missing.exits(1).says("\"top/none\" not found");
        check_nodes(space, &told);
    }
    // The control plane's and the other's pods are on the same node, and none of these.
    let on_host = format!("get --raw {ROOT}/namespaces/{namespace}/pods");
    let on_host = one.host(&on_host).ok().json();
    assert!(on_host["items"].as_array().unwrap().len() >= 4, "{on_host}");
}

fn check_selectors(space: &Space, mine: &[String], app: &str) {
    let none: [String; 0] = [];
    let path = format!("namespaces/{}/pods", space.name);
    for (query, expected) in [
        (format!("labelSelector=app={app},team+in+(blue,red)"), mine),
        ("labelSelector=app=third".to_owned(), &none),
        (
            format!("fieldSelector=metadata.namespace={}", space.name),
            mine,
        ),
        ("fieldSelector=metadata.name=none".to_owned(), &none),
    ] {
        assert_eq!(pods(space, &format!("{path}?{query}")), expected, "{query}");
    }
    assert_eq!(pods(space, "namespaces/kube-system/pods"), none);
}

/// Without `--sync-nodes` a node uses what the own pods on it use.
fn check_nodes(space: &Space, pod: &Value) {
    let nodes = space
        .kubectl(&format!("get --raw {ROOT}/nodes"))
        .ok()
        .json();
    let items = nodes["items"].as_array().unwrap();
    let node = space.get("pods")["items"][0]["spec"]["nodeName"].clone();
    let node = items
        .iter()
        .find(|item| item["metadata"]["name"] == node)
        .unwrap();
    // The host may have measured anew meanwhile.
    let limit = 200_000_000;
    for usage in [&node["usage"], &pod["containers"][0]["usage"]] {
        let used = nanos(usage["cpu"].as_str().unwrap());
        assert!((1..limit).contains(&used), "{usage}");
    }
    let top = space.kubectl("top nodes --no-headers").ok();
    assert!(!top.output().contains("unknown"), "{top}");
}

#[test]
fn an_autoscaler_scales_by_the_usage_of_cpu() {
    let space = Space::new("autoscaler");
    space.create_from(&busy("scaled"));
    space
        .kubectl("autoscale deployment scaled --min=1 --max=2 --cpu=50%")
        .ok();
    until("there are two", || {
        space.field("deployment scaled", ".spec.replicas") == "2"
    });
    let condition = ".status.conditions[?(@.type==\"ScalingActive\")].status";
    assert_eq!(space.field("hpa scaled", condition), "True");
}

#[test]
fn with_sync_nodes_a_node_uses_what_the_host_says_of_it() {
    let cluster = Cluster::create("topnodes", "--ephemeral --sync-nodes");
    await_api(&cluster.sandbox);
    let raw = format!("get --raw {ROOT}/nodes");
    let memory = |list: &Value| {
        let text = list["items"][0]["usage"]["memory"].as_str().unwrap();
        text.trim_end_matches("Ki").parse::<u64>().unwrap()
    };
    let inside = cluster.kubectl(&raw).ok().json();
    let on_host = cluster.host(&raw).ok().json();
    assert_eq!(
        inside["items"].as_array().unwrap().len(),
        on_host["items"].as_array().unwrap().len()
    );
    // There is no pod in this cluster: half of what the whole node uses can come from the host alone.
    assert!(memory(&inside) * 2 > memory(&on_host), "{inside}");
}

#[test]
fn nobody_but_the_api_server_is_answered_and_a_namespace_is_deleted_as_before() {
    let cluster = Cluster::create("topdoor", "--ephemeral");
    await_api(&cluster.sandbox);
    let address =
        "get pod -l vc.internal/component=control-plane -o jsonpath={.items[0].status.podIP}";
    let address = cluster.host(address).ok().output().to_owned();
    let dialled = std::net::TcpStream::connect((address.as_str(), 10252));
    assert!(dialled.is_err(), "port 10252 of {address} is open");
    // Another APIService of the user's own leads to the same port, with the same certificate: the paths of
    // its group are no paths here.
    cluster.apply(&json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": "v1.other.example"},
        "spec": {
            "group": "other.example", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1,
            "insecureSkipTLSVerify": true,
            "service": {"namespace": "kube-system", "name": "vc-metrics", "port": 10252},
        },
    }));
    until("the other group leads here and to nothing", || {
        let other = cluster.get("apiservice v1.other.example");
        let told = other["status"]["conditions"][0]["message"].as_str();
        told.is_some_and(|told| told.contains(":10252/apis/other.example/v1: 404"))
    });
    cluster.kubectl("delete apiservice v1.other.example").ok();
    // Who may not see pods of a namespace may not see what they use.
    let as_nobody = format!("get --raw {ROOT}/pods --as=nobody");
    cluster.kubectl(&as_nobody).exits(1).says("forbidden");
    cluster.kubectl("create namespace going").ok();
    cluster.kubectl("delete namespace going --timeout=60s").ok();
}

/// The manifest that metrics-server comes with, as far as the API server looks at it.
fn own_metrics_server() -> String {
    json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": API_SERVICE, "labels": {"k8s-app": "metrics-server"}},
        "spec": {
            "group": "metrics.k8s.io", "version": "v1beta1",
            "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": true,
            "service": {"namespace": "kube-system", "name": "metrics-server"},
        },
    })
    .to_string()
}

#[test]
fn a_metrics_server_of_the_users_own_takes_the_place_and_keeps_it() {
    let cluster = Cluster::create("topown", "--ephemeral");
    await_api(&cluster.sandbox);
    cluster
        .kubectl("apply -f -")
        .stdin(&own_metrics_server())
        .ok();
    let spec = || cluster.get(&format!("apiservice {API_SERVICE}"))["spec"].clone();
    let own = json!({"namespace": "kube-system", "name": "metrics-server", "port": 443});
    assert_eq!(spec()["service"], own);
    // That the Service goes makes the syncer look.
    cluster
        .kubectl("-n kube-system delete service vc-metrics")
        .ok();
    until("the syncer has looked", || {
        cluster
            .syncer_log()
            .contains("is somebody else's: left alone")
    });
    assert_eq!(spec()["service"], own);
    let service = "-n kube-system get service vc-metrics --ignore-not-found -o name";
    assert_eq!(cluster.kubectl(service).ok().output(), "");
}

#[test]
fn what_was_deleted_stays_away_until_it_is_wanted_back() {
    let cluster = Cluster::create("topback", "--ephemeral");
    await_api(&cluster.sandbox);
    let delete = format!("delete apiservice {API_SERVICE}");
    cluster.kubectl(&delete).ok();
    cluster
        .kubectl("-n kube-system delete service vc-metrics")
        .ok();
    await_api(&cluster.sandbox);
    let service = "-n kube-system get service vc-metrics -o name";
    assert_eq!(cluster.kubectl(service).ok().output(), "service/vc-metrics");
}

/// What the space's own pods use, or why that is not told.
fn told(space: &Space) -> Result<Vec<String>, String> {
    let get = format!("get --raw {ROOT}/namespaces/{}/pods", space.name);
    let done = space.kubectl(&get).run();
    if done.code != 0 {
        return Err(done.stderr);
    }
    let list = done.json();
    let items = list["items"].as_array().unwrap().iter();
    let names = items.map(|item| item["metadata"]["name"].as_str().unwrap().to_owned());
    Ok(names.collect())
}

#[test]
fn a_nested_cluster_has_figures_and_does_without_them_when_its_host_has_none_any_more() {
    let sandbox = Sandbox::new("topnest");
    let outer = sandbox.name("topnest");
    sandbox.vc(&format!("create {outer} --ephemeral")).ok();
    await_api(&sandbox);
    let space = Space::nested(sandbox, "topdeep");
    space.create_from(&busy("deep"));
    await_api(&space);
    let has_figures = || {
        let pod = pod_of(&space, "deep");
        told(&space).is_ok_and(|pods| pods == [pod])
    };
    within(SLOW, "the nested cluster has figures", has_figures);
    within(SLOW, "`kubectl top` shows them", || {
        let top = space.kubectl("top pods --no-headers").run();
        top.code == 0 && top.output().starts_with(&pod_of(&space, "deep"))
    });

    // The host of the nested cluster loses its metrics. The nested cluster has their API still, which says
    // that there are none: discovery is whole, and a namespace can be deleted.
    let of_host = format!("--context vc-{outer}");
    space
        .kubectl(&format!("{of_host} delete apiservice {API_SERVICE}"))
        .ok();
    within(SLOW, "there are no figures", || {
        told(&space).is_err_and(|said| said.contains("ServiceUnavailable"))
    });
    space.kubectl("top pods").exits(1);
    let resources = space.kubectl("api-resources -o name").ok();
    let resources = resources.lines();
    for resource in ["deployments.apps", "pods.metrics.k8s.io"] {
        assert!(resources.contains(&resource), "{resources:?}");
    }
    await_api(&space);
    space.kubectl("create namespace going").ok();
    space.kubectl("delete namespace going --timeout=150s").ok();

    // With the Service, too, deleted, that host has them again.
    space
        .kubectl(&format!(
            "{of_host} -n kube-system delete service vc-metrics"
        ))
        .ok();
    within(SLOW, "there are figures again", has_figures);
}
