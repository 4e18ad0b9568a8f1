//! Readiness gates: conditions that somebody in the virtual cluster sets, and `Ready` waits for.
//!
//! In: a virtual pod's gates and conditions. Out: the patch that shows them to the host's kubelet, or
//! else the pod's readiness with them weighed here. Never: a time that is not some condition's.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate>

use serde_json::{Map, Value, json};

use super::super::super::json::{find, list, text};
use super::HOST_OWNED;

/// What of a gate's condition the host gets; the rest is about the virtual object.
const CARRIED: [&str; 5] = ["status", "reason", "message", "lastTransitionTime", "type"];

/// The condition types of a pod's gates, on either side. One that the kubelet owns is no gate to carry: it would be
/// written from both sides.
pub(super) fn types(pod: &Value) -> Vec<&str> {
    list(&pod["spec"], "readinessGates")
        .iter()
        .map(|gate| text(gate, "conditionType"))
        .filter(|kind| !HOST_OWNED.contains(kind))
        .collect()
}

/// The conditions of gates that the host pod has not, or has otherwise.
///
/// One that the virtual pod has not is left on the host: it is somebody's there, who would set it
/// again.
pub(in super::super) fn gates_patch(virtual_pod: &Value, host_pod: &Value) -> Option<Value> {
    let present = list(&host_pod["status"], "conditions");
    let wanted = list(&virtual_pod["status"], "conditions");
    let differing: Vec<Value> = types(virtual_pod)
        .into_iter()
        .filter_map(|kind| find(wanted, "type", kind).map(carried))
        .filter(|condition| {
            let present = find(present, "type", text(condition, "type"));
            present.map(carried).as_ref() != Some(condition)
        })
        .collect();
    (!differing.is_empty()).then(|| json!({"status": {"conditions": differing}}))
}

fn carried(condition: &Value) -> Value {
    let fields = CARRIED.into_iter();
    let set = fields.filter(|field| !condition[field].is_null());
    set.map(|field| (field.to_owned(), condition[field].clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// Makes `Ready` depend on the gates that the host pod has not, so that the host's kubelet does not
/// (`GeneratePodReadyCondition` in k8s.io/kubernetes/pkg/kubelet/status/generate.go).
pub(super) fn weigh(conditions: &mut [Value], virtual_pod: &Value, host_pod: &Value) {
    let weighed_there = types(host_pod);
    let mut gates = types(virtual_pod);
    gates.retain(|kind| !weighed_there.contains(kind));
    let missing: Vec<String> = gates
        .iter()
        .filter_map(|kind| why_not(conditions, kind))
        .collect();
    let times = gates
        .iter()
        .filter_map(|kind| find(conditions, "type", kind))
        .map(|condition| text(condition, "lastTransitionTime").to_owned());
    let latest = times.max().unwrap_or_default();
    let previous = find(list(&virtual_pod["status"], "conditions"), "type", "Ready");
    let ready = conditions
        .iter_mut()
        .find(|condition| text(condition, "type") == "Ready" && condition["status"] == "True");
    let Some(ready) = ready.and_then(Value::as_object_mut) else {
        return;
    };
    let host_time = ready.get("lastTransitionTime").and_then(Value::as_str);
    // Times of the API are RFC 3339 in UTC and to the second, so their order is that of their texts.
    let mut time = latest.max(host_time.unwrap_or_default().to_owned());
    if !missing.is_empty() {
        let unready = previous.filter(|previous| previous["status"] == "False");
        if let Some(since) = unready.and_then(|previous| previous["lastTransitionTime"].as_str()) {
            since.clone_into(&mut time);
        }
        for (field, value) in [
            ("status", "False"),
            ("reason", "ReadinessGatesNotReady"),
            ("message", &missing.join(", ")),
        ] {
            ready.insert(field.to_owned(), value.into());
        }
    }
    if !time.is_empty() {
        ready.insert("lastTransitionTime".to_owned(), time.into());
    }
}

/// Why a gate is closed, in the kubelet's words.
fn why_not(conditions: &[Value], kind: &str) -> Option<String> {
    let Some(condition) = find(conditions, "type", kind) else {
        return Some(format!(
            "corresponding condition of pod readiness gate {kind:?} does not exist."
        ));
    };
    let status = text(condition, "status");
    (status != "True")
        .then(|| format!("the status of pod readiness gate {kind:?} is not \"True\", but {status}"))
}
