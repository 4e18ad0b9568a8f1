//! Spec of a host pod: the steps, in order.
//!
//! In: a virtual pod and what is around it. Out: the host pod's spec. Never: a choice that is the
//! host's: its ServiceAccount and scheduler are not the virtual cluster's to name, nor a priority or
//! runtime that is not shown from the host.

use serde_json::{Map, Value, json};

use super::super::Refusal;
use super::super::json::text;
use super::{
    PodSettings, Surroundings, containers, dns, environment, projected, references, refusal,
    scheduling, volumes,
};

/// Longest host name of a pod, in bytes.
const HOSTNAME_MAX_BYTES: usize = 63;

/// Longest whole name that the kernel takes as a host name, in bytes (`HOST_NAME_MAX`).
const FQDN_MAX_BYTES: usize = 64;

/// What never reaches the host:
///
/// - names of the host's that a virtual pod must not choose, and what its admission computes from them:
///   the host's defaults for the namespace decide; a class that is shown from the host may be chosen;
/// - `subdomain` and `setHostnameAsFQDN`, because the kubelet would make a name in the host namespace
///   of them; DNS answers for `POD.SUBDOMAIN` come from the virtual cluster's Services, and to the pod itself from
///   its own address; a pod that
///   wants to be called by its whole name is, by `hostnameOverride`;
/// - groups of pods, which exist in the virtual cluster alone;
/// - ephemeral containers, which cannot be there from the beginning (`ValidatePodCreate`); `changes`
///   adds them.
const DROPPED: [&str; 12] = [
    "serviceAccount",
    "schedulerName",
    "priorityClassName",
    "priority",
    "preemptionPolicy",
    "runtimeClassName",
    "overhead",
    "subdomain",
    "setHostnameAsFQDN",
    "workloadRef",
    "schedulingGroup",
    "ephemeralContainers",
];

/// Spec of the host pod of a virtual one.
///
/// # Errors
/// For what must not or cannot reach the host.
pub(super) fn host_spec(
    pod: &Value,
    around: Surroundings<'_>,
) -> Result<Map<String, Value>, Refusal> {
    let (namespace, name) = key(pod);
    let mut spec = pod["spec"].as_object().cloned().unwrap_or_default();
    let whole_name = whole_name(&spec, (namespace, name), around.settings);
    for field in DROPPED {
        let is_host_s = match field {
            "priorityClassName" => around.host_classes.priority,
            "runtimeClassName" => around.host_classes.runtime,
            _ => false,
        };
        if !is_host_s {
            spec.shift_remove(field);
        }
    }
    refuse_claims(&spec)?;
    set_identity(&mut spec, name, around.settings);
    if let Some(whole_name) = whole_name {
        spec.insert("hostnameOverride".to_owned(), whole_name.into());
    }
    scheduling::translate(&mut spec, &pod["metadata"], around.scope)?;
    containers::translate(&mut spec, &environment::of(pod, around))?;
    volumes::translate(&mut spec, name)?;
    references::to_host(&mut spec, around.scope, namespace);
    projected::tokens_from_secret(&mut spec, around.scope, (namespace, name));
    dns::translate(&mut spec, namespace, around.settings);
    Ok(spec)
}

/// Ephemeral containers as the host gets them.
///
/// # Errors
/// For what must not or cannot reach the host.
pub(super) fn ephemeral_containers(
    containers: Vec<Value>,
    pod: &Value,
    around: Surroundings<'_>,
) -> Result<Value, Refusal> {
    let mut spec = Map::new();
    spec.insert("ephemeralContainers".to_owned(), containers.into());
    containers::translate(&mut spec, &environment::of(pod, around))?;
    references::to_host(&mut spec, around.scope, key(pod).0);
    Ok(spec.into())
}

/// Namespace and name.
pub(super) fn key(pod: &Value) -> (&str, &str) {
    let metadata = &pod["metadata"];
    (text(metadata, "namespace"), text(metadata, "name"))
}

/// The virtual ServiceAccount that a pod runs as.
pub(super) fn service_account(pod: &Value) -> &str {
    let spec = &pod["spec"];
    let names = [
        text(spec, "serviceAccountName"),
        text(spec, "serviceAccount"),
    ];
    let mut set = names.into_iter().filter(|name| !name.is_empty());
    set.next().unwrap_or("default")
}

fn refuse_claims(spec: &Map<String, Value>) -> Result<(), Refusal> {
    let claims = spec.get("resourceClaims").and_then(Value::as_array);
    let of_pod = spec.get("resources").map(|all| &all["claims"]);
    let is_empty = |claims: &Vec<Value>| claims.is_empty();
    if !claims.is_none_or(is_empty) {
        return Err(refusal::resource_claim("spec.resourceClaims"));
    }
    if !of_pod.and_then(Value::as_array).is_none_or(is_empty) {
        return Err(refusal::resource_claim("spec.resources.claims"));
    }
    Ok(())
}

/// As what the pod runs, and what it calls itself.
fn set_identity(spec: &mut Map<String, Value>, name: &str, settings: &PodSettings) {
    for (field, value) in [
        ("serviceAccountName", json!(settings.service_account)),
        ("automountServiceAccountToken", json!(false)),
        ("enableServiceLinks", json!(false)),
    ] {
        spec.insert(field.to_owned(), value);
    }
    let is_named = ["hostname", "hostnameOverride"].iter().any(|field| {
        spec.get(*field)
            .and_then(Value::as_str)
            .is_some_and(|set| !set.is_empty())
    });
    if !is_named {
        spec.insert("hostname".to_owned(), hostname(name).into());
    }
    if !settings.writes_host_status {
        spec.shift_remove("readinessGates");
    }
}

/// The name of a pod that asks for its whole one, in the virtual cluster's domain. A host before
/// Kubernetes 1.35 drops the field in which it is set, and the pod is called as if it had not asked.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-hostname/>
fn whole_name(
    spec: &Map<String, Value>,
    (namespace, name): (&str, &str),
    settings: &PodSettings,
) -> Option<String> {
    if spec.get("setHostnameAsFQDN") != Some(&Value::Bool(true)) {
        return None;
    }
    subdomain_name(spec, (namespace, name), settings).filter(|whole| whole.len() <= FQDN_MAX_BYTES)
}

/// The whole name of a pod that has a subdomain (`GeneratePodHostNameAndDomain` in
/// k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go). On the host's network it has the node's.
pub(super) fn subdomain_name(
    spec: &Map<String, Value>,
    (namespace, name): (&str, &str),
    settings: &PodSettings,
) -> Option<String> {
    let set = |field: &str| {
        let set = spec.get(field).and_then(Value::as_str);
        set.filter(|set| !set.is_empty())
    };
    let is_on_host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    if is_on_host_network || set("hostnameOverride").is_some() {
        return None;
    }
    let subdomain = set("subdomain")?;
    let short = set("hostname").map_or_else(|| hostname(name), str::to_owned);
    let domain = &settings.cluster_domain;
    Some(format!("{short}.{subdomain}.{namespace}.svc.{domain}"))
}

/// The host name that the kubelet would make of the virtual pod's name
/// (`truncatePodHostnameIfNeeded` in k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go), except that a dot
/// may not stand in `spec.hostname`.
fn hostname(name: &str) -> String {
    let cut: String = name
        .chars()
        .take(HOSTNAME_MAX_BYTES)
        .map(|c| if c == '.' { '-' } else { c })
        .collect();
    cut.trim_end_matches('-').to_owned()
}
