//! Every text in a pod's spec, one at a time and many at once.
//!
//! `tests/data/translate/pod-fields.txt` has the path of every text in `PodSpec` of k8s.io/api v0.35.4,
//! written from the Go types by reflection, and what becomes of it: `same` (it is on the host as it
//! is), `moved` (as it is, elsewhere), `mapped` (to the host's name), `dropped`, `refused`. `UPDATE=1`
//! writes the second column anew; then every line of the difference is to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Change, changes, fuzz, to_host, uses};
use super::Context;
use super::golden::is_updating;

/// Positions in which a pod names something by Kubernetes' own account: `VisitPodSecretNames` and
/// `VisitPodConfigmapNames`, and what is not namespaced or is no Secret. None may reach the host.
const REFERENCES: [(&str, &str); 31] = [
    ("imagePullSecrets[].name", "mapped"),
    (
        "CONTAINERS[].env[].valueFrom.configMapKeyRef.name",
        "mapped",
    ),
    ("CONTAINERS[].env[].valueFrom.secretKeyRef.name", "mapped"),
    ("CONTAINERS[].envFrom[].configMapRef.name", "mapped"),
    ("CONTAINERS[].envFrom[].secretRef.name", "mapped"),
    ("volumes[].azureFile.secretName", "mapped"),
    ("volumes[].cephfs.secretRef.name", "mapped"),
    ("volumes[].cinder.secretRef.name", "mapped"),
    ("volumes[].configMap.name", "mapped"),
    ("volumes[].csi.nodePublishSecretRef.name", "mapped"),
    ("volumes[].flexVolume.secretRef.name", "mapped"),
    ("volumes[].glusterfs.endpoints", "refused"),
    ("volumes[].iscsi.secretRef.name", "mapped"),
    ("volumes[].persistentVolumeClaim.claimName", "mapped"),
    (
        "volumes[].projected.sources[].clusterTrustBundle.name",
        "refused",
    ),
    ("volumes[].projected.sources[].configMap.name", "mapped"),
    (
        "volumes[].projected.sources[].podCertificate.signerName",
        "refused",
    ),
    ("volumes[].projected.sources[].secret.name", "mapped"),
    ("volumes[].rbd.secretRef.name", "mapped"),
    ("volumes[].scaleIO.secretRef.name", "mapped"),
    ("volumes[].secret.secretName", "mapped"),
    ("volumes[].storageos.secretRef.name", "mapped"),
    ("CONTAINERS[].resources.claims[].name", "refused"),
    ("resourceClaims[].resourceClaimName", "refused"),
    ("resourceClaims[].resourceClaimTemplateName", "refused"),
    ("priorityClassName", "dropped"),
    ("runtimeClassName", "dropped"),
    ("schedulerName", "dropped"),
    ("serviceAccount", "dropped"),
    ("serviceAccountName", "dropped"),
    ("workloadRef.name", "dropped"),
];

/// Texts called a name that name nothing of the host's API, or, like a node, mean the same there.
const PLAIN_NAMES: [&str; 27] = [
    "CONTAINERS[].env[].name",
    "CONTAINERS[].env[].valueFrom.fileKeyRef.volumeName",
    "CONTAINERS[].env[].valueFrom.resourceFieldRef.containerName",
    "CONTAINERS[].lifecycle.HOOK.httpGet.httpHeaders[].name",
    "CONTAINERS[].name",
    "CONTAINERS[].ports[].name",
    "CONTAINERS[].PROBE.httpGet.httpHeaders[].name",
    "CONTAINERS[].resizePolicy[].resourceName",
    "CONTAINERS[].volumeDevices[].name",
    "CONTAINERS[].volumeMounts[].name",
    "dnsConfig.options[].name",
    "ephemeralContainers[].targetContainerName",
    "nodeName",
    "os.name",
    "schedulingGates[].name",
    "securityContext.sysctls[].name",
    // A Windows account; that a pod may use it is checked for the host ServiceAccount.
    "OPTIONS.gmsaCredentialSpecName",
    "OPTIONS.runAsUserName",
    // Names in storage systems.
    "volumes[].azureFile.shareName",
    "volumes[].flocker.datasetName",
    "volumes[].iscsi.initiatorName",
    "volumes[].vsphereVolume.storagePolicyName",
    "volumes[].gcePersistentDisk.pdName",
    "volumes[].azureDisk.diskName",
    "volumes[].DOWNWARD.items[].resourceFieldRef.containerName",
    "volumes[].STORAGE.VOLUME",
    "volumes[].name",
];

#[test]
fn every_text_of_a_pod_is_accounted_for() {
    let fields = fields();
    let lines = fields
        .keys()
        .map(|path| format!("{path} {}", outcome(path)));
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    if is_updating() {
        // At once, or other tests that read it meanwhile would find half of it.
        let new = file().with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, file()).unwrap();
        return;
    }
    let found: Vec<&str> = text.lines().collect();
    let written = std::fs::read_to_string(file()).unwrap();
    let expected: Vec<&str> = written.lines().collect();
    assert_eq!(found, expected);
}

#[test]
fn no_reference_reaches_the_host() {
    for (pattern, expected) in REFERENCES {
        for path in expanded(pattern) {
            assert_eq!(outcome(&path), expected, "{path}");
            assert!(fields().contains_key(&path), "{path} is no field");
        }
    }
}

/// Whoever copies what a pod uses misses none, and copies nothing that the pod does not get.
#[test]
fn every_mapped_name_is_used_and_no_other() {
    for (path, outcome) in fields() {
        let mut spec = json!({});
        plant(&mut spec, &path, &sentinel(0));
        let uses = uses(&pod(&spec));
        let expected = BTreeSet::from_iter((outcome == "mapped").then(|| sentinel(0)));
        let names = [&uses.config_maps, &uses.secrets, &uses.claims];
        let mut found: BTreeSet<String> = names.into_iter().flatten().cloned().collect();
        // The claim of an ephemeral volume is called after the pod and the volume.
        found.remove("web-");
        assert_eq!(found, expected, "{path}");
        let is_of_config_map = path.contains("configMap");
        assert!(uses.config_maps.is_empty() || is_of_config_map, "{path}");
        assert!(uses.secrets.is_empty() || !is_of_config_map, "{path}");
    }
}

#[test]
fn only_plain_names_reach_the_host_as_they_are() {
    let plain: Vec<String> = PLAIN_NAMES.into_iter().flat_map(expanded).collect();
    for (path, outcome) in fields() {
        let last = path.rsplit('.').next().unwrap();
        let is_name = ["name", "endpoints", "serviceAccount"].contains(&last)
            || last.ends_with("Name")
            || last.ends_with("Namespace");
        if is_name && ["same", "moved"].contains(&outcome.as_str()) {
            assert!(plain.contains(&path), "{path}");
        }
    }
}

proptest! {
    /// However many fields are set together, and with kinds that do not exist yet among them.
    #[test]
    fn no_reference_reaches_the_host_among_others(
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        risky in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        unknown in prop::option::weighted(0.2, prop::sample::select(UNKNOWN.to_vec())),
    ) {
        let fields: Vec<(String, String)> = fields().into_iter().collect();
        let (refused, other): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|(_, outcome)| outcome == "refused");
        let mut planted: Vec<(&str, &str)> = Vec::new();
        for index in &chosen {
            let (path, outcome) = &other[index.index(other.len())];
            planted.push((path, outcome));
        }
        if let Some(index) = &risky {
            planted.push((&refused[index.index(refused.len())].0, "refused"));
        }
        if let Some(path) = unknown {
            planted.push((path, "refused"));
        }
        check(&planted)?;
    }
}

/// References that a later Kubernetes could have.
const UNKNOWN: [&str; 6] = [
    "volumes[].newVolume.secretName",
    "volumes[].csi.nodeStageSecretRef.name",
    "volumes[].projected.sources[].newSource.name",
    "volumes[].projected.sources[].secret.namespace",
    "containers[].env[].valueFrom.newKeyRef.name",
    "initContainers[].envFrom[].newRef.name",
];

fn check(planted: &[(&str, &str)]) -> Result<(), TestCaseError> {
    let context = Context::new(&json!({}));
    let mut spec = json!({});
    for (index, (path, _)) in planted.iter().enumerate() {
        plant(&mut spec, path, &sentinel(index));
    }
    let must_be_refused = planted.iter().any(|(_, outcome)| *outcome == "refused");
    let Some(texts) = host_texts(&pod(&spec), &context) else {
        return Ok(());
    };
    prop_assert!(!must_be_refused, "{planted:?}");
    for (index, (path, outcome)) in planted.iter().enumerate() {
        let sentinel = sentinel(index);
        let mapped = context.scope.host_name("shop", &sentinel);
        for text in texts.iter().filter(|text| text.contains(&sentinel)) {
            let is_allowed = ["same", "moved"].contains(outcome) || *text == mapped;
            prop_assert!(is_allowed, "{path}: {text}");
        }
    }
    Ok(())
}

/// A text that is contained in no other one of these, nor in anything else.
fn sentinel(index: usize) -> String {
    format!("zq{index}x")
}

fn pod(spec: &Value) -> Value {
    json!({"metadata": {"name": "web", "namespace": "shop", "uid": "1"}, "spec": spec})
}

/// What becomes of a text at a path.
fn outcome(path: &str) -> &'static str {
    let context = Context::new(&json!({}));
    let mut spec = json!({});
    plant(&mut spec, path, &sentinel(0));
    let planted = spec.clone();
    let Some(texts) = host_texts(&pod(&spec), &context) else {
        return "refused";
    };
    let found: Vec<&String> = texts
        .iter()
        .filter(|text| text.contains(&sentinel(0)))
        .collect();
    let mapped = context.scope.host_name("shop", &sentinel(0));
    if found.is_empty() {
        "dropped"
    } else if found.iter().all(|text| **text == mapped) {
        "mapped"
    } else if contains(&host_spec(&pod(&spec), &context), &planted) {
        "same"
    } else {
        "moved"
    }
}

/// The host pod's spec with its ephemeral containers.
fn host_spec(pod: &Value, context: &Context) -> Value {
    let mut object = to_host(pod, context.around()).unwrap().object;
    for change in changes(pod, &object, context.around()).unwrap() {
        if let Change::EphemeralContainers(patch) = change {
            object["spec"]["ephemeralContainers"] = patch["spec"]["ephemeralContainers"].clone();
        }
    }
    object["spec"].clone()
}

/// Every text in the spec of the host pod and in its ephemeral containers; nothing if any of it is
/// refused.
fn host_texts(pod: &Value, context: &Context) -> Option<Vec<String>> {
    let object = to_host(pod, context.around()).ok()?.object;
    changes(pod, &object, context.around()).ok()?;
    Some(fuzz::texts(&host_spec(pod, context)))
}

/// Whether everything in `part` is in `whole`, at the same place.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part))),
        (Value::Array(whole), Value::Array(part)) => part
            .iter()
            .all(|part| whole.iter().any(|whole| contains(whole, part))),
        _ => whole == part,
    }
}

/// Sets the text at a path. `[]` is a new element of a list, `{}` a key of a map.
fn plant(target: &mut Value, path: &str, text: &str) {
    fuzz::plant(target, path, text.into(), false);
}

/// A pattern's paths: words in capitals stand for several fields.
fn expanded(pattern: &str) -> Vec<String> {
    const WORDS: [(&str, &[&str]); 7] = [
        (
            "CONTAINERS",
            &["initContainers", "containers", "ephemeralContainers"],
        ),
        ("HOOK", &["postStart", "preStop"]),
        (
            "PROBE",
            &["livenessProbe", "readinessProbe", "startupProbe"],
        ),
        (
            "OPTIONS",
            &[
                "securityContext.windowsOptions",
                "initContainers[].securityContext.windowsOptions",
                "containers[].securityContext.windowsOptions",
                "ephemeralContainers[].securityContext.windowsOptions",
            ],
        ),
        (
            "DOWNWARD",
            &["downwardAPI", "projected.sources[].downwardAPI"],
        ),
        ("STORAGE", &["scaleIO", "storageos"]),
        ("VOLUME", &["volumeName", "volumeNamespace"]),
    ];
    let mut paths = vec![pattern.to_owned()];
    for (word, fields) in WORDS {
        let (with, without): (Vec<_>, Vec<_>) = paths
            .into_iter()
            .partition(|path: &String| path.contains(word));
        let replaced = with.iter().flat_map(|path| {
            let replace = |field: &&str| path.replace(word, field);
            fields.iter().map(replace).collect::<Vec<_>>()
        });
        paths = replaced.chain(without).collect();
    }
    paths
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/translate/pod-fields.txt")
}

/// Path to outcome, as the file says.
fn fields() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file()).unwrap();
    let lines = text
        .lines()
        .map(|line| line.split_once(' ').unwrap_or((line, "")));
    let fields: BTreeMap<String, String> = lines
        .map(|(path, outcome)| (path.to_owned(), outcome.to_owned()))
        .collect();
    assert!(fields.len() > 500, "{}", fields.len());
    fields
}
