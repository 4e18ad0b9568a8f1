//! What has to be written when a virtual Node is not as wanted.
//!
//! In: the Node as it is wanted and as it is found. Out: merge patches, or none. Never: a word on what
//! the API server or somebody in the virtual cluster adds; that stays as it is.
//!
//! Merge patches (RFC 7386), because they replace lists as a whole. Server-side apply and strategic
//! merge patches merge `status.addresses` by type and lose one of two addresses of the same
//! (<https://pr.k8s.io/79391>).

use serde_json::{Map, Value, json};

use crate::labels;

/// Parts of the status that are the syncer's alone, so that what else is found in them goes.
const OWNED_STATUS: [&str; 5] = [
    "capacity",
    "allocatable",
    "nodeInfo",
    "runtimeHandlers",
    "features",
];

/// The writes that bring a virtual Node in step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeChanges {
    /// Merge patch of the Node: labels, annotations, taints.
    pub object: Option<Value>,
    /// Merge patch of `nodes/status`: a Node too, of which the API server takes the status alone.
    pub status: Option<Value>,
}

/// Whether a virtual Node has to be written.
pub fn differs(wanted: &Value, found: &Value) -> bool {
    changes(wanted, found) != NodeChanges::default()
}

/// The writes that bring a virtual Node in step; none when it is.
///
/// When a condition was last heard of is no reason to write: a host node says that every five minutes,
/// and nothing reads it. What is written carries it along.
pub fn changes(wanted: &Value, found: &Value) -> NodeChanges {
    NodeChanges {
        object: object(wanted, found),
        status: status(&wanted["status"], &found["status"]),
    }
}

fn object(wanted: &Value, found: &Value) -> Option<Value> {
    let (meta, found_meta) = (&wanted["metadata"], &found["metadata"]);
    let mut labels = object_of(&meta["labels"]);
    let mut annotations = object_of(&meta["annotations"]);
    let noted = &found_meta["annotations"];
    let noted = noted[labels::MANAGED_LABELS].as_str().unwrap_or_default();
    for key in noted.split(',').filter(|key| !key.is_empty()) {
        labels.entry(key).or_insert(Value::Null);
    }
    annotations.entry(labels::CAPACITY).or_insert(Value::Null);
    let patch = json!({
        "metadata": {"labels": labels, "annotations": annotations},
        "spec": wanted["spec"],
    });
    (!holds(&patch, found)).then_some(patch)
}

fn status(wanted: &Value, found: &Value) -> Option<Value> {
    let mut patch = object_of(wanted);
    for part in OWNED_STATUS {
        let there = &found[part];
        if let Some(Value::Object(entries)) = patch.get_mut(part) {
            for key in object_of(there).keys() {
                entries.entry(key.as_str()).or_insert(Value::Null);
            }
        } else if !patch.contains_key(part) && !is_empty(there) {
            patch.insert(part.to_owned(), Value::Null);
        }
    }
    let patch = Value::Object(patch);
    let is_there = holds(&without_heartbeats(&patch), &without_heartbeats(found));
    (!is_there).then(|| json!({"status": patch}))
}

fn object_of(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn without_heartbeats(status: &Value) -> Value {
    let mut status = status.clone();
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten() {
        if let Some(condition) = condition.as_object_mut() {
            condition.remove("lastHeartbeatTime");
        }
    }
    status
}

/// Whether a merge patch would change nothing that matters: the API server leaves out what is empty.
fn holds(patch: &Value, found: &Value) -> bool {
    match (patch, found) {
        (Value::Object(patch), Value::Object(found)) => patch
            .iter()
            .all(|(key, value)| holds(value, found.get(key).unwrap_or(&Value::Null))),
        (Value::Object(patch), Value::Null) => {
            patch.values().all(|value| holds(value, &Value::Null))
        }
        (patch, found) => patch == found || (is_empty(patch) && is_empty(found)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Number(_) => false,
    }
}
