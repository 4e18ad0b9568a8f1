//! Resize in place.
//!
//! In: both pods. Out: a strategic merge patch of the host pod's spec, through `pods/resize`. Never: a
//! request or limit that the virtual pod does not name.
//!
//! <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>

use serde_json::{Map, Value, json};

use super::super::super::json::{find, list, text};
use super::differing;

/// Resources of the containers whose requests or limits are others on the host, and of the pod.
///
/// What the virtual pod does not name is left to the host; Kubernetes does not allow to remove it
/// either ("resource limits cannot be removed" in k8s.io/kubernetes/pkg/apis/core/validation).
pub(super) fn resize(virtual_pod: &Value, host_pod: &Value) -> Option<Map<String, Value>> {
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
