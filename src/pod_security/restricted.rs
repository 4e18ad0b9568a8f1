//! What the restricted profile forbids beyond baseline, but for seccomp.
//!
//! In: a pod. Out: what it does, or leaves out, that restricted forbids. Never: a look at other
//! fields, or at the host.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>

use std::collections::BTreeSet;

use serde_json::Value;

use super::Violation;
use super::baseline::{self, added_beyond, unmasked_proc};
use super::pod::{Pod, elements, field};
use super::words::{named, plural, quoted, verb, violation};

/// Volumes that hold nothing of the node's.
const VOLUME_TYPES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Windows has no such flag, so a pod for it need not set it.
pub(super) fn privilege_escalation(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.containers_that(|container| {
        let value = field(container, "securityContext.allowPrivilegeEscalation");
        *value != false && !(pod.is_windows() && value.is_null())
    });
    (!bad.is_empty()).then(|| {
        let who = named("container", &bad);
        violation(
            "allowPrivilegeEscalation != false",
            format!("{who} must set securityContext.allowPrivilegeEscalation=false"),
        )
    })
}

/// Windows has no capabilities, so a pod for it has none to drop; it keeps the rule of baseline.
pub(super) fn capabilities(pod: &Pod<'_>) -> Option<Violation> {
    if pod.is_windows() {
        return baseline::capabilities(pod);
    }
    let keeping = pod.containers_that(|container| {
        let dropped = elements(field(container, "securityContext.capabilities.drop"));
        !dropped.iter().any(|capability| capability == "ALL")
    });
    let adding = pod.containers_with(|container| added_beyond(container, &["NET_BIND_SERVICE"]));
    let must_drop = (!keeping.is_empty()).then(|| {
        let who = named("container", &keeping);
        format!(r#"{who} must set securityContext.capabilities.drop=["ALL"]"#)
    });
    let must_not_add = adding.setters().map(|who| {
        let values = quoted(&adding.values);
        format!("{who} must not include {values} in securityContext.capabilities.add")
    });
    let details: Vec<String> = must_drop.into_iter().chain(must_not_add).collect();
    (!details.is_empty()).then(|| violation("unrestricted capabilities", details.join("; ")))
}

/// Since 1.35, where baseline allows it to pods with users of their own.
pub(super) fn proc_mount(pod: &Pod<'_>) -> Option<Violation> {
    unmasked_proc(pod)
}

/// A volume has to have one source, and that an allowed one. Of a source that is newer than this
/// list nobody knows what it reaches.
pub(super) fn volume_types(pod: &Pod<'_>) -> Option<Violation> {
    let mut names = Vec::new();
    let mut types = BTreeSet::new();
    for volume in elements(&pod.spec["volumes"]) {
        let bad = forbidden_sources(volume);
        if !bad.is_empty() {
            names.push(volume["name"].as_str().unwrap_or_default());
            types.extend(bad);
        }
    }
    (!names.is_empty()).then(|| {
        let who = named("volume", &names);
        let uses = verb("use", names.len());
        let noun = plural("restricted volume type", types.len());
        let types = quoted(&types);
        violation(
            "restricted volume types",
            format!("{who} {uses} {noun} {types}"),
        )
    })
}

fn forbidden_sources(volume: &Value) -> Vec<String> {
    let fields = volume.as_object().into_iter().flatten();
    let sources: Vec<&String> = fields
        .filter(|(key, value)| *key != "name" && !value.is_null())
        .map(|(key, _)| key)
        .collect();
    if sources.is_empty() {
        return vec!["unknown".to_owned()];
    }
    let bad = sources
        .into_iter()
        .filter(|key| !VOLUME_TYPES.contains(&key.as_str()));
    bad.cloned().collect()
}

/// Somebody has to say it, the pod or each container, and nobody the opposite.
pub(super) fn run_as_non_root(pod: &Pod<'_>) -> Option<Violation> {
    if pod.has_own_users() {
        return None;
    }
    let bad = pod.contexts_with(|context| match &context["runAsNonRoot"] {
        Value::Null | Value::Bool(true) => Vec::new(),
        _ => vec![String::new()],
    });
    let reason = "runAsNonRoot != true";
    if let Some(who) = bad.setters() {
        let detail = format!("{who} must not set securityContext.runAsNonRoot=false");
        return Some(violation(reason, detail));
    }
    if field(pod.spec, "securityContext.runAsNonRoot") == true {
        return None;
    }
    let silent =
        pod.containers_that(|container| field(container, "securityContext.runAsNonRoot").is_null());
    (!silent.is_empty()).then(|| {
        let who = named("container", &silent);
        let detail = format!("pod or {who} must set securityContext.runAsNonRoot=true");
        violation(reason, detail)
    })
}

pub(super) fn run_as_user(pod: &Pod<'_>) -> Option<Violation> {
    if pod.has_own_users() {
        return None;
    }
    let bad = pod.contexts_with(|context| {
        let is_root = context["runAsUser"] == 0;
        Vec::from_iter(is_root.then(String::new))
    });
    let who = bad.setters()?;
    Some(violation(
        "runAsUser=0",
        format!("{who} must not set runAsUser=0"),
    ))
}
