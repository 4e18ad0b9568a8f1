//! Labels and annotations of host objects, kept in step with those of their virtual ones.
//!
//! In: a host object as it is wanted and as it is found. Out: the part of a merge patch (RFC 7386) that is
//! about its labels and annotations. Never: removes what somebody else has added.

use serde_json::{Map, Value};

use super::json::{at, text};
use crate::labels;

/// Whether a virtual object is the syncer's, which shows it for one of the host's, and not somebody's own.
pub fn is_mirrored(object: &Value) -> bool {
    at(object, &["metadata", "annotations", labels::MIRRORED]).is_string()
}

/// What is to be changed of a host object's metadata; empty when nothing is.
pub(super) fn metadata_changes(wanted: &Value, found: &Value) -> Map<String, Value> {
    let mut metadata = Map::new();
    for (field, mark) in [
        ("labels", labels::MANAGED_LABELS),
        ("annotations", labels::MANAGED_ANNOTATIONS),
    ] {
        let change = map_changes(wanted, found, field, mark);
        if !change.is_empty() {
            metadata.insert(field.to_owned(), change.into());
        }
    }
    metadata
}

/// What is to be set of labels or annotations, and what of ours is to be removed.
fn map_changes(wanted: &Value, host: &Value, field: &str, mark: &str) -> Map<String, Value> {
    let (wanted, found) = (
        at(wanted, &["metadata", field]),
        at(host, &["metadata", field]),
    );
    let managed = text(at(host, &["metadata", "annotations"]), mark);
    let ours = [
        labels::MANAGED_LABELS,
        labels::MANAGED_ANNOTATIONS,
        labels::LEFT_OUT,
    ];
    let mut changes = Map::new();
    for (key, value) in wanted.as_object().into_iter().flatten() {
        if found[key.as_str()] != *value {
            changes.insert(key.clone(), value.clone());
        }
    }
    let gone = managed.split(',').chain(ours);
    for key in gone.filter(|key| !key.is_empty()) {
        if wanted[key].is_null() && !found[key].is_null() {
            changes.insert(key.to_owned(), Value::Null);
        }
    }
    changes
}
