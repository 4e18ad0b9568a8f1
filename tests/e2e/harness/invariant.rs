//! What holds between the two sides whenever it is quiet, whatever has happened before.
//!
//! Every live virtual pod has exactly one host twin with our marks, and the host's status; every host
//! twin has a live virtual owner; so has every claim; a ConfigMap, a Secret or a token is on the host as
//! long as a pod uses it, and the same there as here; a Service has one address and the same node ports;
//! nothing without our mark has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Cluster, PERIOD, agent};

/// Label of virtual pods that are expected never to reach the host.
const REFUSED: &str = "e2e/refused";

/// Objects of the host namespace that are not ours, with the versions that they had.
pub(crate) struct Foreign(BTreeMap<String, String>);

impl Foreign {
    /// Puts some there that have our labels, or look like the cluster's, but not its mark.
    pub(super) fn plant(cluster: &Cluster) -> Self {
        let metadata = |name: &str| {
            serde_json::json!({"name": name, "labels": {
                "vc.internal/cluster": cluster.name,
                "vc.internal/namespace": "default",
            }, "annotations": {
                "vc.internal/name": "calm",
                "vc.internal/virtual-namespace": "default",
                "vc.internal/cluster-uid": "another",
                "vc.internal/uid": "another",
            }})
        };
        let mut container = agent();
        container["command"] = serde_json::json!(["true"]);
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("foreign"), "data": {"a": "1"}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata("foreign"), "stringData": {"a": "1"}},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata("foreign"),
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}},
            {"apiVersion": "v1", "kind": "Service", "metadata": metadata("foreign"),
                "spec": {"clusterIP": "None"}},
            {"apiVersion": "v1", "kind": "Pod", "metadata": metadata("foreign"),
                "spec": {"restartPolicy": "Never", "containers": [container]}},
        ]});
        cluster.host("create -f -").stdin(&list.to_string()).ok();
        cluster
            .host("wait --for=jsonpath={.status.phase}=Succeeded pod/foreign --timeout=60s")
            .ok();
        Self(versions(&Sides::look(cluster)))
    }
}

/// All objects that count, of both sides.
struct Sides {
    cluster_uid: String,
    here: Vec<Value>,
    there: Vec<Value>,
}

impl Sides {
    fn look(cluster: &Cluster) -> Self {
        let items = |list: Value| list["items"].as_array().expect("a list").clone();
        Self {
            cluster_uid: cluster.uid().to_owned(),
            here: items(cluster.get("pods,configmaps,secrets,persistentvolumeclaims,services -A")),
            there: items(
                cluster.host_get("pods,configmaps,secrets,persistentvolumeclaims,services"),
            ),
        }
    }

    fn of<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
        objects.iter().filter(move |object| object["kind"] == kind)
    }

    fn twins<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        Self::of(&self.there, kind).filter(|object| self.is_ours(object))
    }

    /// What somebody has taken our label from is not ours any more, until something needs its name.
    fn is_ours(&self, object: &Value) -> bool {
        mark(object, "cluster-uid") == self.cluster_uid
            && !object["metadata"]["labels"]["vc.internal/namespace"].is_null()
    }
}

/// Versions of what is neither a twin nor the control plane's.
fn versions(sides: &Sides) -> BTreeMap<String, String> {
    let foreign = sides.there.iter().filter(|object| {
        let is_twin = mark(object, "cluster-uid") == sides.cluster_uid;
        let owners = object["metadata"]["ownerReferences"].as_array();
        let is_marker = object["metadata"]["uid"] == *sides.cluster_uid;
        !is_twin && !is_marker && owners.is_none_or(Vec::is_empty)
    });
    foreign
        .map(|object| {
            let metadata = &object["metadata"];
            let key = format!("{} {}", text(&object["kind"]), text(&metadata["name"]));
            (key, text(&metadata["resourceVersion"]).to_owned())
        })
        .collect()
}

/// Fails unless nothing is wrong within this long.
pub(super) fn holds(cluster: &Cluster, patience: Duration, foreign: &Foreign) {
    let began = Instant::now();
    loop {
        let looked = began.elapsed();
        let wrong = violations(&Sides::look(cluster), foreign);
        if wrong.is_empty() {
            return;
        }
        assert!(
            looked < patience,
            "out of step after {patience:?}:\n{}",
            wrong.join("\n")
        );
        std::thread::sleep(PERIOD);
    }
}

fn violations(sides: &Sides, foreign: &Foreign) -> Vec<String> {
    let mut wrong = Vec::new();
    pods(sides, &mut wrong);
    owners(sides, &mut wrong);
    claims(sides, &mut wrong);
    for kind in ["ConfigMap", "Secret"] {
        configs(sides, kind, &mut wrong);
    }
    services(sides, &mut wrong);
    let now = versions(sides);
    for (name, version) in &foreign.0 {
        match now.get(name) {
            None => wrong.push(format!("foreign {name} is gone")),
            Some(now) if now != version => wrong.push(format!("foreign {name} has changed")),
            Some(_) => {}
        }
    }
    wrong
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn mark<'a>(object: &'a Value, name: &str) -> &'a str {
    text(&object["metadata"]["annotations"][format!("vc.internal/{name}")])
}

fn key(object: &Value) -> String {
    let metadata = &object["metadata"];
    format!(
        "{}/{}",
        text(&metadata["namespace"]),
        text(&metadata["name"])
    )
}

fn virtual_key(twin: &Value) -> String {
    format!("{}/{}", mark(twin, "virtual-namespace"), mark(twin, "name"))
}

fn has_ended(pod: &Value) -> bool {
    matches!(text(&pod["status"]["phase"]), "Succeeded" | "Failed")
}

/// Whether a virtual pod must be on the host.
fn is_live(pod: &Value) -> bool {
    pod["metadata"]["deletionTimestamp"].is_null()
        && pod["metadata"]["labels"][REFUSED].is_null()
        && pod["spec"]["schedulingGates"].is_null()
        && !has_ended(pod)
}

fn pods(sides: &Sides, wrong: &mut Vec<String>) {
    for pod in Sides::of(&sides.here, "Pod") {
        let name = key(pod);
        let twins: Vec<&Value> = sides
            .twins("Pod")
            .filter(|twin| virtual_key(twin) == name)
            .collect();
        match (twins.as_slice(), is_live(pod)) {
            ([twin], _) => same_pod(pod, twin, wrong),
            ([], false) => {}
            (twins, is_live) => wrong.push(format!(
                "pod {name} has {} host pods, live {is_live}",
                twins.len()
            )),
        }
        if !pod["metadata"]["labels"][REFUSED].is_null() && !twins.is_empty() {
            wrong.push(format!("pod {name} is on the host"));
        }
    }
}

fn same_pod(pod: &Value, twin: &Value, wrong: &mut Vec<String>) {
    let name = key(pod);
    if mark(twin, "uid") != text(&pod["metadata"]["uid"]) {
        wrong.push(format!("the host pod of {name} is an earlier one's"));
        return;
    }
    for pointer in [
        "/status/phase",
        "/status/podIP",
        "/status/podIPs",
        "/status/hostIP",
        "/status/startTime",
        "/spec/nodeName",
    ] {
        let (here, there) = (pod.pointer(pointer), twin.pointer(pointer));
        if here != there {
            wrong.push(format!(
                "{pointer} of {name}: {here:?} instead of {there:?}"
            ));
        }
    }
    for kind in ["Ready", "ContainersReady", "PodScheduled", "Initialized"] {
        let of = |pod: &Value| {
            let all = pod["status"]["conditions"].as_array();
            let mut all = all.into_iter().flatten();
            all.find(|condition| condition["type"] == kind)
                .map(|condition| text(&condition["status"]).to_owned())
        };
        if of(pod) != of(twin) {
            wrong.push(format!("condition {kind} of {name}: {:?}", of(pod)));
        }
    }
    for list in ["containerStatuses", "initContainerStatuses"] {
        let (here, there) = (&pod["status"][list], &twin["status"][list]);
        if here != there {
            wrong.push(format!("{list} of {name}: {here} instead of {there}"));
        }
    }
    let labels = &twin["metadata"]["labels"];
    if text(&labels["vc.internal/namespace"]) != text(&pod["metadata"]["namespace"]) {
        wrong.push(format!("the host pod of {name} lacks our labels"));
    }
}

/// Every claim is on the host, with what was asked for, and says what the host says.
fn claims(sides: &Sides, wrong: &mut Vec<String>) {
    let kind = "PersistentVolumeClaim";
    let is_carried = |claim: &&Value| claim["metadata"]["labels"][REFUSED].is_null();
    for claim in Sides::of(&sides.here, kind).filter(is_carried) {
        let name = key(claim);
        let mut twins = sides
            .twins(kind)
            .filter(|twin| mark(twin, "uid") == text(&claim["metadata"]["uid"]));
        let Some(twin) = twins.next() else {
            wrong.push(format!("claim {name} is not on the host"));
            continue;
        };
        if twins.next().is_some() {
            wrong.push(format!("claim {name} is on the host twice"));
        }
        for pointer in ["/status", "/spec/accessModes", "/spec/resources/requests"] {
            let (here, there) = (claim.pointer(pointer), twin.pointer(pointer));
            if here != there {
                wrong.push(format!(
                    "{pointer} of claim {name}: {here:?} instead of {there:?}"
                ));
            }
        }
    }
}

fn owners(sides: &Sides, wrong: &mut Vec<String>) {
    let uids: BTreeSet<&str> = sides
        .here
        .iter()
        .map(|object| text(&object["metadata"]["uid"]))
        .collect();
    for twin in sides.there.iter().filter(|object| sides.is_ours(object)) {
        if !uids.contains(mark(twin, "uid")) {
            wrong.push(format!(
                "host {} {} has no virtual owner {}",
                text(&twin["kind"]),
                text(&twin["metadata"]["name"]),
                virtual_key(twin)
            ));
        }
    }
}

fn configs(sides: &Sides, kind: &str, wrong: &mut Vec<String>) {
    let mut used = BTreeSet::new();
    let mut with_tokens = BTreeSet::new();
    for pod in Sides::of(&sides.here, "Pod").filter(|pod| is_live(pod)) {
        let namespace = text(&pod["metadata"]["namespace"]);
        let names = names(kind, &pod["spec"]);
        used.extend(names.into_iter().map(|name| format!("{namespace}/{name}")));
        if pod["spec"].to_string().contains("\"serviceAccountToken\"") {
            with_tokens.insert(key(pod));
        }
    }
    let is_tokens = |twin: &&Value| !twin["metadata"]["labels"]["vc.internal/tokens"].is_null();
    let twins: BTreeMap<String, &Value> = sides
        .twins(kind)
        .filter(|twin| !is_tokens(twin))
        .map(|twin| (virtual_key(twin), twin))
        .collect();
    for object in Sides::of(&sides.here, kind) {
        let name = key(object);
        match (twins.get(&name), used.contains(&name)) {
            (None, true) => wrong.push(format!("{kind} {name} is not on the host")),
            (Some(_), false) => wrong.push(format!("{kind} {name} is on the host unused")),
            (Some(twin), true) => {
                for field in ["data", "binaryData", "immutable"] {
                    if twin[field] != object[field] {
                        wrong.push(format!("{kind} {name}: {field} differs on the host"));
                    }
                }
            }
            (None, false) => {}
        }
    }
    if kind == "Secret" {
        let tokens = sides.twins(kind).filter(is_tokens).map(virtual_key);
        let tokens: BTreeSet<String> = tokens.collect();
        for pod in with_tokens.difference(&tokens) {
            wrong.push(format!("pod {pod} has no tokens on the host"));
        }
    }
}

/// Services that stand for the control plane's own on the host.
const OWN_SERVICES: [&str; 2] = ["default/kubernetes", "kube-system/kube-dns"];

fn services(sides: &Sides, wrong: &mut Vec<String>) {
    let twins: BTreeMap<String, &Value> = sides
        .twins("Service")
        .map(|twin| (virtual_key(twin), twin))
        .collect();
    for service in Sides::of(&sides.here, "Service") {
        let name = key(service);
        if OWN_SERVICES.contains(&name.as_str()) || service["spec"]["type"] == "ExternalName" {
            continue;
        }
        let Some(twin) = twins.get(&name) else {
            wrong.push(format!("Service {name} is not on the host"));
            continue;
        };
        for field in ["type", "clusterIPs", "ports", "healthCheckNodePort"] {
            let (here, there) = (&service["spec"][field], &twin["spec"][field]);
            if here != there {
                wrong.push(format!(
                    "{field} of Service {name}: {here} instead of {there}"
                ));
            }
        }
    }
}

/// Names of ConfigMaps or Secrets anywhere in a pod's spec.
fn names(kind: &str, spec: &Value) -> BTreeSet<String> {
    let (fields, name): (&[&str], _) = match kind {
        "Secret" => (&["secretKeyRef", "secretRef"], "secret"),
        _ => (&["configMapKeyRef", "configMapRef"], "configMap"),
    };
    let mut found = BTreeSet::new();
    collect(spec, &mut |field, value| {
        if fields.contains(&field) || field == name {
            let named = [&value["name"], &value["secretName"]];
            found.extend(
                named
                    .iter()
                    .filter_map(|name| name.as_str().map(str::to_owned)),
            );
        }
        if field == "imagePullSecrets" && kind == "Secret" {
            let secrets = value.as_array().into_iter().flatten();
            found.extend(secrets.map(|secret| text(&secret["name"]).to_owned()));
        }
    });
    found
}

fn collect(value: &Value, tell: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                tell(field, value);
                collect(value, tell);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, tell)),
        _ => {}
    }
}
