//! PersistentVolumes, from the host to the virtual side.
//!
//! In: a virtual claim and its bound host claim. Out: the virtual volume that the claim is bound to.
//! Never: anything towards the host; anything of the host's volume but what its claim shows.
//!
//! Host volumes are not in a namespace, and there is no right to read them. What a user looks for in a
//! volume (size, class, modes, whose it is) is all on the claim; what is behind it is the host's business,
//! so the volume's source is made up. Nothing in a virtual cluster mounts it.

use serde_json::{Map, Value, json};

use super::json::{at, text};
use super::persistentvolumeclaims::volume_name;
use crate::labels;

/// Driver in the source of every volume. No CSI driver has this name: it would have to own the domain.
const DRIVER: &str = "vc.internal";

/// See <https://kubernetes.io/docs/reference/labels-annotations-taints/#pv-kubernetes-io-provisioned-by>.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

/// What becomes of the data with the claim: it goes with the host claim. That the host's class may keep
/// the host's volume is of no use here, since nothing can be bound to that again.
const RECLAIM_POLICY: &str = "Delete";

/// Parts of the spec that can be changed, and are put back.
const CHANGEABLE: [&str; 4] = [
    "capacity",
    "accessModes",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
];

/// The writes that bring a virtual volume in step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VolumeChanges {
    /// Merge patch of the volume.
    pub object: Option<Value>,
    /// Merge patch of its status.
    pub status: Option<Value>,
}

/// The virtual volume of a claim that the host has bound.
pub fn volume(claim: &Value, host_claim: &Value) -> Value {
    let (metadata, host_spec) = (&claim["metadata"], &host_claim["spec"]);
    let host_status = &host_claim["status"];
    let name = volume_name(claim);
    let access_modes = match &host_status["accessModes"] {
        Value::Null => &host_spec["accessModes"],
        modes => modes,
    };
    let capacity = match &host_status["capacity"] {
        Value::Null => at(host_spec, &["resources", "requests"]),
        capacity => capacity,
    };
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": name,
            "annotations": {
                labels::MIRRORED: labels::MIRRORED_PLAIN,
                PROVISIONED_BY: super::storageclasses::PROVISIONER,
            },
        },
        "spec": {
            "capacity": capacity,
            "accessModes": access_modes,
            "persistentVolumeReclaimPolicy": RECLAIM_POLICY,
            "storageClassName": host_spec["storageClassName"].as_str().unwrap_or_default(),
            "volumeMode": host_spec["volumeMode"].as_str().unwrap_or("Filesystem"),
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
            },
            "csi": {"driver": DRIVER, "volumeHandle": name},
        },
    })
}

/// The writes that bring a virtual volume in step; none when it is.
pub fn changes(wanted: &Value, found: &Value) -> VolumeChanges {
    let mut spec = Map::new();
    for field in CHANGEABLE {
        let (wanted, found) = (at(wanted, &["spec", field]), at(found, &["spec", field]));
        // An API server leaves out what is empty.
        if wanted != found && !(found.is_null() && *wanted == "") {
            spec.insert(field.to_owned(), wanted.clone());
        }
    }
    let claim = at(wanted, &["spec", "claimRef"]);
    let found_claim = at(found, &["spec", "claimRef"]);
    if ["namespace", "name", "uid"]
        .iter()
        .any(|field| claim[field] != found_claim[field])
    {
        spec.insert("claimRef".to_owned(), claim.clone());
    }
    let object = json!({"metadata": {"uid": at(found, &["metadata", "uid"])}, "spec": spec});
    let is_bound = text(&found["status"], "phase") == "Bound";
    VolumeChanges {
        object: (!spec.is_empty()).then_some(object),
        status: (!is_bound).then(|| phase("Bound")),
    }
}

/// Merge patch of a volume's status.
pub fn phase(phase: &str) -> Value {
    json!({"status": {"phase": phase}})
}

/// Whether somebody has asked for a volume to be kept, which the host alone could do.
pub fn is_to_be_kept(found: &Value) -> bool {
    text(&found["spec"], "persistentVolumeReclaimPolicy") == "Retain"
}

/// Namespace, name and UID of the claim that a volume is bound to.
pub fn claim_of(volume: &Value) -> (&str, &str, &str) {
    let claim = at(volume, &["spec", "claimRef"]);
    (
        text(claim, "namespace"),
        text(claim, "name"),
        text(claim, "uid"),
    )
}

#[cfg(test)]
mod tests;
