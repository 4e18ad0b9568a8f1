//! What would be other if an existing virtual cluster were made anew as it is wanted now.
//!
//! In: what it was made from and what is wanted; an object as the host has it and as it would be. Out: what
//! cannot be changed in place, with the reason; the difference as lines to read. Never: talks to a cluster.

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::cluster::{ClusterSpec, Storage};
use crate::labels;

/// Lines around a change that are shown with it, as with `diff -u`.
const CONTEXT_LINES: usize = 3;

/// Fields of metadata that the host alone writes, and that change with every write.
const HOSTS_OWN: [&str; 5] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "uid",
];

/// The setting that `vc upgrade` changes.
pub const KUBERNETES_VERSION: &str = "the Kubernetes version";

/// A setting that stays as it is for a cluster's whole life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The setting in words.
    pub setting: &'static str,
    /// What it is.
    pub is: String,
    /// What is wanted.
    pub wanted: String,
    /// Why it cannot change.
    pub why: &'static str,
}

/// What of this change cannot be made in place.
pub fn fixed(stored: &ClusterSpec, wanted: &ClusterSpec) -> Vec<Fixed> {
    let settings = [
        (
            "the store",
            storage_words(&stored.storage),
            storage_words(&wanted.storage),
            "a StatefulSet keeps its volume claims, and another volume would be empty",
        ),
        (
            "the service range",
            stored.service_cidrs.join(","),
            wanted.service_cidrs.join(","),
            "Services have their addresses in it",
        ),
        (
            KUBERNETES_VERSION,
            stored.kubernetes_version.to_string(),
            wanted.kubernetes_version.to_string(),
            "that is `vc upgrade`, which saves the store first",
        ),
    ];
    settings
        .into_iter()
        .filter(|(_, is, wanted, _)| is != wanted)
        .map(|(setting, is, wanted, why)| Fixed {
            setting,
            is,
            wanted,
            why,
        })
        .collect()
}

fn storage_words(storage: &Storage) -> String {
    match storage {
        Storage::Ephemeral => "ephemeral".to_owned(),
        Storage::Persistent { class, size } => {
            let class = class.as_deref().unwrap_or("the host's default class");
            format!("{size} of {class}")
        }
    }
}

/// The lines by which two states of an object differ, as `diff -u` writes them; empty when they do not. None for
/// one that is not there.
pub fn difference(title: &str, is: Option<&Value>, wanted: Option<&Value>) -> String {
    let (is, wanted) = (text(is), text(wanted));
    if is == wanted {
        return String::new();
    }
    TextDiff::from_lines(&is, &wanted)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&format!("host/{title}"), &format!("wanted/{title}"))
        .to_string()
}

fn text(object: Option<&Value>) -> String {
    let tidy = object.map(|object| tidy(object.clone()));
    tidy.map_or_else(String::new, |tidy| {
        serde_saphyr::to_string(&tidy).unwrap_or_else(|_| format!("{tidy:#}"))
    })
}

/// Without what the host alone writes, with sorted keys, and with what the marker was made from spelled out.
fn tidy(mut object: Value) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in HOSTS_OWN {
            metadata.remove(field);
        }
    }
    if let Some(spec) = object.pointer_mut(&format!("/data/{}", labels::MARKER_SPEC))
        && let Some(parsed) = spec
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
    {
        *spec = parsed;
    }
    sorted(object)
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            let entries = entries.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec() -> ClusterSpec {
        serde_json::from_value(json!({
            "name": "dev",
            "namespace": "vc-dev",
            "kubernetesVersion": "v1.35.4",
            "registry": "registry.k8s.io",
            "storage": {"type": "persistent", "class": "fast", "size": "5Gi"},
            "resources": {"cpuRequestMillicores": 200, "memoryRequestMebibytes": 384},
            "serviceCidrs": ["10.96.0.0/16"],
        }))
        .unwrap()
    }

    #[test]
    fn what_cannot_change_is_named_and_the_rest_is_not() {
        let stored = spec();
        assert_eq!(fixed(&stored, &stored), []);
        let mut wanted = spec();
        wanted.isolate = true;
        wanted.registry = "mirror.example.com".to_owned();
        assert_eq!(fixed(&stored, &wanted), []);
        wanted.storage = Storage::Ephemeral;
        wanted.service_cidrs = vec!["10.97.0.0/16".to_owned()];
        wanted.kubernetes_version = "v1.34.1".parse().unwrap();
        let named: Vec<_> = fixed(&stored, &wanted)
            .into_iter()
            .map(|fixed| (fixed.setting, fixed.is, fixed.wanted))
            .collect();
        let words = |setting, is: &str, wanted: &str| (setting, is.to_owned(), wanted.to_owned());
        assert_eq!(
            named,
            [
                words("the store", "5Gi of fast", "ephemeral"),
                words("the service range", "10.96.0.0/16", "10.97.0.0/16"),
                words("the Kubernetes version", "v1.35.4", "v1.34.1"),
            ]
        );
    }

    #[test]
    fn what_the_host_alone_writes_and_the_order_of_keys_are_no_difference() {
        let is = json!({
            "metadata": {"name": "a", "uid": "1", "resourceVersion": "5", "generation": 1},
            "spec": {"b": 1, "a": 2},
            "status": {"replicas": 1},
        });
        let wanted = json!({
            "spec": {"a": 2, "b": 1},
            "metadata": {"resourceVersion": "6", "generation": 2, "name": "a"},
        });
        assert_eq!(difference("x", Some(&is), Some(&wanted)), "");
    }

    #[test]
    fn a_difference_is_told_as_lines_and_the_markers_settings_one_by_one() {
        let marker = |spec: &ClusterSpec| json!({"data": {"spec": serde_json::to_string(spec).unwrap(), "vc-version": "1"}});
        let mut wanted = spec();
        wanted.registry = "mirror.example.com".to_owned();
        let text = difference(
            "ConfigMap/vc-dev",
            Some(&marker(&spec())),
            Some(&marker(&wanted)),
        );
        assert!(text.starts_with("--- host/ConfigMap/vc-dev\n+++ wanted/ConfigMap/vc-dev\n"));
        let changed: Vec<&str> = text
            .lines()
            .skip(2)
            .filter(|line| line.starts_with(['+', '-']))
            .collect();
        assert_eq!(
            changed,
            [
                "-    registry: registry.k8s.io",
                "+    registry: mirror.example.com"
            ]
        );
        let gone = difference("x", Some(&json!({"kind": "Role"})), None);
        assert!(gone.contains("\n-kind: Role\n"), "{gone}");
    }
}
