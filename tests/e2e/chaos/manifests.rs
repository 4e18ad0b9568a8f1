//! The objects that steps make.

use serde_json::{Value, json};

use super::steps::{Place, Uses};
use crate::harness::agent;

/// How many objects a flood has of each of its kinds.
const FLOOD: u64 = 12;

pub(super) fn metadata(stem: &str, place: Place) -> Value {
    let Place { namespace, number } = place;
    json!({"name": format!("{stem}-{number}"), "namespace": namespace})
}

/// `value` is what it can be known by.
pub(super) fn config(kind: &str, place: Place, value: u64) -> Value {
    let (kind, data) = match kind {
        "secret" => ("Secret", "stringData"),
        _ => ("ConfigMap", "data"),
    };
    let mut object =
        json!({"apiVersion": "v1", "kind": kind, "metadata": metadata("config", place)});
    object[data] = json!({"value": value.to_string()});
    object
}

fn pod_spec(place: Place, uses: Uses) -> Value {
    let mut container = agent();
    let mut volumes = vec![
        json!({"name": "config", "configMap": {"name": format!("config-{}", uses.config), "optional": true}}),
    ];
    container["env"] = json!([{"name": "SECRET", "valueFrom": {"secretKeyRef": {
        "name": format!("config-{}", uses.secret), "key": "value", "optional": true}}}]);
    if let Some(claim) = uses.claim {
        volumes.push(json!({"name": "claim",
            "persistentVolumeClaim": {"claimName": format!("claim-{claim}")}}));
    }
    let mounts = volumes.iter().map(|volume| {
        let name = volume["name"].as_str().expect("a name");
        json!({"name": name, "mountPath": format!("/{name}")})
    });
    container["volumeMounts"] = mounts.collect();
    json!({
        "terminationGracePeriodSeconds": place.number,
        "automountServiceAccountToken": uses.has_token,
        "containers": [container],
        "volumes": volumes,
    })
}

pub(super) fn pod(place: Place, uses: Uses) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata("pod", place),
        "spec": pod_spec(place, uses),
    })
}

fn controller(kind: &str, name: &Value, replicas: u64, spec: &Value) -> Value {
    let labels = json!({"app": name["name"]});
    json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": name,
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    })
}

pub(super) fn deployment(place: Place, replicas: u64, uses: Uses) -> Value {
    // A volume for one node at a time is not for several pods.
    let uses = Uses {
        claim: None,
        ..uses
    };
    let spec = pod_spec(place, uses);
    controller("Deployment", &metadata("web", place), replicas, &spec)
}

/// Two pods that nobody touches in all of a round.
pub(super) fn calm() -> Value {
    let mut container = agent();
    container["env"] = json!([{"name": "SECRET", "valueFrom": {"secretKeyRef": {
        "name": "calm", "key": "value"}}}]);
    let name = json!({"name": "calm", "namespace": "default"});
    controller("Deployment", &name, 2, &json!({"containers": [container]}))
}

pub(super) fn stateful_set(place: Place, replicas: u64) -> Value {
    let name = metadata("db", place);
    let mut container = agent();
    container["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    let spec = json!({"terminationGracePeriodSeconds": 0, "containers": [container]});
    let mut set = controller("StatefulSet", &name, replicas, &spec);
    set["spec"]["serviceName"] = json!("db");
    set["spec"]["volumeClaimTemplates"] = json!([{
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Mi"}},
        },
    }]);
    set
}

pub(super) fn job(place: Place, run: u64) -> Value {
    let mut container = agent();
    container["command"] = json!(["true"]);
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": format!("job-{run}"), "namespace": place.namespace},
        "spec": {
            "ttlSecondsAfterFinished": 20,
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
        },
    })
}

/// `kind` is a type, or `None` for a headless one.
pub(super) fn service(place: Place, kind: &str, port: u64) -> Value {
    let mut spec = json!({"selector": {"app": "calm"}, "ports": [{"name": "p", "port": port}]});
    match kind {
        "None" => spec["clusterIP"] = json!("None"),
        kind => spec["type"] = json!(kind),
    }
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata("service", place),
        "spec": spec,
    })
}

pub(super) fn claim(place: Place) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata("claim", place),
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Mi"}},
        },
    })
}

/// ConfigMaps and Services, and a pod that uses all of the former.
pub(super) fn flood(place: Place, run: u64) -> Value {
    let name = |stem: &str, number: u64| json!({"name": format!("{stem}-{run}-{number}"), "namespace": place.namespace});
    let mut items = Vec::new();
    let mut container = agent();
    let mut env = Vec::new();
    for number in 0..FLOOD {
        let config = name("flood", number);
        env.push(json!({"configMapRef": {"name": config["name"]}}));
        items.push(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": config,
            "data": {"value": number.to_string()}}),
        );
        items.push(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": name("flood", number),
            "spec": {"ports": [{"port": 80}]}}),
        );
    }
    container["envFrom"] = json!(env);
    items.push(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": name("flood", 0),
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]}}),
    );
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}
