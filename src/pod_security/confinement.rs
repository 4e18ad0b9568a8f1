//! AppArmor, SELinux and seccomp: what confines a container beyond its namespaces.
//!
//! In: a pod. Out: where it takes that away or chooses it freely. Never: a look at whether the host
//! has any of the three.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>

use serde_json::Value;

use super::Violation;
use super::pod::{Pod, field, unless_allowed};
use super::words::{named, plural, quoted, violation};

/// Profiles that leave a container confined, of AppArmor as of seccomp.
const CONFINED: [&str; 2] = ["RuntimeDefault", "Localhost"];

/// SELinux types that keep a container one; since 1.31 with the last.
const CONTAINER_TYPES: [&str; 5] = [
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
];

/// Annotations that were AppArmor's fields before 1.30, and still become them.
/// <https://kubernetes.io/docs/tutorials/security/apparmor/>
const APP_ARMOR_ANNOTATIONS: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Annotations that were seccomp's fields before 1.19, and were honoured until 1.27.
/// <https://kubernetes.io/docs/tutorials/security/seccomp/>
const SECCOMP_ANNOTATIONS: [&str; 2] = [
    "seccomp.security.alpha.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
];

/// Values of a field like `seccompProfile.type` that do not confine. A profile without a type is bad,
/// as for upstream; no profile at all is not.
fn unconfined(profile: &Value) -> Vec<String> {
    match (profile, &profile["type"]) {
        (Value::Null, _) => Vec::new(),
        (_, Value::Null) => vec![String::new()],
        (_, kind) => Vec::from_iter(unless_allowed(kind, &CONFINED)),
    }
}

/// Annotations, as `KEY="VALUE"`, whose value is none of the allowed, nor begins like a local profile.
fn bad_annotations(pod: &Pod<'_>, prefix: &str, allowed: &[&str]) -> Vec<String> {
    let is_allowed = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| allowed.contains(&text) || text.starts_with("localhost/"))
    };
    let bad = pod
        .annotations(prefix)
        .filter(|(_, value)| !is_allowed(value));
    // JSON quotes a string as Go's %q does, where it matters.
    let mut bad: Vec<String> = bad.map(|(key, value)| format!("{key}={value}")).collect();
    bad.sort();
    bad
}

pub(super) fn app_armor(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.contexts_with(|context| unconfined(&context["appArmorProfile"]));
    let annotations = bad_annotations(pod, APP_ARMOR_ANNOTATIONS, &["", "runtime/default"]);
    let setters = bad.setters().into_iter();
    let annotated = (!annotations.is_empty()).then(|| plural("annotation", annotations.len()));
    let setters: Vec<String> = setters.chain(annotated).collect();
    let values: Vec<&String> = bad.values.iter().chain(&annotations).collect();
    (!setters.is_empty()).then(|| {
        violation(
            plural("forbidden AppArmor profile", values.len()),
            format!(
                "{} must not set AppArmor profile type to {}",
                setters.join(" and "),
                quoted(values)
            ),
        )
    })
}

pub(super) fn se_linux(pod: &Pod<'_>) -> Option<Violation> {
    let types = pod.contexts_with(|context| {
        let value = field(context, "seLinuxOptions.type");
        Vec::from_iter(unless_allowed(value, &CONTAINER_TYPES))
    });
    let sets = |option: &str| {
        pod.contexts_with(|context| {
            let value = field(context, &format!("seLinuxOptions.{option}"));
            Vec::from_iter(unless_allowed(value, &[""]).map(|_| format!("{option} may not be set")))
        })
    };
    let mut data = Vec::new();
    if !types.values.is_empty() {
        let noun = plural("type", types.values.len());
        data.push(format!("{noun} {}", quoted(&types.values)));
    }
    // Who sets any of the three, each container once and in order.
    let mut all = types;
    for offenders in [sets("user"), sets("role")] {
        all.pod |= offenders.pod;
        all.containers.extend(offenders.containers);
        data.extend(offenders.values);
    }
    let named = pod.containers.iter().map(|container| container.name);
    let is_among = |name: &&str| all.containers.contains(name);
    let in_order: Vec<&str> = named.filter(is_among).collect();
    all.containers = in_order;
    let who = all.setters()?;
    Some(violation(
        "seLinuxOptions",
        format!(
            "{who} set forbidden securityContext.seLinuxOptions: {}",
            data.join("; ")
        ),
    ))
}

/// Not a rule of latest any more; see the head of `pod_security`.
pub(super) fn seccomp_annotations(pod: &Pod<'_>) -> Option<Violation> {
    let allowed = ["runtime/default", "docker/default"];
    let bad = SECCOMP_ANNOTATIONS.map(|prefix| bad_annotations(pod, prefix, &allowed));
    let bad = bad.concat();
    (!bad.is_empty()).then(|| {
        let noun = plural("annotation", bad.len());
        violation(
            "seccompProfile",
            format!("forbidden {noun} {}", bad.join(", ")),
        )
    })
}

pub(super) fn seccomp_baseline(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.contexts_with(|context| unconfined(&context["seccompProfile"]));
    let who = bad.setters()?;
    Some(violation(
        "seccompProfile",
        format!(
            "{who} must not set securityContext.seccompProfile.type to {}",
            quoted(&bad.values)
        ),
    ))
}

/// A profile has to be set, by the pod or by each container. Windows has no seccomp, so there it is
/// enough that none is set wrongly.
pub(super) fn seccomp_restricted(pod: &Pod<'_>) -> Option<Violation> {
    let explicit = seccomp_baseline(pod);
    let pod_has_one = !field(pod.spec, "securityContext.seccompProfile").is_null();
    if explicit.is_some() || pod_has_one || pod.is_windows() {
        return explicit;
    }
    let without = pod
        .containers_that(|container| field(container, "securityContext.seccompProfile").is_null());
    (!without.is_empty()).then(|| {
        let who = named("container", &without);
        let must =
            r#"must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost""#;
        violation("seccompProfile", format!("pod or {who} {must}"))
    })
}
