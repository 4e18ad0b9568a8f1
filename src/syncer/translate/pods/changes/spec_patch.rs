//! The part of a running pod's spec that Kubernetes lets change.
//!
//! In: both specs, and which parts of the virtual one are new. Out: a merge patch of the host's.
//! Never: a part that is not new.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement>

use serde_json::{Map, Value};

use super::super::super::json::{find, list, text};
use super::super::applied::Applied;

pub(super) fn spec_patch(
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
