//! What has to be written to bring an existing host pod in step.
//!
//! In: a virtual pod and its host pod, as they are. Out: patches; none when there is nothing to do, so
//! doing this again after any of them is right. Never: a patch of what the host alone put there.

use serde_json::{Map, Value, json};

use super::super::Refusal;
use super::super::json::{find, list, text};
use super::applied::Applied;
use super::{Change, Surroundings, metadata, spec, status};
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

/// See [`super::changes`].
pub(super) fn changes(
    virtual_pod: &Value,
    host_pod: &Value,
    around: Surroundings<'_>,
) -> Result<Vec<Change>, Refusal> {
    let now = Applied::of(virtual_pod);
    let then = Applied::on(host_pod);
    let resize = resize(virtual_pod, host_pod).filter(|_| now.resources != then.resources);
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
    let mut annotations = annotations_patch(&wanted["annotations"], present);
    if now != then {
        annotations.insert(labels::APPLIED.to_owned(), now.to_string().into());
    }
    for (field, patch) in [
        ("labels", labels_patch(&wanted["labels"], present)),
        ("annotations", annotations),
    ] {
        if !patch.is_empty() {
            metadata.insert(field.to_owned(), patch.into());
        }
    }
    let spec = spec_patch(&virtual_pod["spec"], &host_pod["spec"], then, now);
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

fn labels_patch(wanted: &Value, present_metadata: &Value) -> Map<String, Value> {
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

fn annotations_patch(wanted: &Value, present_metadata: &Value) -> Map<String, Value> {
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

fn differing(wanted: &Value, present: &Value) -> Map<String, Value> {
    let wanted = wanted.as_object().into_iter().flatten();
    wanted
        .filter(|(key, value)| present[key.as_str()] != **value)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
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

fn spec_patch(
    wanted: &Value,
    present: &Value,
    then: &Applied,
    now: &Applied,
) -> Map<String, Value> {
    let mut patch = Map::new();
    if now.images != then.images {
        for field in ["initContainers", "containers"] {
            patch.extend(images(wanted, present, field));
        }
    }
    if now.scheduling != then.scheduling {
        // A deadline can be set and lowered, but not taken away.
        let deadline = &wanted["activeDeadlineSeconds"];
        if !deadline.is_null() && *deadline != present["activeDeadlineSeconds"] {
            patch.insert("activeDeadlineSeconds".to_owned(), deadline.clone());
        }
        patch.extend(tolerations(wanted, present));
        patch.extend(scheduling_gates(wanted, present));
    }
    patch
}

/// The host's containers, with the images that the virtual pod wants.
fn images(wanted: &Value, present: &Value, field: &str) -> Option<(String, Value)> {
    let mut containers = present[field].clone();
    for container in containers.as_array_mut().into_iter().flatten() {
        let name = text(container, "name").to_owned();
        let image = find(list(wanted, field), "name", &name).map(|wanted| &wanted["image"]);
        if let (Some(image), Some(container)) = (image, container.as_object_mut())
            && !image.is_null()
        {
            container.insert("image".to_owned(), image.clone());
        }
    }
    changed(present, field, containers)
}

/// The host's tolerations, with those that are new and with the seconds that the virtual pod wants:
/// nothing else can change. (`validateOnlyAddedTolerations` in
/// k8s.io/kubernetes/pkg/apis/core/validation)
fn tolerations(wanted: &Value, present: &Value) -> Option<(String, Value)> {
    let mut tolerations = list(present, "tolerations").to_vec();
    for wanted in list(wanted, "tolerations") {
        let same = tolerations
            .iter_mut()
            .find(|present| is_same(present, wanted));
        match same {
            Some(present) => *present = wanted.clone(),
            None => tolerations.push(wanted.clone()),
        }
    }
    changed(present, "tolerations", tolerations.into())
}

fn is_same(toleration: &Value, other: &Value) -> bool {
    let mut fields = ["key", "operator", "value", "effect"].into_iter();
    fields.all(|field| text(toleration, field) == text(other, field))
}

/// The host's gates that the virtual pod still has: they can only be removed.
fn scheduling_gates(wanted: &Value, present: &Value) -> Option<(String, Value)> {
    let wanted = list(wanted, "schedulingGates");
    let mut gates = list(present, "schedulingGates").to_vec();
    gates.retain(|gate| find(wanted, "name", text(gate, "name")).is_some());
    changed(present, "schedulingGates", gates.into())
}

fn changed(present: &Value, field: &str, value: Value) -> Option<(String, Value)> {
    let is_empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    let is_same = value == present[field] || is_empty(&value) && is_empty(&present[field]);
    (!is_same).then(|| (field.to_owned(), value))
}

/// Resources of the containers whose requests or limits are others on the host, and of the pod.
///
/// What the virtual pod does not name is left to the host; Kubernetes does not allow to remove it
/// either ("resource limits cannot be removed" in k8s.io/kubernetes/pkg/apis/core/validation).
fn resize(virtual_pod: &Value, host_pod: &Value) -> Option<Map<String, Value>> {
    let (wanted, present) = (&virtual_pod["spec"], &host_pod["spec"]);
    let mut spec = Map::new();
    for field in ["initContainers", "containers"] {
        let resized: Vec<Value> = list(wanted, field)
            .iter()
            .filter_map(|container| {
                let name = text(container, "name");
                let host = find(list(present, field), "name", name)?;
                let resources = resources(&container["resources"], &host["resources"])?;
                Some(json!({"name": name, "resources": resources}))
            })
            .collect();
        if !resized.is_empty() {
            spec.insert(field.to_owned(), resized.into());
        }
    }
    if let Some(of_pod) = resources(&wanted["resources"], &present["resources"]) {
        spec.insert("resources".to_owned(), of_pod);
    }
    (!spec.is_empty()).then_some(spec)
}

fn resources(wanted: &Value, present: &Value) -> Option<Value> {
    let parts = ["limits", "requests"].into_iter();
    let differing: Map<String, Value> = parts
        .map(|part| (part, differing(&wanted[part], &present[part])))
        .filter(|(_, differing)| !differing.is_empty())
        .map(|(part, differing)| (part.to_owned(), differing.into()))
        .collect();
    (!differing.is_empty()).then(|| differing.into())
}
