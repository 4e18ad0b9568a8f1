//! Label selectors of pods, as they have to be in a namespace that many share.
//!
//! In: a selector over virtual labels, and which virtual namespaces it looks into. Out: a selector over
//! host labels that matches host pods of this virtual cluster alone. Never: a selector that can match a
//! pod of somebody else, or the control plane.

use serde_json::{Map, Value, json};

use super::json::{list, object_mut, objects_mut, text, texts};
use super::{Scope, namespace_label, to_host_keys};
use crate::labels;

/// Which virtual namespaces a selector looks into.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reach {
    /// Those with these names.
    Named(Vec<String>),
    /// Those whose labels match this selector.
    Selected(Value),
}

impl Reach {
    /// The pod's own namespace.
    pub(super) fn own(namespace: &str) -> Self {
        Self::Named(vec![namespace.to_owned()])
    }

    /// Whether this is every namespace: an empty selector matches everything.
    pub(super) fn is_everywhere(&self) -> bool {
        match self {
            Self::Named(_) => false,
            Self::Selected(selector) => {
                let labels = selector["matchLabels"].as_object();
                labels.is_none_or(Map::is_empty) && list(selector, "matchExpressions").is_empty()
            }
        }
    }

    /// What the labels of a host pod must be for its virtual namespace to be one of these.
    fn requirements(&self) -> Vec<Value> {
        match self {
            Self::Named(names) => {
                vec![json!({"key": labels::NAMESPACE, "operator": "In", "values": names})]
            }
            Self::Selected(selector) => selected(selector),
        }
    }
}

/// The requirements of a namespace selector, on the namespace's labels that every pod carries. First
/// that it has a namespace at all: the control-plane pod has the cluster's label, too, and would
/// match everything that is negative.
fn selected(selector: &Value) -> Vec<Value> {
    let mut requirements = vec![json!({"key": labels::NAMESPACE, "operator": "Exists"})];
    for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
        let key = namespace_label(key);
        requirements.push(json!({"key": key, "operator": "In", "values": [value]}));
    }
    let mut expressions = selector.as_object().cloned().unwrap_or_default();
    for requirement in objects_mut(&mut expressions, "matchExpressions") {
        rename_key(requirement, namespace_label);
        requirements.push(requirement.clone().into());
    }
    requirements
}

fn rename_key(requirement: &mut Map<String, Value>, rename: impl Fn(&str) -> String) {
    if let Some(key) = requirement.get_mut("key")
        && let Some(renamed) = key.as_str().map(rename)
    {
        *key = renamed.into();
    }
}

/// Moves what `matchLabelKeys` and `mismatchLabelKeys` mean for this pod into the selector beside
/// them.
///
/// API servers do so themselves (`applyMatchLabelKeysAndMismatchLabelKeys` in
/// k8s.io/kubernetes/pkg/registry/core/pod/strategy.go), so the virtual pod has it in its selector
/// already when its API server is new enough. The host's would do it once more, and then refuses the
/// pod because the key is there twice; without the two fields it has nothing to do.
pub(super) fn resolve_label_keys(holder: &mut Map<String, Value>, pod_labels: &Value) {
    for (field, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        let keys = holder.shift_remove(field).unwrap_or_default();
        let Some(selector) = object_mut(holder, "labelSelector") else {
            continue;
        };
        for key in keys
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if let Some(value) = pod_labels[key].as_str() {
                require_once(
                    selector,
                    json!({"key": key, "operator": operator, "values": [value]}),
                );
            }
        }
    }
}

fn require_once(selector: &mut Map<String, Value>, requirement: Value) {
    let slot = selector.entry("matchExpressions").or_insert(json!([]));
    if slot.is_null() {
        *slot = json!([]);
    }
    if let Some(requirements) = slot
        .as_array_mut()
        .filter(|all| !all.contains(&requirement))
    {
        requirements.push(requirement);
    }
}

/// A selector of virtual pods as a selector of host pods. No selector matches no pod, here and
/// there, and stays none.
pub(super) fn to_host(selector: &mut Value, reach: &Reach, scope: &Scope) {
    let Some(selector) = selector.as_object_mut() else {
        return;
    };
    let mut match_labels = to_host_keys(selector.get("matchLabels").unwrap_or(&Value::Null));
    match_labels.insert(labels::CLUSTER.to_owned(), scope.cluster.as_str().into());
    selector.insert("matchLabels".to_owned(), match_labels.into());
    for requirement in objects_mut(selector, "matchExpressions") {
        rename_key(requirement, labels::to_host_key);
    }
    for requirement in reach.requirements() {
        require_once(selector, requirement);
    }
}

/// The namespaces that a term of pod affinity looks into: those named and those selected, or the
/// pod's own if it says neither.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#namespace-selector>
pub(super) fn reaches(term: &Value, own_namespace: &str) -> Vec<Reach> {
    let names: Vec<String> = texts(term, "namespaces").map(str::to_owned).collect();
    let mut reaches = Vec::new();
    if term["namespaceSelector"].is_object() {
        reaches.push(Reach::Selected(term["namespaceSelector"].clone()));
    }
    if reaches.iter().any(Reach::is_everywhere) {
        return reaches;
    }
    if !names.is_empty() {
        reaches.push(Reach::Named(names));
    }
    if reaches.is_empty() {
        reaches.push(Reach::own(own_namespace));
    }
    reaches
}

/// Whether labels match a selector.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
pub(super) fn matches(selector: &Value, labels: &Value) -> bool {
    let mut equal = selector["matchLabels"].as_object().into_iter().flatten();
    let is_met = |requirement: &Value| {
        let label = labels[text(requirement, "key")].as_str();
        let is_among = || texts(requirement, "values").any(|value| Some(value) == label);
        match text(requirement, "operator") {
            "In" => is_among(),
            "NotIn" => !is_among(),
            "Exists" => label.is_some(),
            "DoesNotExist" => label.is_none(),
            _ => false,
        }
    };
    let requirements = list(selector, "matchExpressions");
    selector.is_object()
        && equal.all(|(key, value)| labels[key.as_str()] == *value)
        && requirements.iter().all(is_met)
}
