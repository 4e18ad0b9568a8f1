//! Status of a virtual pod: what the host says of its host pod, in virtual words.
//!
//! In: both pods. Out: the whole status. Never: a spec, a clock, a container or a name that the virtual
//! pod does not know.

use serde_json::{Map, Value, json};

use super::super::json::{at, find, list, text};
use super::super::scrub::scrub;
use super::{Surroundings, changes};

mod gates;

pub(super) use gates::gates_patch;

/// Conditions that the kubelet and the scheduler own: when the host pod has none of such a type, the
/// virtual pod has none either.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>
const HOST_OWNED: [&str; 8] = [
    "Ready",
    "ContainersReady",
    "Initialized",
    "PodScheduled",
    "PodReadyToStartContainers",
    "PodResizePending",
    "PodResizeInProgress",
    "AllContainersRestarting",
];

/// What is about objects of the host that the virtual cluster has not. An API server refuses the
/// status of a claim that the pod does not make.
const DROPPED: [&str; 3] = [
    "nominatedNodeName",
    "resourceClaimStatuses",
    "extendedResourceClaimStatus",
];

/// Statuses of containers, and where the containers are.
const CONTAINER_STATUSES: [(&str, &str); 3] = [
    ("initContainerStatuses", "initContainers"),
    ("containerStatuses", "containers"),
    ("ephemeralContainerStatuses", "ephemeralContainers"),
];

/// See [`super::status()`].
pub(super) fn status(virtual_pod: &Value, host_pod: &Value, around: Surroundings<'_>) -> Value {
    let previous = &virtual_pod["status"];
    let host = &host_pod["status"];
    if says_nothing(host, previous) {
        return match previous {
            Value::Object(_) => previous.clone(),
            _ => json!({}),
        };
    }
    let mut status = host.as_object().cloned().unwrap_or_default();
    for field in DROPPED {
        status.shift_remove(field);
    }
    keep_own_containers(&mut status, &virtual_pod["spec"]);
    if !previous["qosClass"].is_null() {
        status.insert("qosClass".to_owned(), previous["qosClass"].clone());
    }
    let generation = Generation::of(virtual_pod, host_pod);
    generation.translate(&mut status, previous);
    let mut conditions = conditions(virtual_pod, host, &generation);
    gates::weigh(&mut conditions, virtual_pod, host_pod);
    set_list(&mut status, "conditions", conditions);
    let mut status = Value::Object(status);
    scrub_messages(&mut status, &|text| scrub(text, virtual_pod, around.scope));
    status
}

/// A sidecar that a host webhook put in is not shown.
fn keep_own_containers(status: &mut Map<String, Value>, spec: &Value) {
    for (statuses, containers) in CONTAINER_STATUSES {
        if let Some(Value::Array(mut own)) = status.shift_remove(statuses) {
            let known = list(spec, containers);
            own.retain(|status| find(known, "name", text(status, "name")).is_some());
            set_list(status, statuses, own);
        }
    }
}

/// Sets a list. An empty one is left out, as an API server does: otherwise the status would look
/// changed for ever.
fn set_list(status: &mut Map<String, Value>, field: &str, list: Vec<Value>) {
    if list.is_empty() {
        status.shift_remove(field);
    } else {
        status.insert(field.to_owned(), list.into());
    }
}

/// Whether nothing has happened on the host yet. Then the virtual pod keeps what it has: an API server
/// gives a new pod phase `Pending` and no more, and a phase does not go back.
fn says_nothing(host: &Value, previous: &Value) -> bool {
    let is_new = match text(host, "phase") {
        "" => true,
        phase => phase == "Pending" && list(host, "conditions").is_empty(),
    };
    let is_empty = host.as_object().is_none_or(Map::is_empty);
    is_empty || is_new && !text(previous, "phase").is_empty()
}

/// The two generations. They count different writes, so one is not the other's; what the host has
/// seen of its latest is the virtual pod's latest, if nothing of that is still to be carried over.
struct Generation<'a> {
    host: &'a Value,
    of_virtual_pod: &'a Value,
    is_in_step: bool,
}

impl<'a> Generation<'a> {
    fn of(virtual_pod: &'a Value, host_pod: &'a Value) -> Self {
        Self {
            host: at(host_pod, &["metadata", "generation"]),
            of_virtual_pod: at(virtual_pod, &["metadata", "generation"]),
            is_in_step: changes::is_in_step(virtual_pod, host_pod),
        }
    }

    /// Replaces what was observed of the host pod by what that means for the virtual pod, or by what
    /// was known before.
    fn translate(&self, observed: &mut Map<String, Value>, previous: &Value) {
        const FIELD: &str = "observedGeneration";
        let Some(slot) = observed.get_mut(FIELD) else {
            return;
        };
        *slot = if self.is_in_step && *slot == *self.host {
            self.of_virtual_pod.clone()
        } else {
            previous[FIELD].clone()
        };
        if slot.is_null() {
            observed.shift_remove(FIELD);
        }
    }
}

/// The host's conditions, and those of the virtual pod that the host knows nothing of. A readiness gate
/// is the virtual side's to decide.
fn conditions(virtual_pod: &Value, host_status: &Value, generation: &Generation<'_>) -> Vec<Value> {
    let previous = list(&virtual_pod["status"], "conditions");
    let gates = gates::types(virtual_pod);
    let mut conditions: Vec<Value> = list(host_status, "conditions")
        .iter()
        .filter(|condition| !gates.contains(&text(condition, "type")))
        .cloned()
        .collect();
    for condition in &mut conditions {
        let before = find(previous, "type", text(condition, "type"));
        let before = before.cloned().unwrap_or_default();
        if let Some(condition) = condition.as_object_mut() {
            generation.translate(condition, &before);
        }
    }
    for condition in previous {
        let kind = text(condition, "type");
        if !HOST_OWNED.contains(&kind) && find(&conditions, "type", kind).is_none() {
            conditions.push(condition.clone());
        }
    }
    conditions
}

/// Every message anywhere in the status.
fn scrub_messages(value: &mut Value, scrub: &dyn Fn(&str) -> String) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) if field == "message" => *text = scrub(text),
                    _ => scrub_messages(value, scrub),
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                scrub_messages(element, scrub);
            }
        }
        _ => {}
    }
}
