//! The syncer's Role has nothing that is not needed: without any one of its rules something does not work.

use serde_json::{Value, json};

use crate::harness::{AGNHOST, Cluster, until};

/// Group of the figures of pods.
const METRICS: &str = "metrics.k8s.io";
/// The right to them.
const PODS_METRICS: &str = "pods.metrics.k8s.io";

/// A pod that waits, with more of a spec.
fn pod(name: &str, more: &Value) -> Value {
    let mut spec = json!({
        "terminationGracePeriodSeconds": 1,
        "containers": [{"name": "main", "image": AGNHOST, "args": ["pause"],
            "resources": {"requests": {"cpu": "10m"}}}],
    });
    let fields = spec.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec})
}

/// Whether a command is refused because the syncer lacks a right.
fn is_refused(cluster: &Cluster, line: &str) -> bool {
    let done = cluster.kubectl(line).run();
    done.code != 0 && done.stderr.contains("forbidden")
}

/// Whether somebody who asks for figures of pods gets an answer.
fn has_metrics(cluster: &Cluster) -> bool {
    let path = format!("get --raw /apis/{METRICS}/v1beta1/namespaces/default/pods");
    cluster.kubectl(&path).run().code == 0
}

/// Makes a pod that uses a ConfigMap, a Secret and a readiness gate, while all rights are there.
fn prepare(cluster: &Cluster) {
    for line in [
        "create configmap used --from-literal=a=1",
        "create secret generic used --from-literal=a=1",
    ] {
        cluster.kubectl(line).ok();
    }
    cluster.apply(&pod(
        "user",
        &json!({
            "readinessGates": [{"conditionType": "example.com/gate"}],
            "volumes": [
                {"name": "c", "configMap": {"name": "used"}},
                {"name": "s", "secret": {"secretName": "used"}},
            ],
        }),
    ));
    cluster.apply(&pod("lost", &json!({})));
    for name in ["user", "lost"] {
        until("it runs", || {
            cluster.get(&format!("pod {name}"))["status"]["phase"] == "Running"
        });
    }
}

/// What is done inside that takes a rule, by the first resource of the rule. Each is new each time.
fn use_right(cluster: &Cluster, resource: &str) {
    let patch = |line: &str, patch: &Value| {
        cluster.kubectl(line).arg(&patch.to_string()).run();
    };
    match resource {
        "pods" => cluster.apply(&pod("new", &json!({}))),
        "configmaps" => patch("patch configmap used --type=merge -p", &json!({"data": {"a": "2"}})),
        "secrets" => patch("patch secret used --type=merge -p", &json!({"stringData": {"a": "2"}})),
        "persistentvolumeclaims" => cluster.apply(&json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "new", "namespace": "default"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
        })),
        // Whether one pod went or the namespace goes is asked when a pod goes by hand.
        "namespaces" => {
            let twin = cluster.twin("pod", "default", "lost");
            let name = twin["metadata"]["name"].as_str().unwrap().to_owned();
            cluster.host(&format!("delete pod {name} --wait=false")).ok();
        }
        "pods/ephemeralcontainers" => {
            let container = json!([{"name": "debug", "image": AGNHOST, "args": ["pause"]}]);
            let more = json!({"spec": {"ephemeralContainers": container}});
            patch("patch pod user --subresource=ephemeralcontainers -p", &more);
        }
        "pods/resize" => {
            let container = json!([{"name": "main", "resources": {"requests": {"cpu": "20m"}}}]);
            let more = json!({"spec": {"containers": container}});
            patch("patch pod user --subresource=resize -p", &more);
        }
        "pods/status" => {
            let condition = json!([{"type": "example.com/gate", "status": "True"}]);
            let more = json!({"status": {"conditions": condition}});
            patch("patch pod user --subresource=status -p", &more);
        }
        "endpointslices" => {
            cluster.apply(&json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "by-hand", "namespace": "default"},
                "spec": {"ports": [{"port": 80}]},
            }));
            let address = cluster.get("pod user")["status"]["podIP"].clone();
            cluster.apply(&json!({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": "by-hand", "namespace": "default",
                    "labels": {"kubernetes.io/service-name": "by-hand"}},
                "endpoints": [{"addresses": [address]}], "ports": [{"port": 80}],
            }));
        }
        "ingresses" => cluster.apply(&json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "new", "namespace": "default"},
            "spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}},
        })),
        "networkpolicies" => cluster.apply(&json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "new", "namespace": "default"}, "spec": {"podSelector": {}},
        })),
        "poddisruptionbudgets" => cluster.apply(&json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "new", "namespace": "default"},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}},
        })),
        // The watch ends by itself, and cannot begin again. Figures are asked for.
        "events" | PODS_METRICS => {}
        other => panic!("no use of `{other}` is known"),
    }
}

/// Waits until what was done shows that the right is missing: to who did it, in an Event or in the log.
fn await_refusal(cluster: &Cluster, resource: &str) {
    let named = [
        format!("resource \"{resource}\""),
        format!("resource \\\"{resource}\\\""),
    ];
    let is_told = |line: &str| {
        line.contains("forbidden") && named.iter().any(|name| line.contains(name.as_str()))
    };
    until(
        &format!("without {resource} something is refused"),
        || match resource {
            "pods/log" => is_refused(cluster, "logs user"),
            "pods/exec" => is_refused(cluster, "exec user -- true"),
            PODS_METRICS => !has_metrics(cluster),
            "services" => is_refused(cluster, "create service clusterip refused --tcp=80"),
            _ => {
                let events = cluster.get("events")["items"].to_string();
                cluster.syncer_log().lines().any(is_told) || events.split("},{").any(is_told)
            }
        },
    );
}

/// Whether the syncer's account has the first right of a rule.
fn is_allowed(cluster: &Cluster, rule: &Value) -> bool {
    let text = |field: &str| rule[field][0].as_str().unwrap();
    let (kind, part) = text("resources")
        .split_once('/')
        .unwrap_or((text("resources"), ""));
    let group = match text("apiGroups") {
        "" => String::new(),
        group => format!(".{group}"),
    };
    let account = format!(
        "system:serviceaccount:{}:vc-{}",
        cluster.namespace, cluster.name
    );
    let part = match part {
        "" => String::new(),
        part => format!("--subresource={part}"),
    };
    let line = format!(
        "auth can-i {} {kind}{group} {part} --as={account}",
        text("verbs")
    );
    let line = line.replace("  ", " ");
    cluster.host(&line).run().output() == "yes"
}

#[test]
fn without_any_one_rule_of_the_role_something_does_not_work() {
    let cluster = Cluster::create("least", "--ephemeral");
    prepare(&cluster);
    until("figures of pods", || has_metrics(&cluster));
    let role = format!("role vc-{}", cluster.name);
    let rules = cluster.host_get(&role)["rules"].clone();
    let rules = rules.as_array().unwrap();
    let set = |rules: &[Value]| {
        let patch = json!({"rules": rules});
        cluster
            .host(&format!("patch {role} --type=merge -p"))
            .arg(&patch.to_string())
            .ok();
    };
    let first = |rule: &Value| {
        let resource = rule["resources"][0].as_str().unwrap();
        match rule["apiGroups"][0].as_str().unwrap() {
            METRICS => format!("{resource}.{METRICS}"),
            _ => resource.to_owned(),
        }
    };
    assert!(rules.len() >= 16, "{rules:?}");
    // That the rule for Events is gone shows by itself, late: it goes first and is looked for last.
    let others: Vec<Value> = rules
        .iter()
        .filter(|rule| first(rule) != "events")
        .cloned()
        .collect();
    for (index, rule) in others.iter().enumerate() {
        let mut without = others.clone();
        without.remove(index);
        set(&without);
        let resource = first(rule);
        if !matches!(resource.as_str(), "pods/log" | "pods/exec" | "services") {
            // The host's authorizer learns of a Role's change by a watch.
            until("the host knows", || !is_allowed(&cluster, rule));
            use_right(&cluster, &resource);
        }
        await_refusal(&cluster, &resource);
    }
    await_refusal(&cluster, "events");
    set(rules);
}
