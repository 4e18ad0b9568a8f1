//! What a host pod was last brought in step with.
//!
//! In: the parts of a pod's spec that can change while it lives. Out: a hash of each, as the annotation
//! [`labels::APPLIED`] holds them. Never: the host pod's own spec: a host webhook that puts another
//! image there has the last word, and only a change on the virtual side is carried over again.

use std::fmt;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::base32;
use super::super::json::{at, list, text};
use crate::labels;

/// Characters of a hash: 80 bits, as in a host name. The user could find two specs of one hash only
/// to have a change of his own pod not carried over.
const HASH_CHARACTERS: usize = 16;

/// One hash for each part that is written by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) images: String,
    pub(super) scheduling: String,
    pub(super) resources: String,
}

impl Applied {
    /// Of what a virtual pod wants.
    pub(super) fn of(virtual_pod: &Value) -> Self {
        let spec = &virtual_pod["spec"];
        let deadline = &spec["activeDeadlineSeconds"];
        Self {
            images: hash(of_containers(spec, "image")),
            scheduling: hash(json!([
                deadline,
                spec["tolerations"],
                spec["schedulingGates"],
            ])),
            resources: hash(json!(
                [of_containers(spec, "resources"), spec["resources"],]
            )),
        }
    }

    /// Of what a host pod has; empty where that is unknown.
    pub(super) fn on(host_pod: &Value) -> Self {
        let annotation = text(at(host_pod, &["metadata", "annotations"]), labels::APPLIED);
        let mut parts = annotation.split('.').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Self {
            images: next(),
            scheduling: next(),
            resources: next(),
        }
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            images,
            scheduling,
            resources,
        } = self;
        write!(formatter, "{images}.{scheduling}.{resources}")
    }
}

/// One field of every container by name. Ephemeral containers cannot change.
fn of_containers(spec: &Value, field: &str) -> Value {
    let containers = ["initContainers", "containers"]
        .into_iter()
        .flat_map(|name| list(spec, name));
    containers
        .map(|container| json!([container["name"], container[field]]))
        .collect()
}

/// The order of keys says nothing, so it is not hashed.
fn hash(mut value: Value) -> String {
    value.sort_all_objects();
    let mut hash = base32(&Sha256::digest(value.to_string()));
    hash.truncate(HASH_CHARACTERS);
    hash
}
