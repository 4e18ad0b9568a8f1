//! Events, from the host to the virtual side, and the syncer's own.
//!
//! In: an Event of the host about a host pod, or what the syncer has to say about a virtual object.
//! Out: the Event of the virtual side. Never: two Events for one; a name of the host's but those of
//! nodes, which are the same on both sides.
//!
//! Names are computed and not drawn, so that an Event that is seen again after a restart is the same
//! object.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::base32;
use crate::labels;

/// Longest name of an object, in bytes (RFC 1123 subdomain).
const NAME_MAX_BYTES: usize = 253;

/// Longest suffix that is taken over as it is. Kubernetes' own has 16 characters, a time in
/// hexadecimal (`client-go/tools/record`).
const SUFFIX_MAX_BYTES: usize = 32;

/// Characters of a suffix of ours: 16 of 5 bits, as in names of host objects.
const SUFFIX_CHARACTERS: usize = 16;

/// Longest message, in bytes, that the API server takes of an Event with an `eventTime`
/// (`NoteLengthLimit` in `pkg/apis/core/validation/events.go`).
const MESSAGE_MAX_BYTES: usize = 1024;

/// Fields that say the same on both sides. Not `related`: it names another object of the host.
const FIELDS: [&str; 11] = [
    "reason",
    "source",
    "firstTimestamp",
    "lastTimestamp",
    "count",
    "type",
    "eventTime",
    "series",
    "action",
    "reportingComponent",
    "reportingInstance",
];

/// The two objects that an Event is between.
#[derive(Debug, Clone, Copy)]
pub struct Twins<'a> {
    /// Name of the host object.
    pub host_name: &'a str,
    /// Its UID: an Event about an earlier object of that name is not about this one.
    pub host_uid: &'a str,
    /// The virtual object that it stands for, with its kind, which a list leaves out of its elements.
    pub virtual_object: &'a Value,
}

/// The virtual Event of an Event of the host; none when it is not about this host object.
///
/// `scrub` takes the host's names out of a message.
pub fn to_virtual(
    host_event: &Value,
    twins: Twins<'_>,
    scrub: impl Fn(&str) -> String,
) -> Option<Value> {
    let about = &host_event["involvedObject"];
    let is_about = about["kind"] == twins.virtual_object["kind"] && about["uid"] == twins.host_uid;
    if !is_about || twins.host_uid.is_empty() {
        return None;
    }
    let metadata = &twins.virtual_object["metadata"];
    let (name, namespace) = (metadata["name"].as_str()?, metadata["namespace"].as_str()?);
    let host_metadata = &host_event["metadata"];
    let host_event_name = host_metadata["name"].as_str()?;
    let mut involved = involved(twins.virtual_object);
    if about["fieldPath"].is_string() {
        involved.insert("fieldPath".to_owned(), about["fieldPath"].clone());
    }
    let message = host_event["message"].as_str().unwrap_or_default();
    let event = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": virtual_name(host_event_name, twins.host_name, name),
            "namespace": namespace,
        },
        "involvedObject": involved,
        "message": bounded(&scrub(message)),
    });
    let Value::Object(mut event) = event else {
        return None;
    };
    let kept = FIELDS.map(|field| (field.to_owned(), host_event[field].clone()));
    event.extend(kept.into_iter().filter(|(_, value)| !value.is_null()));
    Some(event.into())
}

/// What an Event says of the object that it is about. Without its resourceVersion, which would make
/// another Event of each repetition.
fn involved(object: &Value) -> Map<String, Value> {
    let metadata = &object["metadata"];
    let of_object = ["apiVersion", "kind"].map(|key| (key, &object[key]));
    let of_metadata = ["name", "namespace", "uid"].map(|key| (key, &metadata[key]));
    let all = of_object.into_iter().chain(of_metadata);
    all.filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect()
}

/// `POD.SUFFIX` with the host Event's own suffix, as long as that is one and the name has room for it.
/// Else the suffix is a hash of the host Event's name, in which the host pod's name tells two pods
/// apart whose names begin alike.
fn virtual_name(host_event: &str, host_pod: &str, pod: &str) -> String {
    let rest = host_event.strip_prefix(host_pod);
    let suffix = rest.and_then(|rest| rest.strip_prefix('.'));
    let suffix = suffix.filter(|suffix| {
        (1..=SUFFIX_MAX_BYTES).contains(&suffix.len())
            && pod.len() + 1 + suffix.len() <= NAME_MAX_BYTES
    });
    match suffix {
        Some(suffix) => named(pod, suffix),
        None => named(pod, &hash(&[host_event])),
    }
}

/// What the syncer has to say about a virtual object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    /// Whether somebody should do something.
    pub severity: Severity,
    /// PascalCase.
    pub reason: &'a str,
    /// In the user's words, without names of the host's; cut at 1024 bytes.
    pub message: &'a str,
}

/// The types of Events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing needs to be done.
    Normal,
    /// Something is not as the user wanted it.
    Warning,
}

impl Severity {
    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// An Event of the syncer's own about a virtual object, said once.
///
/// The same notice about the same object has the same name, so whoever writes it finds the one that
/// exists, and raises `count` and `lastTimestamp` instead. `now` is RFC 3339, whole seconds. The object
/// needs its `apiVersion` and `kind`, which elements of a list do not have.
pub fn own(virtual_object: &Value, notice: Notice<'_>, now: &str) -> Value {
    let metadata = &virtual_object["metadata"];
    let text = |key: &str| metadata[key].as_str().unwrap_or_default();
    let (name, namespace, uid) = (text("name"), text("namespace"), text("uid"));
    let kind = notice.severity.name();
    let suffix = hash(&[name, namespace, uid, kind, notice.reason, notice.message]);
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": named(name, &suffix),
            // Where Events about objects without a namespace are (`legacyValidateEvent`).
            "namespace": if namespace.is_empty() { "default" } else { namespace },
        },
        "involvedObject": involved(virtual_object),
        "reason": notice.reason,
        "message": bounded(notice.message),
        "source": {"component": labels::EVENT_SOURCE},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "type": kind,
        "reportingComponent": labels::EVENT_SOURCE,
        "reportingInstance": "",
    })
}

/// `NAME.SUFFIX`, with as much of the name as there is room for. Names of roles may have capitals and
/// colons in them, and dots anywhere; names of Events may not.
fn named(name: &str, suffix: &str) -> String {
    let room = NAME_MAX_BYTES - 1 - suffix.len().min(SUFFIX_MAX_BYTES);
    let keeps_dots = name.split('.').all(is_label);
    let allowed = name.chars().map(|c| match c.to_ascii_lowercase() {
        c @ ('a'..='z' | '0'..='9') => c,
        '.' if keeps_dots => '.',
        _ => '-',
    });
    let name: String = allowed.take(room).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() {
        return suffix.to_owned();
    }
    format!("{name}.{suffix}")
}

/// Whether this is one label of an RFC 1123 subdomain.
fn is_label(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_inside = |c: char| is_end(c) || c == '-';
    text.starts_with(is_end) && text.ends_with(is_end) && text.chars().all(is_inside)
}

/// Lengths go before the parts, so that no two lists of parts are the same text.
fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let hash = base32(&hasher.finalize());
    hash.chars().take(SUFFIX_CHARACTERS).collect()
}

/// A message that fits into an Event; one that is cut ends in an ellipsis.
fn bounded(message: &str) -> String {
    const ELLIPSIS: &str = "…";
    if message.len() <= MESSAGE_MAX_BYTES {
        return message.to_owned();
    }
    let mut kept = message.to_owned();
    kept.truncate(message.floor_char_boundary(MESSAGE_MAX_BYTES - ELLIPSIS.len()));
    kept + ELLIPSIS
}

#[cfg(test)]
mod tests;
