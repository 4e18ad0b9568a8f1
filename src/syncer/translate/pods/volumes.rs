//! Volumes: which kinds may reach the host, and what becomes of them there.
//!
//! In: volumes of a virtual pod. Out: volumes of the host pod, names still virtual (`references`
//! maps them). Never: a kind, or a field of a kind that names objects, that is not on the list: a
//! newer one could name anything of the host.
//!
//! `hostPath` is on the list: whether it is allowed is Pod Security's question, not a name's.

use serde_json::{Map, Value, json};

use super::super::Refusal;
use super::super::json::{object_mut, objects_mut, set_keys};
use super::{downward, projected, refusal};

/// The kinds that may reach the host. For those that name objects: all their fields.
const SOURCES: [(&str, Option<&[&str]>); 28] = [
    ("emptyDir", None),
    ("hostPath", None),
    ("downwardAPI", None),
    ("image", None),
    ("nfs", None),
    ("fc", None),
    ("awsElasticBlockStore", None),
    ("gcePersistentDisk", None),
    ("azureDisk", None),
    ("vsphereVolume", None),
    ("portworxVolume", None),
    ("photonPersistentDisk", None),
    ("quobyte", None),
    ("flocker", None),
    ("ephemeral", None),
    (
        "configMap",
        Some(&["name", "items", "defaultMode", "optional"]),
    ),
    (
        "secret",
        Some(&["secretName", "items", "defaultMode", "optional"]),
    ),
    ("persistentVolumeClaim", Some(&["claimName", "readOnly"])),
    ("projected", Some(&["sources", "defaultMode"])),
    ("azureFile", Some(&["secretName", "shareName", "readOnly"])),
    (
        "csi",
        Some(&[
            "driver",
            "fsType",
            "readOnly",
            "volumeAttributes",
            "nodePublishSecretRef",
        ]),
    ),
    (
        "cephfs",
        Some(&[
            "monitors",
            "path",
            "user",
            "secretFile",
            "secretRef",
            "readOnly",
        ]),
    ),
    (
        "cinder",
        Some(&["volumeID", "fsType", "readOnly", "secretRef"]),
    ),
    (
        "flexVolume",
        Some(&["driver", "fsType", "secretRef", "readOnly", "options"]),
    ),
    (
        "rbd",
        Some(&[
            "monitors",
            "image",
            "fsType",
            "pool",
            "user",
            "keyring",
            "secretRef",
            "readOnly",
        ]),
    ),
    (
        "iscsi",
        Some(&[
            "targetPortal",
            "iqn",
            "lun",
            "iscsiInterface",
            "fsType",
            "readOnly",
            "portals",
            "chapAuthDiscovery",
            "chapAuthSession",
            "secretRef",
            "initiatorName",
        ]),
    ),
    (
        "scaleIO",
        Some(&[
            "gateway",
            "system",
            "secretRef",
            "sslEnabled",
            "protectionDomain",
            "storagePool",
            "storageMode",
            "volumeName",
            "fsType",
            "readOnly",
        ]),
    ),
    (
        "storageos",
        Some(&[
            "volumeName",
            "volumeNamespace",
            "fsType",
            "readOnly",
            "secretRef",
        ]),
    ),
];

/// Checks the volumes and changes what is not a name.
///
/// # Errors
/// For a volume that is not on the list.
pub(super) fn translate(spec: &mut Map<String, Value>, pod_name: &str) -> Result<(), Refusal> {
    for volume in objects_mut(spec, "volumes") {
        let name = name(volume);
        check(volume, &name)?;
        ephemeral_to_claim(volume, pod_name, &name);
        if let Some(downward_api) = object_mut(volume, "downwardAPI") {
            objects_mut(downward_api, "items").for_each(downward::field_ref);
        }
        if let Some(projected) = object_mut(volume, "projected") {
            projected::translate(projected, &name)?;
        }
    }
    Ok(())
}

/// Puts the claim that the virtual cluster makes for an ephemeral volume in the place of its template:
/// the host would make another one. <https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/>
pub(super) fn ephemeral_to_claims(spec: &mut Map<String, Value>, pod_name: &str) {
    for volume in objects_mut(spec, "volumes") {
        let name = name(volume);
        ephemeral_to_claim(volume, pod_name, &name);
    }
}

fn ephemeral_to_claim(volume: &mut Map<String, Value>, pod_name: &str, name: &str) {
    if volume
        .shift_remove("ephemeral")
        .is_some_and(|source| !source.is_null())
    {
        let claim = json!({"claimName": format!("{pod_name}-{name}")});
        volume.insert("persistentVolumeClaim".to_owned(), claim);
    }
}

/// A volume's name.
pub(super) fn name(volume: &Map<String, Value>) -> String {
    let name = volume.get("name").and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

fn check(volume: &mut Map<String, Value>, name: &str) -> Result<(), Refusal> {
    let sources: Vec<String> = set_keys(volume)
        .filter(|key| *key != "name")
        .map(str::to_owned)
        .collect();
    match sources.as_slice() {
        // The API server's own default (`SetDefaults_Volume`).
        [] => {
            volume.insert("emptyDir".to_owned(), json!({}));
            Ok(())
        }
        [source] => check_source(volume, source, name),
        _ => Err(refusal::volume(name, "more than one volume type is set")),
    }
}

fn check_source(volume: &Map<String, Value>, source: &str, name: &str) -> Result<(), Refusal> {
    let Some((_, fields)) = SOURCES.iter().find(|(known, _)| *known == source) else {
        let why = format!("`{source}` volumes do not work in a virtual cluster");
        return Err(refusal::volume(name, &why));
    };
    let content = volume.get(source).and_then(Value::as_object);
    if let (Some(fields), Some(content)) = (fields, content) {
        known_fields(content, fields, source, name)?;
    }
    match content.filter(|_| source == "csi") {
        Some(csi) => check_attributes(csi, name),
        None => Ok(()),
    }
}

/// Refuses what is not on the list of fields.
pub(super) fn known_fields(
    content: &Map<String, Value>,
    fields: &[&str],
    source: &str,
    volume: &str,
) -> Result<(), Refusal> {
    match set_keys(content).find(|key| !fields.contains(key)) {
        Some(key) => Err(refusal::volume(
            volume,
            &format!("`{source}.{key}` is not known here"),
        )),
        None => Ok(()),
    }
}

/// Some CSI drivers take the name of an object in the pod's namespace as an attribute: `secretName`,
/// `secretNamespace` (Azure Files), `secretProviderClass` (Secrets Store). They would look for it in
/// the host namespace, where it is somebody else's.
fn check_attributes(csi: &Map<String, Value>, volume: &str) -> Result<(), Refusal> {
    let attributes = csi.get("volumeAttributes").and_then(Value::as_object);
    let mut keys = attributes.into_iter().flat_map(set_keys);
    match keys.find(|key| key.to_ascii_lowercase().contains("secret")) {
        Some(key) => Err(refusal::volume(
            volume,
            &format!(
                "`csi.volumeAttributes.{key}` names an object that only the host's driver reads"
            ),
        )),
        None => Ok(()),
    }
}
