//! Any pod becomes a host pod that names nothing of the host's and has no more of it than the pod was allowed, or is
//! refused in words.
#![expect(
    clippy::indexing_slicing,
    reason = "a panic is how a broken promise is told"
)]

use serde_json::{Map, Value, json};

use super::super::Refusal;
use super::super::json::{list, text};
use super::super::scrub::scrub;
use super::{
    Change, HostClasses, PodSettings, Scope, Surroundings, changes, status, to_host, tokens, uses,
};
use crate::fuzz::Choices;
use crate::pod_security::{Profile, violations};

/// The path of every text in a pod's spec, and what becomes of it: see `tests/schema.rs`.
const FIELDS: &str = include_str!("../../../../tests/data/translate/pod-fields.txt");

/// The host namespace: in nothing that a pod says by chance.
const HOST_NAMESPACE: &str = "qz-host-qz";

/// Lists of containers.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Ways to the host, and what is near them.
const WAYS: [(&str, &str); 24] = [
    ("hostNetwork", "true"),
    ("hostPID", "true"),
    ("hostIPC", "true"),
    ("hostUsers", "false"),
    ("setHostnameAsFQDN", "true"),
    ("shareProcessNamespace", "true"),
    ("os.name", r#""windows""#),
    ("containers[].securityContext.privileged", "true"),
    ("initContainers[].securityContext.privileged", "true"),
    ("ephemeralContainers[].securityContext.privileged", "true"),
    (
        "containers[].securityContext.capabilities.add[]",
        r#""SYS_ADMIN""#,
    ),
    ("containers[].securityContext.procMount", r#""Unmasked""#),
    (
        "containers[].securityContext.allowPrivilegeEscalation",
        "false",
    ),
    ("containers[].securityContext.runAsNonRoot", "true"),
    ("containers[].securityContext.runAsUser", "0"),
    ("containers[].ports[].hostPort", "80"),
    ("containers[].ports[].hostPort", "0"),
    ("volumes[].hostPath.path", r#""/""#),
    ("volumes[].hostPath", "null"),
    ("securityContext.seccompProfile.type", r#""Unconfined""#),
    ("securityContext.sysctls[].name", r#""kernel.msgmax""#),
    ("containers[].livenessProbe.httpGet.host", r#""10.0.0.1""#),
    (
        "containers[].lifecycle.preStop.tcpSocket.host",
        r#""10.0.0.1""#,
    ),
    ("securityContext.windowsOptions.hostProcess", "true"),
];

/// Keys of values that are of no expected type.
const KEYS: [&str; 20] = [
    "name",
    "containers",
    "env",
    "valueFrom",
    "fieldRef",
    "fieldPath",
    "volumes",
    "projected",
    "sources",
    "secret",
    "secretName",
    "configMap",
    "optional",
    "items",
    "serviceAccountToken",
    "path",
    "expirationSeconds",
    "audience",
    "labelSelector",
    "matchLabels",
];

/// Their texts.
const WORDS: [&str; 14] = [
    "",
    "web",
    "metadata.name",
    "metadata.labels['app']",
    "metadata.annotations",
    "spec.nodeName",
    "status.podIP",
    "$(HOST)",
    "$$(HOST)",
    "ClusterFirst",
    "Default",
    "None",
    "kubernetes.io/hostname",
    "..",
];

/// A pod as JSON, or one that is made of the bytes by choice.
pub fn pods(bytes: &[u8]) {
    if bytes.first() == Some(&b'{') {
        if let Ok(pod) = serde_json::from_slice(bytes) {
            check(&pod, &[], u8::MAX);
        }
        return;
    }
    let mut choices = Choices::new(bytes);
    let setting = choices.byte();
    let (pod, planted) = chosen(choices);
    check(&pod, &planted, setting);
}

/// A text that was planted, and what has to become of it.
struct Planted {
    path: &'static str,
    outcome: &'static str,
    text: String,
}

/// A pod of fields by chance, most of them with a text that stands nowhere else.
fn chosen(mut choices: Choices<'_>) -> (Value, Vec<Planted>) {
    let fields: Vec<&'static str> = FIELDS.lines().collect();
    let mut spec = Value::from(Map::new());
    let mut metadata = json!({"name": "web", "namespace": "shop", "uid": "1"});
    let mut planted = Vec::new();
    while !choices.is_over() {
        let kind = choices.byte();
        let is_joined = kind >= 128;
        match kind % 8 {
            0..4 => {
                let (path, outcome) = field(&mut choices, &fields);
                let text = format!("zq{}x", planted.len());
                plant(&mut spec, path, text.as_str().into(), is_joined);
                planted.push(Planted {
                    path,
                    outcome,
                    text,
                });
            }
            4 => {
                let (path, _) = field(&mut choices, &fields);
                plant(&mut spec, path, choices.text(&WORDS).into(), is_joined);
            }
            5 => {
                let (path, _) = field(&mut choices, &fields);
                let depth = path.split('.').count();
                let kept = usize::from(choices.byte()) % depth;
                let cut: Vec<&str> = path.split('.').take(kept + 1).collect();
                plant(
                    &mut spec,
                    &cut.join("."),
                    choices.json(&KEYS, &WORDS, 3),
                    is_joined,
                );
            }
            6 => {
                if let Some((path, value)) = choices.pick(&WAYS) {
                    let value = serde_json::from_str(value).unwrap_or_default();
                    plant(&mut spec, path, value, is_joined);
                }
            }
            _ => {
                let key = choices.text(&[
                    "labels",
                    "annotations",
                    "ownerReferences",
                    "deletionTimestamp",
                ]);
                metadata[key] = choices.json(&KEYS, &WORDS, 2);
            }
        }
    }
    // What was written over later is not there any more.
    let there = texts(&spec);
    planted.retain(|planted| there.contains(&planted.text));
    (json!({"metadata": metadata, "spec": spec}), planted)
}

fn field(choices: &mut Choices<'_>, fields: &[&'static str]) -> (&'static str, &'static str) {
    let line = choices.pick(fields).copied().unwrap_or_default();
    line.split_once(' ').unwrap_or((line, ""))
}

/// Sets the value at a path. `[]` is a new element of a list, or the last one of it if it is joined; `{}` a key of a
/// map. What is no list or object there becomes one.
pub(super) fn plant(target: &mut Value, path: &str, value: Value, is_joined: bool) {
    let (field, rest) = path
        .split_once('.')
        .map_or((path, None), |(field, rest)| (field, Some(rest)));
    let (name, is_list) = match field.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (field.trim_end_matches("{}"), false),
    };
    if !target.is_object() {
        *target = json!({});
    }
    let mut place = &mut target[name];
    if is_list {
        if !place.is_array() {
            *place = json!([]);
        }
        let Some(elements) = place.as_array_mut() else {
            return;
        };
        if !is_joined || elements.is_empty() {
            elements.push(Value::Null);
        }
        let Some(last) = elements.last_mut() else {
            return;
        };
        place = last;
    } else if field.ends_with("{}") {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place["key"];
    }
    match rest {
        Some(rest) => plant(place, rest, value, is_joined),
        None => *place = value,
    }
}

/// Every text in a value.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn check(pod: &Value, planted: &[Planted], setting: u8) {
    let Some((scope, settings)) = surroundings(setting) else {
        return;
    };
    let has_classes = setting & 2 != 0;
    let around = Surroundings {
        scope: &scope,
        settings: &settings,
        namespace_labels: &Map::new(),
        service_environment: &[("HOST".to_owned(), "10.0.0.1".to_owned())],
        host_classes: HostClasses {
            priority: has_classes,
            runtime: has_classes,
        },
    };
    assert_eq!(
        to_host(pod, around),
        to_host(pod, around),
        "it is not decided by the pod alone"
    );
    drop((tokens(pod), uses(pod)));
    let host = match host_pod(pod, around) {
        Ok(host) => host,
        Err(refusal) => return check_refusal(pod, &refusal),
    };
    let metadata = &host["metadata"];
    assert_eq!(text(metadata, "namespace"), HOST_NAMESPACE);
    let name = scope.host_name(
        text(&pod["metadata"], "namespace"),
        text(&pod["metadata"], "name"),
    );
    assert_eq!(text(metadata, "name"), name);
    assert_eq!(scrub(&name, pod, &scope), text(&pod["metadata"], "name"));
    for (field, expected) in [
        ("serviceAccountName", json!(settings.service_account)),
        ("automountServiceAccountToken", json!(false)),
    ] {
        assert_eq!(host["spec"][field], expected, "{field}");
    }
    check_names(&host, planted, &scope, has_classes);
    check_security(pod, &host);
    drop(status(pod, &host, around));
}

/// The host pod with its ephemeral containers, and with the status of the virtual one.
fn host_pod(pod: &Value, around: Surroundings<'_>) -> Result<Value, Refusal> {
    let mut host = to_host(pod, around)?.object;
    host["status"] = pod["status"].clone();
    for change in changes(pod, &host, around)? {
        if let Change::EphemeralContainers(patch) = change {
            host["spec"]["ephemeralContainers"] = patch["spec"]["ephemeralContainers"].clone();
        }
    }
    Ok(host)
}

/// No name that was planted is on the host, unless it means the same there or is mapped.
fn check_names(host: &Value, planted: &[Planted], scope: &Scope, has_classes: bool) {
    let texts = texts(&host["spec"]);
    for Planted {
        path,
        outcome,
        text,
    } in planted
    {
        assert_ne!(*outcome, "refused", "{path} is on the host");
        let mapped = scope.host_name("shop", text);
        let is_shown = has_classes && ["priorityClassName", "runtimeClassName"].contains(path);
        // In the whole name that a pod asks for, in the virtual cluster's own domain.
        let is_whole_name =
            |found: &str| *path == "subdomain" && found.ends_with(".svc.cluster.local");
        // Namespaces and labels become labels of the pods that are meant.
        let is_of_affinity = path.starts_with("affinity.podA");
        let is_plain = ["same", "moved"].contains(outcome) || is_shown || is_of_affinity;
        for found in texts.iter().filter(|found| found.contains(text.as_str())) {
            let is_allowed = is_plain || *found == mapped || is_whole_name(found);
            assert!(is_allowed, "{path} is on the host: {found}");
        }
    }
    for rules in ["podAffinity", "podAntiAffinity"].map(|rules| &host["spec"]["affinity"][rules]) {
        let preferred = list(rules, "preferredDuringSchedulingIgnoredDuringExecution").iter();
        let preferred = preferred.map(|preference| &preference["podAffinityTerm"]);
        for term in list(rules, "requiredDuringSchedulingIgnoredDuringExecution")
            .iter()
            .chain(preferred)
        {
            let names_namespaces = ["namespaces", "namespaceSelector"]
                .iter()
                .any(|key| term.get(key).is_some());
            assert!(!names_namespaces, "{term}");
        }
    }
}

/// What a profile allows about a pod it allows about its host pod, and nothing that is known to lead to the host is
/// there at all.
fn check_security(pod: &Value, host: &Value) {
    for profile in [Profile::Baseline, Profile::Restricted] {
        if violations(profile, pod).is_empty() {
            assert_eq!(violations(profile, host), [], "{profile}");
        }
    }
    if !violations(Profile::Baseline, pod).is_empty() {
        return;
    }
    let spec = &host["spec"];
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        assert!(
            matches!(spec[field], Value::Null | Value::Bool(false)),
            "{field}"
        );
    }
    for volume in list(spec, "volumes") {
        assert!(volume["hostPath"].is_null(), "{volume}");
    }
    for container in CONTAINERS
        .iter()
        .flat_map(|containers| list(spec, containers))
    {
        let context = &container["securityContext"];
        assert!(
            matches!(context["privileged"], Value::Null | Value::Bool(false)),
            "{container}"
        );
        for port in list(container, "ports") {
            assert!(
                port["hostPort"].is_null() || port["hostPort"] == 0,
                "{container}"
            );
        }
    }
}

/// In the user's words, and with nothing of the host's.
fn check_refusal(pod: &Value, refusal: &Refusal) {
    let Refusal { reason, message } = refusal;
    assert!(
        reason.starts_with(|c: char| c.is_ascii_uppercase()),
        "{reason}"
    );
    assert!(
        reason.chars().all(|c| c.is_ascii_alphanumeric()),
        "{reason}"
    );
    assert!(!message.is_empty());
    let is_of_the_user = pod.to_string().contains(HOST_NAMESPACE);
    assert!(
        is_of_the_user || !message.contains(HOST_NAMESPACE),
        "{message}"
    );
}

fn surroundings(setting: u8) -> Option<(Scope, PodSettings)> {
    let scope = Scope {
        cluster: "dev".parse().ok()?,
        uid: "5f6f9b4e-7a0e-4a1b-9d0f-1c2d3e4f5a6b".to_owned(),
        host_namespace: HOST_NAMESPACE.parse().ok()?,
    };
    let has_dns = setting & 4 == 0;
    let settings = PodSettings {
        service_account: "vc-dev-pods".to_owned(),
        cluster_domain: "cluster.local".to_owned(),
        nameservers: has_dns
            .then(|| "10.96.0.53".to_owned())
            .into_iter()
            .collect(),
        api_host: "10.96.0.7".to_owned(),
        api_port: 443,
        writes_host_status: setting & 1 != 0,
    };
    Some((scope, settings))
}
