//! Whether the namespace's ResourceQuotas have room for a control plane.
//!
//! In: the objects that would be made, the quotas with what is used. Out: findings. Never: what admission says;
//! this only tells why before it is asked.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceQuota;
use serde_json::Value;

use super::{Finding, codes};
use crate::quantity;

/// How much of everything that a quota may count, in billionths: `requests.cpu`, `count/roles.rbac.authorization.k8s.io`.
pub type Demand = BTreeMap<String, u128>;

/// What these objects ask for; among them the pod and the claim that a StatefulSet would make.
pub fn demand<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Demand {
    let mut demand = Demand::new();
    for object in objects {
        let text = |field: &str| {
            object
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (api, kind) = (text("apiVersion"), text("kind"));
        let group = api.split_once('/').map_or("", |(group, _)| group);
        // The kinds of a cluster's objects all have regular plurals, but for the policies.
        let plural = match kind.to_lowercase() {
            kind if kind.ends_with('y') => format!("{}ies", kind.trim_end_matches('y')),
            kind => format!("{kind}s"),
        };
        let count = if group.is_empty() {
            add(&mut demand, &plural, quantity::NANOS_PER_UNIT);
            format!("count/{plural}")
        } else {
            format!("count/{plural}.{group}")
        };
        add(&mut demand, &count, quantity::NANOS_PER_UNIT);
        match kind {
            "Pod" => of_pod(&mut demand, object),
            "PersistentVolumeClaim" => of_claim(&mut demand, object),
            _ => {}
        }
    }
    demand
}

fn of_pod(demand: &mut Demand, pod: &Value) {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
    for container in containers.into_iter().flatten() {
        for (field, short) in [("requests", true), ("limits", false)] {
            let amounts = container.pointer(&format!("/resources/{field}"));
            let amounts = amounts.and_then(Value::as_object);
            for (resource, amount) in amounts.into_iter().flatten() {
                let amount = amount.as_str().and_then(quantity::nanos).unwrap_or(0);
                add(demand, &format!("{field}.{resource}"), amount);
                // <https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota>
                if short {
                    add(demand, resource, amount);
                }
            }
        }
    }
}

fn of_claim(demand: &mut Demand, claim: &Value) {
    let size = claim.pointer("/spec/resources/requests/storage");
    let size = size.and_then(Value::as_str).and_then(quantity::nanos);
    let size = size.unwrap_or(0);
    add(demand, "requests.storage", size);
    let class = claim
        .pointer("/spec/storageClassName")
        .and_then(Value::as_str);
    if let Some(class) = class {
        let of_class = format!("{class}.storageclass.storage.k8s.io");
        add(demand, &format!("{of_class}/requests.storage"), size);
        let count = format!("{of_class}/persistentvolumeclaims");
        add(demand, &count, quantity::NANOS_PER_UNIT);
    }
}

fn add(demand: &mut Demand, name: &str, amount: u128) {
    *demand.entry(name.to_owned()).or_default() += amount;
}

/// What a pod of the virtual cluster takes at least of each, and so has to be left.
const OF_PODS: [&str; 2] = ["pods", "count/pods"];

/// Checks quotas; one that counts only some pods (by scope) is left to admission.
pub fn quotas(quotas: &[ResourceQuota], demand: &Demand) -> Vec<Finding> {
    quotas
        .iter()
        .flat_map(|quota| of_quota(quota, demand))
        .collect()
}

fn of_quota(quota: &ResourceQuota, demand: &Demand) -> Vec<Finding> {
    let spec = quota.spec.clone().unwrap_or_default();
    if spec.scopes.is_some_and(|scopes| !scopes.is_empty()) || spec.scope_selector.is_some() {
        return Vec::new();
    }
    let name = quota.metadata.name.clone().unwrap_or_default();
    let object = format!("resourcequota/{name}");
    let used = quota
        .status
        .as_ref()
        .and_then(|status| status.used.as_ref());
    let mut findings = Vec::new();
    for (resource, hard) in spec.hard.iter().flatten() {
        let used = used.and_then(|used| used.get(resource));
        let used = used.map_or("0", |used| used.0.as_str());
        let (Some(most), Some(taken)) = (quantity::nanos(&hard.0), quantity::nanos(used)) else {
            continue;
        };
        let needed = demand.get(resource).copied().unwrap_or(0);
        let left = most.saturating_sub(taken);
        if needed > left {
            let message = format!(
                "of {resource} there are {}, {used} of it used, and the control plane needs {}",
                hard.0,
                words(resource, needed)
            );
            let fix = "ask for less with `--cpu`, `--memory` and `--storage-size`, or have the quota raised";
            findings.push(Finding::new(&codes::QUOTA, object.as_str(), message).fix(fix));
        } else if needed == left && needed > 0 && OF_PODS.contains(&resource.as_str()) {
            let message = format!(
                "the control plane takes the last of {resource} ({} in all)",
                hard.0
            );
            let found = Finding::new(&codes::QUOTA_FULL, object.as_str(), message);
            findings.push(found.fix("have the quota raised"));
        }
    }
    findings
}

/// An amount as somebody would write it.
fn words(resource: &str, nanos: u128) -> String {
    const MEBIBYTE: u128 = 1024 * 1024;
    let whole = nanos / quantity::NANOS_PER_UNIT;
    let is_bytes = resource.ends_with("memory") || resource.ends_with("storage");
    if is_bytes && whole >= MEBIBYTE {
        return format!("{}Mi", whole.div_ceil(MEBIBYTE));
    }
    if nanos.is_multiple_of(quantity::NANOS_PER_UNIT) {
        return whole.to_string();
    }
    format!("{}m", nanos.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn objects() -> Vec<Value> {
        vec![
            json!({"apiVersion": "v1", "kind": "Service"}),
            json!({"apiVersion": "v1", "kind": "Service"}),
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}),
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [
                {"resources": {"requests": {"cpu": "150m", "memory": "300Mi"}, "limits": {"memory": "1Gi"}}},
                {"resources": {"requests": {"cpu": "50m", "memory": "84Mi"}}},
            ]}}),
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {
                "storageClassName": "fast", "resources": {"requests": {"storage": "5Gi"}}}}),
        ]
    }

    fn quota(hard: &Value, used: &Value) -> ResourceQuota {
        serde_json::from_value(json!({
            "metadata": {"name": "small"}, "spec": {"hard": hard}, "status": {"used": used},
        }))
        .unwrap()
    }

    fn messages(hard: &Value, used: &Value) -> Vec<String> {
        let found = quotas(&[quota(hard, used)], &demand(&objects()));
        let of = |one: Finding| format!("{} {}", one.code, one.message);
        found.into_iter().map(of).collect()
    }

    #[test]
    fn objects_and_what_they_ask_for_are_counted_by_every_name() {
        let demand = demand(&objects());
        let unit = quantity::NANOS_PER_UNIT;
        for (name, amount) in [
            ("services", 2),
            ("count/services", 2),
            ("count/networkpolicies.networking.k8s.io", 1),
            ("persistentvolumeclaims", 1),
            ("fast.storageclass.storage.k8s.io/persistentvolumeclaims", 1),
            ("requests.memory", 384 << 20),
            ("memory", 384 << 20),
            ("limits.memory", 1 << 30),
            ("requests.storage", 5 << 30),
        ] {
            assert_eq!(demand.get(name), Some(&(amount * unit)), "{name}");
        }
        assert_eq!(demand.get("cpu"), Some(&(unit / 5)));
    }

    #[test]
    fn too_little_is_told_with_what_is_needed() {
        let all = messages(
            &json!({"requests.cpu": "1", "memory": "1Gi", "services": "2", "secrets": "3"}),
            &json!({"requests.cpu": "900m", "memory": "0", "services": "1", "secrets": "3"}),
        );
        assert_eq!(
            all,
            [
                "VC203 of requests.cpu there are 1, 900m of it used, and the control plane needs 200m",
                "VC203 of services there are 2, 1 of it used, and the control plane needs 2",
            ]
        );
    }

    #[test]
    fn a_quota_that_leaves_no_pod_is_a_warning() {
        let all = messages(&json!({"pods": "3"}), &json!({"pods": "2"}));
        assert_eq!(
            all,
            ["VC204 the control plane takes the last of pods (3 in all)"]
        );
        assert_eq!(
            messages(&json!({"pods": "4"}), &json!({"pods": "2"})),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_quota_with_a_scope_is_left_to_admission() {
        let mut scoped = quota(&json!({"pods": "0"}), &json!({}));
        scoped.spec.as_mut().unwrap().scopes = Some(vec!["BestEffort".to_owned()]);
        assert_eq!(quotas(&[scoped], &demand(&objects())), []);
    }
}
