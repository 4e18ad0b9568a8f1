//! What has to be written to bring an existing host pod in step.
//!
//! In: a virtual pod and its host pod, as they are. Out: patches; none when there is nothing to do, so
//! doing this again after any of them is right. Never: a patch of what the host alone put there.

mod marks;
mod resize;
mod spec_patch;

use serde_json::{Map, Value, json};

use super::super::Refusal;
use super::super::json::{at, find, list, text};
use super::applied::Applied;
use super::{Change, Surroundings, metadata, spec, status};
use crate::labels;

/// See [`super::changes()`].
pub(super) fn changes(
    virtual_pod: &Value,
    host_pod: &Value,
    around: Surroundings<'_>,
) -> Result<Vec<Change>, Refusal> {
    let now = Applied::of(virtual_pod);
    let then = Applied::on(host_pod);
    let resize = resize::resize(virtual_pod, host_pod).filter(|_| now.resources != then.resources);
    let before_resize = Applied {
        resources: if resize.is_some() { &then } else { &now }
            .resources
            .clone(),
        ..now.clone()
    };
    let mut changes = Vec::new();
    let patch = pod_patch(virtual_pod, host_pod, around, (&then, &before_resize));
    changes.extend(patch.map(Change::Pod));
    let missing = missing_ephemeral_containers(virtual_pod, host_pod);
    if !missing.is_empty() {
        let spec = spec::ephemeral_containers(missing, virtual_pod, around)?;
        changes.push(Change::EphemeralContainers(json!({"spec": spec})));
    }
    if let Some(spec) = resize {
        changes.push(Change::Resize(json!({"spec": spec})));
        // Noted after it was done, so that it is tried again if it was not.
        let done = json!({"metadata": {"annotations": {labels::APPLIED: now.to_string()}}});
        changes.push(Change::Pod(done));
    }
    if around.settings.writes_host_status {
        changes.extend(status::gates_patch(virtual_pod, host_pod).map(Change::Status));
    }
    Ok(changes)
}

/// Whether the host pod has everything that the virtual pod's spec says now.
pub(super) fn is_in_step(virtual_pod: &Value, host_pod: &Value) -> bool {
    Applied::of(virtual_pod) == Applied::on(host_pod)
        && missing_ephemeral_containers(virtual_pod, host_pod).is_empty()
}

fn missing_ephemeral_containers(virtual_pod: &Value, host_pod: &Value) -> Vec<Value> {
    let present = list(&host_pod["spec"], "ephemeralContainers");
    let wanted = list(&virtual_pod["spec"], "ephemeralContainers").iter();
    wanted
        .filter(|container| find(present, "name", text(container, "name")).is_none())
        .cloned()
        .collect()
}

fn pod_patch(
    virtual_pod: &Value,
    host_pod: &Value,
    around: Surroundings<'_>,
    (then, now): (&Applied, &Applied),
) -> Option<Value> {
    let wanted = Value::Object(metadata::host_metadata(virtual_pod, around));
    let present = &host_pod["metadata"];
    let mut metadata = Map::new();
    let mut annotations = marks::annotations_patch(at(&wanted, &["annotations"]), present);
    if now != then {
        annotations.insert(labels::APPLIED.to_owned(), now.to_string().into());
    }
    for (field, patch) in [
        (
            "labels",
            marks::labels_patch(at(&wanted, &["labels"]), present),
        ),
        ("annotations", annotations),
    ] {
        if !patch.is_empty() {
            metadata.insert(field.to_owned(), patch.into());
        }
    }
    let spec = spec_patch::spec_patch(&virtual_pod["spec"], &host_pod["spec"], then, now);
    // A merge patch replaces whole lists. So this one holds for the pod that they were read from, and
    // is refused with a conflict for any other.
    if !spec.is_empty() && !present["resourceVersion"].is_null() {
        metadata.insert(
            "resourceVersion".to_owned(),
            present["resourceVersion"].clone(),
        );
    }
    let parts = [("metadata", metadata), ("spec", spec)].into_iter();
    let patch: Map<String, Value> = parts
        .filter(|(_, part)| !part.is_empty())
        .map(|(field, part)| (field.to_owned(), part.into()))
        .collect();
    (!patch.is_empty()).then(|| patch.into())
}

/// What is wanted and is not there, or otherwise.
fn differing(wanted: &Value, present: &Value) -> Map<String, Value> {
    let wanted = wanted.as_object().into_iter().flatten();
    wanted
        .filter(|(key, value)| present[key.as_str()] != **value)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
