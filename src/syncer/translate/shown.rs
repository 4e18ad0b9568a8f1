//! Objects of the whole host cluster, as they are shown in the virtual one.
//!
//! In: a class of the host's: of Ingresses, priorities, runtimes or snapshots. Out: the virtual one of that
//! name, without what only the host's controllers can use. Never: anything towards the host.

use serde_json::{Map, Value, json};

use super::json::{at, text};
use super::synced::{content, merge};
use crate::labels;
use crate::sync::Known;

/// Annotations that mean the same in the virtual cluster.
const CARRIED_ANNOTATIONS: [&str; 2] = [
    "ingressclass.kubernetes.io/is-default-class",
    "snapshot.storage.kubernetes.io/is-default-class",
];

/// The virtual object of a host one.
pub fn of_host(kind: Known, host: &Value) -> Value {
    let described = kind.describe();
    let mut annotations = Map::new();
    annotations.insert(labels::MIRRORED.to_owned(), labels::MIRRORED_PLAIN.into());
    for key in CARRIED_ANNOTATIONS {
        let value = at(host, &["metadata", "annotations", key]);
        if value.is_string() {
            annotations.insert(key.to_owned(), value.clone());
        }
    }
    let mut object = json!({
        "apiVersion": described.api_version(),
        "kind": described.kind,
        "metadata": {"name": text(&host["metadata"], "name"), "annotations": annotations},
    });
    if let Some(fields) = object.as_object_mut() {
        fields.extend(content(host));
        // Parameters are between the host and who works for it, and may name its objects.
        fields.shift_remove("parameters");
        if let Some(spec) = fields.get_mut("spec").and_then(Value::as_object_mut) {
            spec.shift_remove("parameters");
        }
    }
    object
}

/// The merge patch (RFC 7386) that brings a virtual object in step; none when it is.
pub fn changes(wanted: &Value, found: &Value) -> Option<Value> {
    let mut wanted = wanted.clone();
    if let Some(metadata) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("name");
    }
    merge::changes(&Value::Null, &wanted, found)
}

#[cfg(test)]
mod tests {
    use super::super::is_mirrored;
    use super::*;

    #[test]
    fn a_class_is_shown_without_its_parameters() {
        let host = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
            "metadata": {"name": "web", "uid": "h", "labels": {"helm": "x"},
                "annotations": {CARRIED_ANNOTATIONS[0]: "true", "other": "x"}},
            "spec": {"controller": "example.com/c", "parameters": {"kind": "P", "name": "p"}},
        });
        let shown = of_host(Known::IngressClasses, &host);
        assert_eq!(
            shown,
            json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
                "metadata": {"name": "web",
                    "annotations": {labels::MIRRORED: "host", CARRIED_ANNOTATIONS[0]: "true"}},
                "spec": {"controller": "example.com/c"},
            })
        );
        assert!(is_mirrored(&shown) && !is_mirrored(&host));
    }

    #[test]
    fn a_priority_is_shown_as_it_is_and_kept_in_step() {
        let host = json!({
            "metadata": {"name": "high"}, "value": 1000, "globalDefault": false, "description": "d",
            "preemptionPolicy": "Never",
        });
        let shown = of_host(Known::PriorityClasses, &host);
        assert_eq!(shown["value"], 1000);
        let mut found = shown.clone();
        found["metadata"]["uid"] = "v".into();
        assert_eq!(changes(&shown, &found), None);
        found["description"] = "changed".into();
        assert_eq!(changes(&shown, &found), Some(json!({"description": "d"})));
    }
}
