//! What is done inside that takes a right, one verb at a time.
//!
//! Of each kind there is one object for each verb that takes one: `changed`, `deleted`, and `lost`, whose host
//! object somebody takes our labels from.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::{METRICS, Right, Trial};
use crate::harness::{AGNHOST, Cluster, until};

/// Kinds that have a host object of which a watch tells.
const WATCHED: [&str; 8] = [
    "pod",
    "configmap",
    "secret",
    "persistentvolumeclaim",
    "service",
    "ingress",
    "networkpolicy",
    "poddisruptionbudget",
];

/// How long an answer may take that is a refusal.
const SOON: Duration = Duration::from_secs(30);

/// A pod that waits, with more of a spec.
fn pod(name: &str, more: &Value) -> Value {
    let mut spec = json!({
        "terminationGracePeriodSeconds": 1,
        "containers": [{"name": "main", "image": AGNHOST, "args": ["pause"],
            "resources": {"requests": {"cpu": "10m"}}}],
    });
    let fields = spec.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
}

/// Pods that run from the beginning. What the host refuses of a pod is the last thing that is written of it for
/// now, so each change has a pod of its own.
const PODS: [&str; 7] = [
    "user", "changed", "resized", "gated", "deleted", "lost", "gone",
];

/// The pod that uses all ConfigMaps and Secrets there will be, whose streams are asked for, and which is debugged.
fn user() -> Value {
    let names = ["changed", "deleted", "lost", "new"];
    let volumes = names.iter().flat_map(|name| {
        [
            json!({"name": format!("c-{name}"), "configMap": {"name": name, "optional": true}}),
            json!({"name": format!("s-{name}"), "secret": {"secretName": name, "optional": true}}),
        ]
    });
    let volumes: Vec<Value> = volumes.collect();
    pod("user", &json!({ "volumes": volumes }))
}

/// One of each kind but pods and EndpointSlices.
fn others(name: &str) -> Vec<Value> {
    let object = |api: &str, kind: &str, more: Value| {
        let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}});
        let fields = object.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        object
    };
    let networking = "networking.k8s.io/v1";
    let spec = |spec: Value| json!({ "spec": spec });
    let storage =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}});
    let backend = json!({"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}});
    let budget = json!({"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}});
    vec![
        object("v1", "ConfigMap", json!({"data": {"a": "1"}})),
        object("v1", "Secret", json!({"stringData": {"a": "1"}})),
        object("v1", "PersistentVolumeClaim", spec(storage)),
        object("v1", "Service", spec(json!({"ports": [{"port": 80}]}))),
        object(networking, "Ingress", spec(backend)),
        object(
            networking,
            "NetworkPolicy",
            spec(json!({"podSelector": {}})),
        ),
        object("policy/v1", "PodDisruptionBudget", spec(budget)),
    ]
}

/// Endpoints that somebody has written down for Service `by-hand`: pod `user`.
fn slice(cluster: &Cluster, name: &str) -> Value {
    let address = cluster.get("pod user")["status"]["podIP"].clone();
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": "by-hand"}},
        "endpoints": [{"addresses": [address]}], "ports": [{"port": 80}],
    })
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

/// Makes what is changed and deleted later, while all rights are there.
pub(super) fn prepare(cluster: &Cluster) {
    let names = ["changed", "deleted", "lost"];
    let mut items: Vec<Value> = names.iter().flat_map(|name| others(name)).collect();
    let gates = json!({"readinessGates": [{"conditionType": "example.com/gate"}]});
    items.extend(PODS.map(|name| match name {
        "user" => user(),
        "gated" => pod(name, &gates),
        _ => pod(name, &json!({})),
    }));
    items.push(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "by-hand"}, "spec": {"ports": [{"port": 80}]},
    }));
    cluster.kubectl("create -f -").stdin(&list(&items)).ok();
    for name in PODS {
        until("it runs", || {
            cluster.get(&format!("pod {name}"))["status"]["phase"] == "Running"
        });
    }
    let slices = names.map(|name| slice(cluster, name));
    let slices = list(&slices);
    cluster.kubectl("create -f -").stdin(&slices).ok();
    let without_pods = WATCHED.into_iter().skip(1);
    for kind in without_pods.chain(["endpointslice"]) {
        for name in names {
            cluster.twin(kind, "default", name);
        }
    }
    await_metrics(cluster);
}

/// Figures of pods, by verb.
fn figures(verb: &str) -> String {
    let one = if verb == "get" { "/user" } else { "" };
    format!("get --raw /apis/{METRICS}/v1beta1/namespaces/default/pods{one}")
}

/// Waits until somebody who asks for figures of pods gets them.
pub(super) fn await_metrics(cluster: &Cluster) {
    until("figures of pods", || {
        let asked = ["list", "get"].map(|verb| cluster.kubectl(&figures(verb)).run());
        asked.iter().all(|done| done.code == 0)
    });
}

/// Does what takes a verb.
pub(super) fn of(trial: &mut Trial<'_>, verb: &str) {
    match verb {
        "create" => create(trial),
        "update" => update(trial),
        "patch" => patch(trial),
        "delete" => delete(trial),
        "get" => get(trial),
        other => panic!("nothing is known that takes `{other}`"),
    }
}

fn create(trial: &mut Trial<'_>) {
    let cluster = trial.cluster;
    let mut items = others("new");
    items.push(slice(cluster, "new"));
    items.push(pod("new", &json!({})));
    let create = cluster.kubectl("create -f -").stdin(&list(&items));
    trial.hear(&create.run().stderr);
    for line in [
        "exec user -- true",
        "attach user",
        "port-forward pod/user :80",
    ] {
        let done = cluster.kubectl(line).within(SOON).run();
        trial.hear(&done.stderr);
    }
}

fn update(trial: &mut Trial<'_>) {
    for (kind, field) in [("configmap", "data"), ("secret", "stringData")] {
        change(
            trial,
            &format!("{kind} changed --type=merge"),
            &json!({field: {"a": "2"}}),
        );
    }
}

fn patch(trial: &mut Trial<'_>) {
    let container = json!([{"name": "debug", "image": AGNHOST, "args": ["pause"]}]);
    let larger = json!([{"name": "main", "resources": {"requests": {"cpu": "20m"}}}]);
    let condition = json!([{"type": "example.com/gate", "status": "True"}]);
    let backend = json!({"service": {"name": "x", "port": {"number": 81}}});
    let labels = json!({"metadata": {"labels": {"a": "b"}}});
    for (what, patch) in [
        ("pod changed", labels.clone()),
        (
            "pod user --subresource=ephemeralcontainers",
            json!({"spec": {"ephemeralContainers": container}}),
        ),
        (
            "pod resized --subresource=resize",
            json!({"spec": {"containers": larger}}),
        ),
        (
            "pod gated --subresource=status",
            json!({"status": {"conditions": condition}}),
        ),
        ("persistentvolumeclaim changed", labels),
        (
            "service changed --type=merge",
            json!({"spec": {"ports": [{"port": 81}]}}),
        ),
        (
            "endpointslice changed --type=merge",
            json!({"ports": [{"port": 81}]}),
        ),
        (
            "ingress changed",
            json!({"spec": {"defaultBackend": backend}}),
        ),
        (
            "networkpolicy changed",
            json!({"spec": {"podSelector": {"matchLabels": {"a": "b"}}}}),
        ),
        (
            "poddisruptionbudget changed",
            json!({"spec": {"minAvailable": 2}}),
        ),
    ] {
        change(trial, what, &patch);
    }
}

fn change(trial: &mut Trial<'_>, what: &str, patch: &Value) {
    let call = trial.cluster.kubectl(&format!("patch {what} -p"));
    let done = call.arg(&patch.to_string()).run();
    trial.hear(&done.stderr);
}

fn delete(trial: &mut Trial<'_>) {
    for kind in WATCHED.into_iter().chain(["endpointslice"]) {
        let line = format!("delete {kind} deleted --wait=false");
        let done = trial.cluster.kubectl(&line).run();
        trial.hear(&done.stderr);
    }
}

/// What is not where it was is read before it is taken for missing; a stream and a figure are read, too.
fn get(trial: &mut Trial<'_>) {
    let cluster = trial.cluster;
    for kind in WATCHED {
        let twin = cluster.twin(kind, "default", "lost");
        let twin = twin["metadata"]["name"].as_str().unwrap();
        let line = format!("label {kind} {twin} vc.internal/cluster- vc.internal/namespace-");
        cluster.host(&line).ok();
    }
    change(
        trial,
        "endpointslice lost --type=merge",
        &json!({"ports": [{"port": 81}]}),
    );
    // Whether a pod went alone, or its namespace goes, is asked when somebody has deleted one on the host.
    let twin = cluster.twin("pod", "default", "gone");
    let twin = twin["metadata"]["name"].as_str().unwrap().to_owned();
    cluster
        .host(&format!("delete pod {twin} --wait=false"))
        .ok();
    let log = cluster.kubectl("logs user").run();
    trial.hear(&log.stderr);
    by_websocket(trial);
    for verb in ["list", "get"] {
        if cluster.kubectl(&figures(verb)).run().code != 0 {
            trial.missed.insert(Right::new(verb, "pods", METRICS));
        }
    }
}

/// Asks for streams as a client does that speaks WebSocket alone, and none of its later protocols, which an API
/// server makes another request of.
fn by_websocket(trial: &mut Trial<'_>) {
    let proxy = trial
        .cluster
        .kubectl("proxy --port=0 --disable-filter")
        .start();
    assert!(proxy.prints("Starting to serve on "));
    assert!(proxy.prints("\n"));
    let said = proxy.output();
    let address = said.trim().rsplit(' ').next().unwrap();
    for stream in [
        "exec?command=true&container=main&stdout=true",
        "attach?container=main&stdout=true",
        "portforward?ports=80",
    ] {
        let path = format!("/api/v1/namespaces/default/pods/user/{stream}");
        let answer = ask(address, &path);
        trial.hear(&answer);
    }
}

/// What is answered to somebody who asks for a WebSocket: all that comes of a refusal.
fn ask(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(SOON)).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    let (mut answer, mut chunk) = (String::new(), [0; 4096]);
    while !answer.contains(" 101 ") && !answer.contains(" in the namespace ") {
        match connection.read(&mut chunk) {
            Ok(count) if count > 0 => answer += &String::from_utf8_lossy(&chunk[..count]),
            _ => break,
        }
    }
    answer
}
