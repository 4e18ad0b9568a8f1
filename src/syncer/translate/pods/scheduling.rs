//! Where a pod may be.
//!
//! In: a virtual pod's node, affinity and spread. Out: the same choice for the host's scheduler. Never:
//! a choice made here.
//!
//! Virtual nodes are named and labelled as the host's, so node selectors, node affinity and
//! tolerations are right as they are. That goes for a toleration of everything, too: which taints a
//! pod of this namespace may tolerate is for the host's admission to say.

use serde_json::{Map, Value, json};

use super::super::json::{object_mut, objects_mut, text};
use super::super::selectors::{self, Reach};
use super::super::{Refusal, Scope};
use super::refusal;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Translates everything about the place of a pod.
///
/// # Errors
/// For an affinity to pods that the host's scheduler cannot express.
pub(super) fn translate(
    spec: &mut Map<String, Value>,
    metadata: &Value,
    scope: &Scope,
) -> Result<(), Refusal> {
    pin_to_node(spec);
    let namespace = text(metadata, "namespace");
    let pod_labels = &metadata["labels"];
    for constraint in objects_mut(spec, "topologySpreadConstraints") {
        selectors::resolve_label_keys(constraint, pod_labels);
        if let Some(selector) = constraint.get_mut("labelSelector") {
            selectors::to_host(selector, &Reach::own(namespace), scope);
        }
    }
    let Some(affinity) = object_mut(spec, "affinity") else {
        return Ok(());
    };
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(rules) = object_mut(affinity, kind) else {
            continue;
        };
        for term in objects_mut(rules, REQUIRED) {
            selectors::resolve_label_keys(term, pod_labels);
        }
        for weighted in objects_mut(rules, PREFERRED) {
            if let Some(term) = object_mut(weighted, "podAffinityTerm") {
                selectors::resolve_label_keys(term, pod_labels);
            }
        }
        required(rules, kind, namespace, scope)?;
        preferred(rules, namespace, scope);
    }
    Ok(())
}

/// A pod that names its node bypasses the scheduler; on the host that would be the host's quota of
/// trust, so it becomes a wish that only this node fulfils, as DaemonSets make it. What differs: taints
/// of the node count.
fn pin_to_node(spec: &mut Map<String, Value>) {
    let node = match spec.shift_remove("nodeName") {
        Some(Value::String(node)) if !node.is_empty() => node,
        _ => return,
    };
    let pin = json!({"key": "metadata.name", "operator": "In", "values": [node]});
    let Some(required) = entry_object(spec, "affinity")
        .and_then(|affinity| entry_object(affinity, "nodeAffinity"))
        .and_then(|affinity| entry_object(affinity, REQUIRED))
    else {
        return;
    };
    let terms = required.entry("nodeSelectorTerms").or_insert(json!([]));
    match terms.as_array_mut().filter(|terms| !terms.is_empty()) {
        Some(terms) => {
            for term in terms.iter_mut().filter_map(Value::as_object_mut) {
                pin_term(term, &pin);
            }
        }
        None => *terms = json!([{"matchFields": [pin]}]),
    }
}

/// Adds to what a term requires. An empty term matches no node, and must not come to match one.
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#NodeSelector>
fn pin_term(term: &mut Map<String, Value>, pin: &Value) {
    let has = |key: &str| {
        let requirements = term.get(key).and_then(Value::as_array);
        requirements.is_some_and(|requirements| !requirements.is_empty())
    };
    if !has("matchExpressions") && !has("matchFields") {
        return;
    }
    let fields = term.entry("matchFields").or_insert(json!([]));
    match fields.as_array_mut() {
        Some(fields) => fields.push(pin.clone()),
        None => *fields = json!([pin]),
    }
}

/// The object under a key, made when there is none.
fn entry_object<'a>(
    map: &'a mut Map<String, Value>,
    key: &str,
) -> Option<&'a mut Map<String, Value>> {
    let slot = map.entry(key).or_insert(Value::Null);
    if slot.is_null() {
        *slot = json!({});
    }
    slot.as_object_mut()
}

/// Required terms are all to hold. So a term about two sets of namespaces is two terms if it is about
/// being apart, and cannot be said if it is about being near: "near one in A or in B".
fn required(
    rules: &mut Map<String, Value>,
    kind: &str,
    namespace: &str,
    scope: &Scope,
) -> Result<(), Refusal> {
    let Some(terms) = rules.get_mut(REQUIRED).and_then(Value::as_array_mut) else {
        return Ok(());
    };
    let mut host_terms = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        let parts = host_parts(term, namespace, scope);
        if parts.len() > 1 && kind == "podAffinity" {
            let field = format!("spec.affinity.podAffinity.{REQUIRED}[{index}]");
            let why = "namespaces and namespaceSelector cannot both be set here; use one of them";
            return Err(refusal::affinity(&field, why));
        }
        host_terms.extend(parts);
    }
    *terms = host_terms;
    Ok(())
}

/// Preferred terms add up, so a term about two sets of namespaces is two of its weight.
fn preferred(rules: &mut Map<String, Value>, namespace: &str, scope: &Scope) {
    let Some(weighted) = rules.get_mut(PREFERRED).and_then(Value::as_array_mut) else {
        return;
    };
    let mut host_weighted = Vec::new();
    for preference in weighted.iter() {
        for part in host_parts(&preference["podAffinityTerm"], namespace, scope) {
            let mut preference = preference.clone();
            if let Some(preference) = preference.as_object_mut() {
                preference.insert("podAffinityTerm".to_owned(), part);
            }
            host_weighted.push(preference);
        }
    }
    *weighted = host_weighted;
}

/// One host term for each set of namespaces that a term is about.
fn host_parts(term: &Value, namespace: &str, scope: &Scope) -> Vec<Value> {
    let mut reaches = selectors::reaches(term, namespace);
    if !term["labelSelector"].is_object() {
        // It matches no pod, wherever it looks.
        reaches.truncate(1);
    }
    let parts = reaches.iter().map(|reach| {
        let mut term = term.clone();
        if let Some(term) = term.as_object_mut() {
            term.shift_remove("namespaces");
            term.shift_remove("namespaceSelector");
            if let Some(selector) = term.get_mut("labelSelector") {
                selectors::to_host(selector, reach, scope);
            }
        }
        term
    });
    parts.collect()
}
