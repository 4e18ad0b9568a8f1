//! Names in annotations of Ingresses that no path leads to.
//!
//! The AWS Load Balancer Controller takes the name of a backend for part of an annotation's key, and names
//! Services in JSON within its value
//! (<https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#actions>).

use serde_json::{Map, Value};

use super::super::Scope;

/// Prefixes of keys that a backend's name follows.
const BY_BACKEND: [&str; 2] = [
    "alb.ingress.kubernetes.io/actions.",
    "alb.ingress.kubernetes.io/conditions.",
];

/// Lists of Services, separated by commas (NGINX Inc.).
const LISTS: [&str; 3] = [
    "nginx.org/grpc-services",
    "nginx.org/ssl-services",
    "nginx.org/websocket-services",
];

/// Puts host names where annotations name Services.
pub(super) fn rename_in_annotations(
    annotations: &mut Map<String, Value>,
    namespace: &str,
    scope: &Scope,
) {
    let host_name = |name: &str| scope.host_name(namespace, name);
    for list in LISTS {
        if let Some(value) = annotations.get_mut(list) {
            let names = value.as_str().unwrap_or_default().split(',').map(str::trim);
            let names: Vec<String> = names
                .filter(|name| !name.is_empty())
                .map(host_name)
                .collect();
            *value = names.join(",").into();
        }
    }
    let keys: Vec<(String, String)> = annotations
        .keys()
        .filter_map(|key| {
            let prefix = BY_BACKEND.iter().find(|prefix| key.starts_with(**prefix))?;
            let renamed = format!("{prefix}{}", host_name(key.strip_prefix(prefix)?));
            Some((key.clone(), renamed))
        })
        .collect();
    for (key, renamed) in keys {
        if let Some(value) = annotations.shift_remove(&key) {
            annotations.insert(renamed, in_json(&value, &host_name));
        }
    }
}

/// A text that is JSON, with the Services in it renamed; any other text as it is.
fn in_json(value: &Value, host_name: &impl Fn(&str) -> String) -> Value {
    fn walk(value: &mut Value, host_name: &impl Fn(&str) -> String) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| walk(one, host_name)),
            Value::Object(fields) => {
                for (field, one) in fields {
                    match (field.to_ascii_lowercase().as_str(), one.as_str()) {
                        ("servicename", Some(name)) => *one = host_name(name).into(),
                        _ => walk(one, host_name),
                    }
                }
            }
            _ => {}
        }
    }
    let text = value.as_str().unwrap_or_default();
    match serde_json::from_str::<Value>(text) {
        Ok(mut tree) => {
            walk(&mut tree, host_name);
            tree.to_string().into()
        }
        Err(_) => value.clone(),
    }
}
