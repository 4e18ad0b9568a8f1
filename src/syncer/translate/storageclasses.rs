//! StorageClasses, from the host to the virtual side.
//!
//! In: the name of a class that the host has, and whether it is its default; or the host's class, where the
//! rights allow to read it. Out: the virtual class of that name. Never: anything towards the host.
//!
//! Host classes are not in a namespace, and without an option of its own there is no right to read them.
//! What is said of one then is what breaks least when it is wrong:
//!
//! - `volumeBindingMode: WaitForFirstConsumer`: who believes it makes a pod for his claim, which does no
//!   harm where volumes come at once; who believes `Immediate` waits for a volume before he makes the
//!   pod, for good where volumes wait for pods.
//! - `allowVolumeExpansion: true`: without it the virtual API server refuses every larger request, also
//!   where the host would grow the volume. Where it does not, the host's words are told on the claim.
//! - `reclaimPolicy: Delete`: data goes with its claim.

use serde_json::{Map, Value, json};

use super::json::{at, text};
use crate::labels;

/// Who provisions, as far as a virtual cluster knows.
pub const PROVISIONER: &str = "vc.internal/host";

/// See <https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass>.
const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// See [`IS_DEFAULT`]; older, and still heeded.
const BETA_IS_DEFAULT: &str = "storageclass.beta.kubernetes.io/is-default-class";

/// What is taken over of a host class that may be read.
const FIELDS_OF_HOST: [&str; 5] = [
    "provisioner",
    "reclaimPolicy",
    "allowVolumeExpansion",
    "volumeBindingMode",
    "allowedTopologies",
];

/// Those of them that a class keeps for its life.
const IMMUTABLE: [&str; 3] = ["provisioner", "reclaimPolicy", "volumeBindingMode"];

/// The others.
const CHANGEABLE: [&str; 2] = ["allowVolumeExpansion", "allowedTopologies"];

/// The virtual class of a host class of which no more is known.
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

/// The virtual class of a host class that may be read: what a program may ask of it, without the
/// parameters, which are between the host and its provisioner.
pub fn of_host(host_class: &Value) -> Value {
    let metadata = &host_class["metadata"];
    let says = |annotation: &str| at(metadata, &["annotations", annotation]) == "true";
    let is_default = says(IS_DEFAULT) || says(BETA_IS_DEFAULT);
    let mut class = class(text(metadata, "name"), is_default);
    if let Some(fields) = class.as_object_mut() {
        for field in FIELDS_OF_HOST {
            fields.shift_remove(field);
            if !host_class[field].is_null() {
                fields.insert(field.to_owned(), host_class[field].clone());
            }
        }
    }
    class
}

/// Whether a class is another than the one wanted in what cannot be changed
/// (`ValidateStorageClassUpdate`).
pub fn is_another(wanted: &Value, found: &Value) -> bool {
    IMMUTABLE
        .iter()
        .any(|field| wanted[*field] != found[*field])
}

/// The merge patch that brings a virtual class of ours in step; none when it is.
///
/// Which is the default only when the host's has changed since: somebody may want another in his virtual
/// cluster, and that is his to choose.
pub fn changes(wanted: &Value, found: &Value) -> Option<Value> {
    let mut patch = Map::new();
    let annotations = |class: &Value| at(class, &["metadata", "annotations"]).clone();
    let mark = |class: &Value| at(&annotations(class), &[labels::MIRRORED]).clone();
    if mark(wanted) != mark(found) {
        let metadata = json!({"annotations": annotations(wanted)});
        patch.insert("metadata".to_owned(), metadata);
    }
    for field in CHANGEABLE {
        if wanted[field] != found[field] {
            patch.insert(field.to_owned(), wanted[field].clone());
        }
    }
    (!patch.is_empty()).then(|| patch.into())
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
