//! Pods as data: cases that are written out, and properties of all pods.

mod golden;
mod properties;
mod schema;

use serde_json::{Map, Value, json};

use super::super::json::list;
use super::{HostClasses, PodSettings, Scope, Surroundings};

/// What `Surroundings` borrows.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) scope: Scope,
    pub(super) settings: PodSettings,
    pub(super) namespace_labels: Map<String, Value>,
    pub(super) service_environment: Vec<(String, String)>,
    pub(super) host_classes: HostClasses,
}

impl Context {
    /// The usual one, with what `context.json` says otherwise.
    pub(super) fn new(other: &Value) -> Self {
        let settings = json!({
            "writes_host_status": other["writes_host_status"] == true,
            "nameservers": other.get("nameservers").unwrap_or(&json!(["10.96.0.53"])),
        });
        let texts = |value: &Value| -> Vec<String> {
            let list = value.as_array().unwrap().iter();
            list.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let services = list(other, "service_environment").iter();
        Self {
            scope: Scope {
                cluster: "dev".parse().unwrap(),
                uid: "5f6f9b4e-7a0e-4a1b-9d0f-1c2d3e4f5a6b".to_owned(),
                host_namespace: "team-a".parse().unwrap(),
            },
            settings: PodSettings {
                service_account: "vc-dev-pods".to_owned(),
                cluster_domain: "cluster.local".to_owned(),
                nameservers: texts(&settings["nameservers"]),
                api_host: other["api_host"].as_str().unwrap_or("10.96.0.7").to_owned(),
                api_port: 443,
                writes_host_status: settings["writes_host_status"] == true,
            },
            namespace_labels: other["namespace_labels"]
                .as_object()
                .cloned()
                .unwrap_or_default(),
            host_classes: HostClasses {
                priority: other["host_classes"] == true,
                runtime: other["host_classes"] == true,
            },
            service_environment: services
                .map(texts)
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
        }
    }

    pub(super) fn around(&self) -> Surroundings<'_> {
        Surroundings {
            scope: &self.scope,
            settings: &self.settings,
            namespace_labels: &self.namespace_labels,
            service_environment: &self.service_environment,
            host_classes: self.host_classes,
        }
    }
}

/// What an API server makes of an object and a merge patch (RFC 7386).
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
