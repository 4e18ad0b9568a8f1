//! Objects that are carried to the host by a description of their kind, and their status back.
//!
//! In: a virtual object, what its kind is like, its host object if there is one. Out: the host object, the
//! write that brings it in step, the virtual status; or why there can be none. Never: a name or a selector
//! that the description lists and that leads out of the virtual cluster. What it does not list is carried
//! as it is, so a description is as good as its list; those of known kinds are in [`crate::sync`].

mod ingresses;
pub(super) mod merge;
mod networkpolicies;
mod poddisruptionbudgets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::json::{at, object_mut, text};
use super::metadata::metadata_changes;
use super::pods::Uses;
use super::selectors::{self, Reach};
use super::{Scope, scrub, to_host_keys};
use crate::labels;
use crate::sync::{Carried, Known, Path};

/// What of an object is not its content.
const NOT_CONTENT: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// Largest content that is noted on the host object, in bytes: annotations may have 256 KiB altogether
/// (`TotalAnnotationSizeLimitB` in k8s.io/apimachinery/pkg/api/validation/objectmeta.go).
const NOTED_MAX_BYTES: usize = 128 << 10;

/// What is around an object.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Which virtual cluster.
    pub scope: &'a Scope,
    /// Labels of the virtual namespace `kube-system`, where programs look for DNS.
    pub system_labels: &'a Value,
}

/// What becomes of a virtual object.
#[derive(Debug, Clone, PartialEq)]
pub struct HostObject {
    /// The whole host object.
    pub object: Value,
    /// Fields that it lacks.
    pub left_out: Vec<String>,
}

/// The host object of a virtual one; none as long as what it needs to say is not known.
pub fn to_host(carried: &Carried, object: &Value, around: Surroundings<'_>) -> Option<HostObject> {
    let described = &carried.described;
    let namespace = text(&object["metadata"], "namespace");
    let mut left_out = Vec::new();
    let mut metadata = object["metadata"].clone();
    if carried.known == Some(Known::Ingresses)
        && let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
    {
        ingresses::rename_in_annotations(annotations, namespace, around.scope);
    }
    let metadata = around.scope.host_metadata(&metadata);
    let mut host = json!({
        "apiVersion": described.api_version(),
        "kind": described.kind,
    });
    let fields = host.as_object_mut()?;
    fields.extend(content(object));
    fields.insert("metadata".to_owned(), metadata.into());
    for path in &described.leave_out {
        if path.remove(&mut host) {
            left_out.push(path.to_string());
        }
    }
    for reference in &described.references {
        translate_names(
            &reference.path,
            &mut host,
            namespace,
            around.scope,
            &mut left_out,
        );
    }
    for path in &described.selectors {
        path.change(&mut host, &mut |selector| {
            translate_selector(selector, namespace, around.scope);
        });
    }
    let spec = object_mut(host.as_object_mut()?, "spec");
    match (carried.known, spec) {
        (Some(Known::NetworkPolicies), Some(spec)) => {
            networkpolicies::translate(spec, namespace, around, &mut left_out);
        }
        (Some(Known::PodDisruptionBudgets), Some(spec)) => {
            poddisruptionbudgets::translate(spec, object, around.scope, &mut left_out)?;
        }
        _ => {}
    }
    left_out.dedup();
    let noted = note(&content(&host));
    if let Some(annotations) = object_mut(
        object_mut(host.as_object_mut()?, "metadata")?,
        "annotations",
    ) {
        annotations.insert(labels::APPLIED.to_owned(), noted.into());
        if !left_out.is_empty() {
            annotations.insert(labels::LEFT_OUT.to_owned(), left_out.join(",").into());
        }
    }
    Some(HostObject {
        object: host,
        left_out,
    })
}

/// Everything in an object but what it is and its status.
pub(super) fn content(object: &Value) -> Map<String, Value> {
    let fields = object.as_object().into_iter().flatten();
    fields
        .filter(|(field, _)| !NOT_CONTENT.contains(&field.as_str()))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}

/// Leaves out of a spec what is not known here: what is newer may mean anything.
fn leave_out_others(spec: &mut Map<String, Value>, known: &[&str], left_out: &mut Vec<String>) {
    spec.retain(|field, _| {
        let is_known = known.contains(&field.as_str());
        if !is_known {
            left_out.push(format!("spec.{field}"));
        }
        is_known
    });
}

/// The content as it is noted on the host object: what is no longer wanted is known by it. A large one is
/// not, and then nothing is removed of what others may have added.
fn note(content: &Map<String, Value>) -> String {
    let text = Value::from(content.clone()).to_string();
    if text.len() > NOTED_MAX_BYTES {
        super::configs::digest(&content.clone().into())
    } else {
        text
    }
}

/// What the host object of one in this namespace is called there; none when it is in another: who may
/// write here may not be allowed to read there, and on the host both are in one.
fn host_reference(name: &str, namespace: &str, scope: &Scope) -> Option<String> {
    match name.split_once('/') {
        None => Some(scope.host_name(namespace, name)),
        Some((of, name)) if of == namespace => {
            let host_name = scope.host_name(namespace, name);
            Some(format!("{}/{host_name}", scope.host_namespace))
        }
        Some(_) => None,
    }
}

fn translate_names(
    path: &Path,
    host: &mut Value,
    namespace: &str,
    scope: &Scope,
    left_out: &mut Vec<String>,
) {
    let mut is_foreign = false;
    path.change(host, &mut |value| {
        let Some(name) = value.as_str().filter(|name| !name.is_empty()) else {
            // Nothing else can be a name, so nothing else gets there.
            if !value.is_string() {
                *value = Value::Null;
            }
            return;
        };
        if let Some(name) = host_reference(name, namespace, scope) {
            *value = name.into();
        } else {
            is_foreign = true;
            *value = Value::Null;
        }
    });
    // An annotation that is null would be refused.
    path.remove_null(host);
    if is_foreign {
        left_out.push(path.to_string());
    }
}

/// A selector of pods, in either of its forms: with `matchLabels` and `matchExpressions`, or labels alone.
fn translate_selector(selector: &mut Value, namespace: &str, scope: &Scope) {
    let is_plain = selector.as_object().is_some_and(|fields| {
        let is_known = |key: &String| matches!(key.as_str(), "matchLabels" | "matchExpressions");
        !fields.is_empty() && !fields.keys().all(is_known)
    });
    if !is_plain {
        selectors::to_host(selector, &Reach::own(namespace), scope);
        return;
    }
    let mut wanted = to_host_keys(selector);
    wanted.insert(labels::CLUSTER.to_owned(), scope.cluster.as_str().into());
    wanted.insert(labels::NAMESPACE.to_owned(), namespace.into());
    *selector = wanted.into();
}

/// The ConfigMaps and Secrets that an object names in its namespace.
pub fn uses(carried: &Carried, object: &Value) -> Uses {
    let namespace = text(&object["metadata"], "namespace");
    let mut uses = Uses::default();
    for reference in &carried.described.references {
        let of_kind = match reference.kind.as_str() {
            "ConfigMap" => &mut uses.config_maps,
            "Secret" => &mut uses.secrets,
            _ => continue,
        };
        let named = reference.path.texts(object).into_iter();
        of_kind.extend(named.filter_map(|name| match name.split_once('/') {
            None => Some(name.to_owned()),
            Some((of, name)) => (of == namespace).then(|| name.to_owned()),
        }));
    }
    uses
}

/// The merge patch (RFC 7386) that brings a host object in step; none when it is. What others have added
/// to it stays.
pub fn changes(wanted: &Value, found: &Value) -> Option<Value> {
    let mut patch = Map::new();
    let noted = at(found, &["metadata", "annotations", labels::APPLIED]);
    let noted: Value = noted
        .as_str()
        .and_then(|noted| serde_json::from_str(noted).ok())
        .unwrap_or_default();
    if let Some(Value::Object(changed)) =
        merge::changes(&noted, &content(wanted).into(), &content(found).into())
    {
        patch.extend(changed);
    }
    let metadata = metadata_changes(wanted, found);
    if !metadata.is_empty() {
        patch.insert("metadata".to_owned(), metadata.into());
    }
    (!patch.is_empty()).then(|| patch.into())
}

/// The status of a virtual object, given its host object that is in step with it; none when it has it.
pub fn status(carried: &Carried, object: &Value, host: &Value, scope: &Scope) -> Option<Value> {
    let known = &object["status"];
    if !carried.described.status || host["status"].is_null() && known.is_null() {
        return None;
    }
    let mut status = host["status"].clone();
    let names = names(carried, object, scope);
    let generations = (
        at(host, &["metadata", "generation"]).as_i64(),
        at(object, &["metadata", "generation"]).as_i64(),
    );
    to_virtual(&mut status, &names, &object["metadata"], scope, generations);
    let changes = super::json::replacing(&status, known);
    (status != *known).then(|| json!({"status": changes}))
}

/// Host names of an object and of what it names, and what they stand for.
fn names(carried: &Carried, object: &Value, scope: &Scope) -> BTreeMap<String, String> {
    let namespace = text(&object["metadata"], "namespace");
    let references = carried.described.references.iter();
    let named = references.flat_map(|reference| reference.path.texts(object));
    let named = named.map(|name| name.split_once('/').map_or(name, |(_, name)| name));
    named
        .chain([text(&object["metadata"], "name")])
        .map(|name| (scope.host_name(namespace, name), name.to_owned()))
        .collect()
}

/// Every text in virtual names, every generation as the virtual object counts.
fn to_virtual(
    value: &mut Value,
    names: &BTreeMap<String, String>,
    metadata: &Value,
    scope: &Scope,
    generations: (Option<i64>, Option<i64>),
) {
    match value {
        Value::String(host) if *host == scope.host_namespace.as_str() => {
            *value = metadata["namespace"].clone();
        }
        Value::String(host) => *value = scrub::with_names(host, names, metadata, scope).into(),
        Value::Array(all) => {
            for one in all {
                to_virtual(one, names, metadata, scope, generations);
            }
        }
        Value::Object(fields) => {
            for (field, one) in fields {
                match (field.as_str(), one.as_i64(), generations) {
                    ("observedGeneration", Some(observed), (Some(host), Some(generation))) => {
                        let behind = i64::from(observed < host);
                        *one = (generation - behind).max(0).into();
                    }
                    _ => to_virtual(one, names, metadata, scope, generations),
                }
            }
        }
        _ => {}
    }
}
