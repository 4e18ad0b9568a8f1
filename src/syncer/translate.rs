//! From the virtual side to the host and back, as values.
//!
//! In: objects of one side, and which virtual cluster this is. Out: objects, patches and statuses for
//! the other side, or why there are none. Never: a client, a clock, chance; the same input gives the
//! same output.
//!
//! Objects are carried as JSON, because typed structs drop the fields that are newer than the
//! library. What refers to another object is on a list of the allowed; what is not on it is refused.

pub mod admission;
pub mod configs;
pub mod endpointslices;
pub mod events;
pub mod imports;
mod json;
mod metadata;
pub mod metrics;
pub mod nodes;
pub mod persistentvolumeclaims;
pub mod persistentvolumes;
pub mod pods;
pub mod scrub;
mod selectors;
pub mod services;
pub mod shown;
pub mod storageclasses;
pub mod synced;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::labels;

use crate::names::{ClusterName, Namespace};
pub use metadata::is_mirrored;

/// Longest DNS label, in bytes (RFC 1123): a pod's name is also its hostname and a label's value.
const NAME_MAX_BYTES: usize = 63;

/// Characters of the hash at the end of a host name: 16 of 5 bits, 80 bits. By the birthday bound
/// a million objects of one namespace meet by chance with probability 4e-13.
const HASH_CHARACTERS: usize = 16;

/// Which virtual cluster is translated for, and where its host objects are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The virtual cluster's name.
    pub cluster: ClusterName,
    /// UID of its marker, which tells it from every other cluster that ever had the name.
    pub uid: String,
    /// The host namespace of everything.
    pub host_namespace: Namespace,
}

/// Why a virtual object cannot exist on the host as it is; told as an Event on the virtual object.
///
/// It stays refused until somebody changes the object, so there is nothing to retry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refusal {
    /// PascalCase, for the Event.
    pub reason: &'static str,
    /// A sentence without a full stop that names the field, in the user's words.
    pub message: String,
}

impl Scope {
    /// Name of the host object that stands for a virtual one. `namespace` is empty for an object that
    /// has none.
    ///
    /// A readable part of `NAME-NAMESPACE-CLUSTER`, then a hash that makes it unmistakable: what is
    /// hashed has its lengths before it, so `a-x-b` in `c` is not `a` in `b-x-c`. A DNS-1035 label
    /// whatever the virtual name is.
    pub fn host_name(&self, namespace: &str, name: &str) -> String {
        self.hashed(namespace, name, &[])
    }

    /// Name of the host Secret with the tokens of a virtual pod. No virtual Secret has this name on
    /// the host, whatever it is called.
    pub fn token_secret_name(&self, namespace: &str, pod: &str) -> String {
        self.hashed(namespace, pod, &["token"])
    }

    fn hashed(&self, namespace: &str, name: &str, more: &[&str]) -> String {
        let mut hasher = Sha256::new();
        for part in [self.uid.as_str(), namespace, name].iter().chain(more) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let hash = base32(&hasher.finalize());
        let readable = format!("{name}-{namespace}-{}", self.cluster);
        let mut host_name = String::with_capacity(NAME_MAX_BYTES);
        if !readable.starts_with(|first: char| first.is_ascii_lowercase()) {
            host_name.push('v');
        }
        let room = NAME_MAX_BYTES - HASH_CHARACTERS - 1 - host_name.len();
        host_name.extend(readable.chars().take(room).map(|c| match c {
            'a'..='z' | '0'..='9' => c,
            _ => '-',
        }));
        host_name.push('-');
        host_name.extend(hash.chars().take(HASH_CHARACTERS));
        host_name
    }

    /// Metadata of the host object that stands for a virtual one: its name, the virtual labels and
    /// annotations under their host keys, our marks, and the marker as owner.
    ///
    /// `kubectl`'s own copy of the object is left out: it would tell the host of virtual names, twice.
    pub fn host_metadata(&self, virtual_metadata: &Value) -> Map<String, Value> {
        let text = |key: &str| virtual_metadata[key].as_str().unwrap_or_default();
        let (namespace, name, uid) = (text("namespace"), text("name"), text("uid"));
        let mut labels = to_host_keys(&virtual_metadata["labels"]);
        let mut annotations = to_host_keys(&virtual_metadata["annotations"]);
        annotations.remove(LAST_APPLIED);
        for (mark, map) in [
            (labels::MANAGED_LABELS, &labels),
            (labels::MANAGED_ANNOTATIONS, &annotations.clone()),
        ] {
            let keys: Vec<&str> = map.keys().map(String::as_str).collect();
            if !keys.is_empty() {
                annotations.insert(mark.to_owned(), keys.join(",").into());
            }
        }
        for (key, value) in [
            (labels::CLUSTER, self.cluster.as_str()),
            (labels::NAMESPACE, namespace),
        ] {
            labels.insert(key.to_owned(), value.into());
        }
        for (key, value) in [
            (labels::CLUSTER_UID, self.uid.as_str()),
            (labels::VIRTUAL_NAME, name),
            (labels::VIRTUAL_NAMESPACE, namespace),
            (labels::VIRTUAL_UID, uid),
        ] {
            annotations.insert(key.to_owned(), value.into());
        }
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), self.host_name(namespace, name).into());
        metadata.insert("namespace".to_owned(), self.host_namespace.as_str().into());
        metadata.insert("labels".to_owned(), labels.into());
        metadata.insert("annotations".to_owned(), annotations.into());
        metadata.insert("ownerReferences".to_owned(), self.owner());
        metadata
    }

    /// The marker as the owner, so that whatever `vc delete` cannot reach goes with it.
    pub fn owner(&self) -> Value {
        json!([{
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": self.cluster.object(),
            "uid": self.uid,
        }])
    }
}

/// A text of the host's about one object, in the virtual cluster's words.
pub fn hides_host(text: &str, virtual_object: &Value, scope: &Scope) -> String {
    let part = |field: &str| {
        let part = virtual_object.pointer(&format!("/metadata/{field}"));
        part.and_then(Value::as_str).unwrap_or_default()
    };
    let (namespace, name) = (part("namespace"), part("name"));
    let host_namespace = format!("\"{}\"", scope.host_namespace);
    let account = format!("system:serviceaccount:{}:", scope.host_namespace);
    text.replace(&scope.host_name(namespace, name), name)
        .replace(&host_namespace, &format!("\"{namespace}\""))
        // The syncer's own account, when it lacks a right.
        .replace(&account, "")
}

/// Where kubectl keeps what was applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A virtual object's labels or annotations under the keys that they have on the host.
pub fn to_host_keys(map: &Value) -> Map<String, Value> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(key, value)| (labels::to_host_key(key), value.clone()))
        .collect()
}

/// The label on a host pod that carries one label of its virtual namespace. Hashed, because a key
/// with a prefix of its own does not fit behind another.
pub fn namespace_label(key: &str) -> String {
    let hash = base32(&Sha256::digest(key));
    let hash = hash.get(..NAMESPACE_HASH_CHARACTERS).unwrap_or(&hash);
    format!("{}{hash}", labels::NAMESPACE_LABEL_PREFIX)
}

/// 26 characters of 5 bits, 130 bits: the owner of a namespace chooses its labels, so two keys that
/// meet must not be findable.
const NAMESPACE_HASH_CHARACTERS: usize = 26;

/// Lower-case base32 without padding: what a name may have in it.
fn base32(bytes: &[u8]) -> String {
    data_encoding::BASE32_NOPAD
        .encode(bytes)
        .to_ascii_lowercase()
}
