//! Pod Security *restricted*, as data.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>

use serde_json::{Value, json};

use super::{CASES, pki, spec};
use crate::render::pod;

/// A field of the pod's spec or of a container, and what it may be. `null` stands for absent.
struct Rule {
    pointer: &'static str,
    allowed: Value,
}

fn rule(pointer: &'static str, allowed: Value) -> Rule {
    Rule { pointer, allowed }
}

/// Rules about the pod's spec. Where the profile allows a field on the pod or on each container,
/// ours are on the pod.
fn pod_rules() -> Vec<Rule> {
    vec![
        rule("/hostNetwork", json!([null, false])),
        rule("/hostPID", json!([null, false])),
        rule("/hostIPC", json!([null, false])),
        rule("/securityContext/windowsOptions", json!([null])),
        rule("/securityContext/seLinuxOptions", json!([null])),
        rule("/securityContext/appArmorProfile", json!([null])),
        rule("/securityContext/sysctls", json!([null])),
        rule("/securityContext/runAsNonRoot", json!([true])),
        rule("/securityContext/runAsUser", json!([65532])),
        rule(
            "/securityContext/seccompProfile/type",
            json!(["RuntimeDefault", "Localhost"]),
        ),
    ]
}

fn container_rules() -> Vec<Rule> {
    vec![
        rule("/securityContext/privileged", json!([null, false])),
        rule("/securityContext/allowPrivilegeEscalation", json!([false])),
        rule("/securityContext/procMount", json!([null, "Default"])),
        rule("/securityContext/windowsOptions", json!([null])),
        rule("/securityContext/seLinuxOptions", json!([null])),
        rule("/securityContext/appArmorProfile", json!([null])),
        rule("/securityContext/seccompProfile", json!([null])),
        rule("/securityContext/runAsNonRoot", json!([null, true])),
        rule("/securityContext/runAsUser", json!([null])),
        rule("/securityContext/capabilities/drop", json!([["ALL"]])),
        rule(
            "/securityContext/capabilities/add",
            json!([null, ["NET_BIND_SERVICE"]]),
        ),
        // Not of the profile, but promised by the design.
        rule("/securityContext/readOnlyRootFilesystem", json!([true])),
    ]
}

const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// What a pod's spec violates.
fn violations(pod: &Value) -> Vec<String> {
    let mut found = broken("pod", pod, &pod_rules());
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in items(pod, list) {
            found.extend(broken(list, container, &container_rules()));
            for port in items(container, "ports") {
                found.extend(broken("port", port, &[rule("/hostPort", json!([null, 0]))]));
            }
            for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
                let host = rule("/httpGet/host", json!([null, ""]));
                found.extend(broken(probe, &container[probe], &[host]));
            }
        }
    }
    for volume in items(pod, "volumes") {
        let sources = volume.as_object().unwrap().keys();
        let wrong = sources.filter(|key| *key != "name" && !VOLUMES.contains(&key.as_str()));
        found.extend(wrong.map(|source| format!("volume of {source}")));
    }
    found
}

fn broken(what: &str, value: &Value, rules: &[Rule]) -> Vec<String> {
    let mut found = Vec::new();
    for Rule { pointer, allowed } in rules {
        let actual = value.pointer(pointer).unwrap_or(&Value::Null);
        if !allowed.as_array().unwrap().contains(actual) {
            found.push(format!("{what}: {pointer} is {actual}"));
        }
    }
    found
}

fn items<'a>(value: &'a Value, list: &str) -> &'a [Value] {
    value[list].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn the_pod_is_admitted_under_restricted() {
    for case in CASES {
        let pod = pod(&spec(case), Some(&pki())).unwrap();
        let pod_spec = &pod.value()["spec"];
        assert_eq!(items(pod_spec, "containers").len(), 4);
        assert_eq!(violations(pod_spec), Vec::<String>::new(), "{case}");
    }
}

/// A check that finds nothing in anything would be no check.
#[test]
fn a_pod_that_breaks_the_rules_is_found_out() {
    let pod = json!({
        "hostPID": true,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "Unconfined"}},
        "containers": [{
            "ports": [{"hostPort": 80}],
            "livenessProbe": {"httpGet": {"host": "10.0.0.1"}},
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]},
            },
        }],
        "volumes": [{"name": "host", "hostPath": {"path": "/"}}],
    });
    assert_eq!(
        violations(&pod),
        [
            "pod: /hostPID is true",
            "pod: /securityContext/seccompProfile/type is \"Unconfined\"",
            "containers: /securityContext/capabilities/add is [\"NET_ADMIN\"]",
            "port: /hostPort is 80",
            "livenessProbe: /httpGet/host is \"10.0.0.1\"",
            "volume of hostPath",
        ]
    );
}
