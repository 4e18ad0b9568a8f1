//! StorageClasses, from the host to the virtual side.
//!
//! In: the name of a class that the host has, and whether it is its default. Out: the virtual class of
//! that name. Never: anything towards the host; a claim of what only the host's class says.
//!
//! Host classes are not in a namespace, and there is no right to read them. What is said of one is what
//! breaks least when it is wrong:
//!
//! - `volumeBindingMode: WaitForFirstConsumer`: who believes it makes a pod for his claim, which does no
//!   harm where volumes come at once; who believes `Immediate` waits for a volume before he makes the
//!   pod, for good where volumes wait for pods.
//! - `allowVolumeExpansion: true`: without it the virtual API server refuses every larger request, also
//!   where the host would grow the volume. Where it does not, the host's words are told on the claim.
//! - `reclaimPolicy: Delete`: data goes with its claim.

use serde_json::{Value, json};

use super::json::at;
use crate::labels;

/// Who provisions, as far as a virtual cluster knows.
pub const PROVISIONER: &str = "vc.internal/host";

/// See <https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass>.
const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// The virtual class.
pub fn class(name: &str, is_default: bool) -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": annotations(is_default)},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": true,
        "volumeBindingMode": "WaitForFirstConsumer",
    })
}

fn annotations(is_default: bool) -> Value {
    let (mark, word) = if is_default {
        (labels::MIRRORED_DEFAULT, "true")
    } else {
        (labels::MIRRORED_PLAIN, "false")
    };
    json!({labels::MIRRORED: mark, IS_DEFAULT: word})
}

/// The merge patch that brings a virtual class of ours in step; none when it is.
///
/// Only when the host's default has changed since: somebody may want another default in his virtual
/// cluster, and that is his to choose.
pub fn changes(found: &Value, is_default: bool) -> Option<Value> {
    let wanted = annotations(is_default);
    let found = at(found, &["metadata", "annotations"]);
    let is_same = wanted.get(labels::MIRRORED) == found.get(labels::MIRRORED);
    (!is_same).then(|| json!({"metadata": {"annotations": wanted}}))
}

/// Whether a virtual class is the syncer's, and not somebody's own.
pub fn is_mirrored(class: &Value) -> bool {
    at(class, &["metadata", "annotations", labels::MIRRORED]).is_string()
}

/// A claim that is never made: by what the host's admission makes of it, it tells the host's default
/// class, for which no right on StorageClasses is needed.
/// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#defaultstorageclass>
pub fn probe() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"generateName": "vc-probe-"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    })
}

#[cfg(test)]
mod tests;
