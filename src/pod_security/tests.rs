//! Tables of what each profile allows and refuses, and what holds for any JSON.

mod baseline;
mod confinement;
mod hostile;
mod restricted;

use serde_json::json;

use super::*;

/// A pod that every profile allows, with a container in each list.
fn hardened() -> Value {
    let container = |name: &str| {
        json!({
            "name": name,
            "image": "busybox",
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["ALL"]},
            },
        })
    };
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "annotations": {"team": "a"}},
        "spec": {
            "securityContext": {
                "runAsNonRoot": true,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": "work", "emptyDir": {}}],
            "initContainers": [container("i")],
            "containers": [container("a")],
            "ephemeralContainers": [container("e")],
        },
    })
}

/// Sets what is at a path like `spec.containers.0.name`, making the objects on the way.
fn set(pod: &mut Value, path: &str, value: Value) {
    let mut place = pod;
    for step in path.split('/') {
        place = match step.parse::<usize>() {
            Ok(index) => &mut place[index],
            Err(_) => &mut place[step],
        };
    }
    *place = value;
}

/// The hardened pod with one thing different.
fn pod_with(path: &str, value: Value) -> Value {
    let mut pod = hardened();
    set(&mut pod, path, value);
    pod
}

fn judge(profile: Profile, pod: &Value) -> String {
    let found: Vec<String> = violations(profile, pod)
        .iter()
        .map(ToString::to_string)
        .collect();
    found.join(", ")
}

/// Asserts what both profiles say about the hardened pod with one thing different.
#[track_caller]
fn check(path: &str, value: Value, baseline: &str, restricted: &str) {
    let pod = pod_with(path, value);
    assert_eq!(judge(Profile::Baseline, &pod), baseline, "{path} {pod}");
    assert_eq!(judge(Profile::Restricted, &pod), restricted, "{path} {pod}");
    assert_eq!(judge(Profile::Privileged, &pod), "");
}

#[track_caller]
fn allowed(path: &str, values: &[Value]) {
    for value in values {
        check(path, value.clone(), "", "");
    }
}

#[track_caller]
fn refused_by_both(path: &str, value: Value, message: &str) {
    check(path, value, message, message);
}

#[track_caller]
fn refused_by_restricted(path: &str, value: Value, message: &str) {
    check(path, value, "", message);
}

/// The three lists, with the container of each.
const LISTS: [(&str, &str); 3] = [
    ("initContainers", "i"),
    ("containers", "a"),
    ("ephemeralContainers", "e"),
];

#[test]
fn a_hardened_pod_is_allowed_by_every_profile() {
    for profile in Profile::ALL {
        assert_eq!(judge(profile, &hardened()), "");
    }
}

#[test]
fn a_profile_has_one_name_everywhere() {
    for (profile, name) in [
        (Profile::Privileged, "privileged"),
        (Profile::Baseline, "baseline"),
        (Profile::Restricted, "restricted"),
    ] {
        assert_eq!(profile.to_string(), name);
        assert_eq!(name.parse(), Ok(profile));
        assert_eq!(serde_json::to_value(profile).unwrap(), json!(name));
        assert_eq!(
            serde_json::from_value::<Profile>(json!(name)).unwrap(),
            profile
        );
    }
    assert_eq!("Baseline".parse::<Profile>(), Err(UnknownProfile));
    assert_eq!(Profile::default(), Profile::Baseline);
}

#[test]
fn the_api_server_enforces_the_profile_without_exemptions() {
    let expected = json!({
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AdmissionConfiguration",
        "plugins": [{
            "name": "PodSecurity",
            "configuration": {
                "apiVersion": "pod-security.admission.config.k8s.io/v1",
                "kind": "PodSecurityConfiguration",
                "defaults": {
                    "enforce": "restricted",
                    "enforce-version": "latest",
                    "audit": "restricted",
                    "audit-version": "latest",
                    "warn": "restricted",
                    "warn-version": "latest"
                },
                "exemptions": {"usernames": [], "runtimeClasses": [], "namespaces": []}
            }
        }]
    });
    assert_eq!(admission_configuration(Profile::Restricted), expected);
}
