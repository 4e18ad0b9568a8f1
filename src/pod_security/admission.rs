//! The virtual API server's own enforcement of a profile.
//!
//! In: a profile. Out: the file for `--admission-control-config-file`. Never: an exemption.
//!
//! <https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/>

use serde_json::{Value, json};

use super::Profile;

/// The admission configuration by which a pod that cannot reach the host is an error at once, in the
/// answer to whoever creates it, and a Deployment of such pods a warning.
///
/// These are the defaults of namespaces without labels. The tenant may set labels that allow more; the
/// pod then exists, does not reach the host, and an Event says why. `kube-system` is as any other: the
/// pods in it run on the host, too.
pub fn admission_configuration(profile: Profile) -> Value {
    let level = profile.name();
    json!({
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AdmissionConfiguration",
        "plugins": [{
            "name": "PodSecurity",
            "configuration": {
                "apiVersion": "pod-security.admission.config.k8s.io/v1",
                "kind": "PodSecurityConfiguration",
                "defaults": {
                    "enforce": level,
                    "enforce-version": "latest",
                    "audit": level,
                    "audit-version": "latest",
                    "warn": level,
                    "warn-version": "latest",
                },
                "exemptions": {
                    "usernames": [],
                    "runtimeClasses": [],
                    "namespaces": [],
                },
            },
        }],
    })
}
