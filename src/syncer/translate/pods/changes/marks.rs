//! Labels and annotations of an existing host pod.
//!
//! In: those that the host pod should have, and those that it has. Out: a merge patch of each map.
//! Never: a key that somebody else put on the host pod.

use serde_json::{Map, Value};

use super::super::super::json::text;
use super::differing;
use crate::labels;

/// By these a host pod is known as the virtual pod's. One that differs is another's, and is not made
/// ours by a patch.
const IDENTITY: [&str; 4] = [
    labels::CLUSTER_UID,
    labels::VIRTUAL_NAME,
    labels::VIRTUAL_NAMESPACE,
    labels::VIRTUAL_UID,
];

/// Our annotations that are there only while they have something to say.
const OCCASIONAL: [&str; 4] = [
    labels::MANAGED_LABELS,
    labels::MANAGED_ANNOTATIONS,
    labels::VIRTUAL_LABELS,
    labels::VIRTUAL_ANNOTATIONS,
];

pub(super) fn labels_patch(wanted: &Value, present_metadata: &Value) -> Map<String, Value> {
    let present = &present_metadata["labels"];
    let mut patch = differing(wanted, present);
    let managed = managed(present_metadata, labels::MANAGED_LABELS);
    let of_namespace = present.as_object().into_iter().flat_map(Map::keys);
    let of_namespace = of_namespace.filter(|key| key.starts_with(labels::NAMESPACE_LABEL_PREFIX));
    for key in managed.chain(of_namespace.map(String::as_str)) {
        remove(&mut patch, key, wanted, present);
    }
    patch
}

pub(super) fn annotations_patch(wanted: &Value, present_metadata: &Value) -> Map<String, Value> {
    let present = &present_metadata["annotations"];
    let mut patch = differing(wanted, present);
    for key in IDENTITY {
        patch.shift_remove(key);
    }
    for key in managed(present_metadata, labels::MANAGED_ANNOTATIONS).chain(OCCASIONAL) {
        remove(&mut patch, key, wanted, present);
    }
    patch
}

/// Keys that came from the virtual pod before.
fn managed<'a>(present_metadata: &'a Value, mark: &str) -> impl Iterator<Item = &'a str> {
    let keys = text(&present_metadata["annotations"], mark).split(',');
    keys.filter(|key| !key.is_empty())
}

fn remove(patch: &mut Map<String, Value>, key: &str, wanted: &Value, present: &Value) {
    if wanted[key].is_null() && !present[key].is_null() {
        patch.insert(key.to_owned(), Value::Null);
    }
}
