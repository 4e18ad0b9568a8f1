//! PersistentVolumeClaims, from the virtual side to the host, and their status back.
//!
//! In: a virtual claim, its host claim if there is one. Out: the host claim to create, the patches that
//! bring an existing one in step, the patches of the virtual claim; or why there can be none. Never: a
//! name of a volume, or of another object, that the host would take for one of its own.
//!
//! The volume is the host's: it chooses, binds, grows and deletes it. A claim that wants a particular
//! volume (`volumeName`, `selector`, an empty class) could only get one that somebody else has made on the
//! host, so it is refused.
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/>

use serde_json::{Map, Value, json};

use super::json::{at, set_keys, text};
use super::metadata::metadata_changes;
use super::{Refusal, Scope, scrub};
use crate::labels;

/// Fields of a claim's spec that are known. A newer one may name anything of the host.
const FIELDS: [&str; 9] = [
    "accessModes",
    "selector",
    "resources",
    "volumeName",
    "storageClassName",
    "volumeMode",
    "dataSource",
    "dataSourceRef",
    "volumeAttributesClassName",
];

/// Fields that mean the same on both sides. Classes are the host's, whatever is shown of them.
const SAME: [&str; 3] = ["accessModes", "volumeMode", "volumeAttributesClassName"];

/// Prefixes of the annotations in which binder, scheduler and provisioners keep how far they are
/// (`pkg/controller/volume/persistentvolume/util`, sig-storage-lib-external-provisioner). Those of the
/// host would believe them.
const OF_CONTROLLERS: [&str; 3] = [
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
];

/// Where the class was before Kubernetes 1.6; it goes before the field still.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// What the binder notes on a claim that it has bound. Programs wait for it.
const BOUND_ANNOTATIONS: [&str; 2] = [
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
];

/// On a host claim as soon as the host's binder has found its class and who provisions for it.
const PROVISIONER_ANNOTATIONS: [&str; 2] = [
    "volume.kubernetes.io/storage-provisioner",
    "volume.beta.kubernetes.io/storage-provisioner",
];

/// What has to be written of a virtual claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Upward {
    /// Merge patch of the claim: its volume, its class, what a binder notes.
    pub claim: Option<Value>,
    /// The whole status.
    pub status: Option<Value>,
}

/// Name of the virtual PersistentVolume of a claim: what Kubernetes calls one that is made for a claim
/// (`getProvisionedVolumeNameForClaim`).
pub fn volume_name(claim: &Value) -> String {
    volume_name_of(text(&claim["metadata"], "uid"))
}

/// See [`volume_name`].
pub fn volume_name_of(claim_uid: &str) -> String {
    format!("pvc-{claim_uid}")
}

/// The host claim of a virtual claim. `has_snapshots` is whether VolumeSnapshots are on the host, too.
///
/// # Errors
/// When the claim wants what must not or cannot reach the host.
pub fn to_host(claim: &Value, scope: &Scope, has_snapshots: bool) -> Result<Value, Refusal> {
    let spec = host_spec(claim, scope, has_snapshots)?;
    let mut seen = claim["metadata"].clone();
    if let Some(annotations) = seen.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|key, _| !OF_CONTROLLERS.iter().any(|prefix| key.starts_with(prefix)));
    }
    let mut metadata = scope.host_metadata(&seen);
    if let Some(annotations) = metadata
        .get_mut("annotations")
        .and_then(Value::as_object_mut)
    {
        annotations.insert(labels::APPLIED.to_owned(), changeable(claim).into());
    }
    Ok(json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": spec,
    }))
}

/// The part of a claim's spec that may change after it was made.
///
/// It is noted on the host claim and compared there, not with the host's spec: a webhook of the host may
/// have rounded a request up, and that is not to be fought.
fn changeable(claim: &Value) -> String {
    let spec = &claim["spec"];
    let size = at(spec, &["resources", "requests", "storage"]);
    let size = size.as_str().unwrap_or_default();
    match text(spec, "volumeAttributesClassName") {
        "" => size.to_owned(),
        class => format!("{size} {class}"),
    }
}

fn host_spec(
    claim: &Value,
    scope: &Scope,
    has_snapshots: bool,
) -> Result<Map<String, Value>, Refusal> {
    let spec = &claim["spec"];
    let fields = spec.as_object();
    if let Some(field) = fields
        .into_iter()
        .flat_map(set_keys)
        .find(|field| !FIELDS.contains(field))
    {
        return Err(refusal(field, "is not known here"));
    }
    let volume = text(spec, "volumeName");
    if !volume.is_empty() && volume != volume_name(claim) {
        return Err(refusal(
            "volumeName",
            "a virtual cluster cannot bind a claim to a volume of its choice: \
             leave it out, and the host makes one",
        ));
    }
    if !spec["selector"].is_null() {
        return Err(refusal(
            "selector",
            "a virtual cluster cannot choose among volumes: leave it out, and the host makes one",
        ));
    }
    let class = class(claim);
    if class == Some("") {
        return Err(refusal(
            "storageClassName",
            "an empty class asks for a volume that somebody has made by hand, and those of a virtual \
             cluster do not reach the host: leave it out for the default class, or name one",
        ));
    }
    let mut host = Map::new();
    for field in SAME {
        if !spec[field].is_null() {
            host.insert(field.to_owned(), spec[field].clone());
        }
    }
    host.insert("resources".to_owned(), resources(&spec["resources"])?);
    if let Some(class) = class {
        host.insert("storageClassName".to_owned(), class.into());
    }
    let namespace = text(&claim["metadata"], "namespace");
    for field in ["dataSource", "dataSourceRef"] {
        if !spec[field].is_null() {
            let source = data_source(field, &spec[field], has_snapshots)?;
            let name = scope.host_name(namespace, text(&source, "name"));
            let source = with_name(source, name);
            host.insert(field.to_owned(), source);
        }
    }
    Ok(host)
}

/// The class that a claim names; none when it leaves it to the default.
pub fn class(claim: &Value) -> Option<&str> {
    let annotations = at(claim, &["metadata", "annotations"]);
    annotations[CLASS_ANNOTATION]
        .as_str()
        .or_else(|| at(claim, &["spec", "storageClassName"]).as_str())
}

fn resources(resources: &Value) -> Result<Value, Refusal> {
    let fields = resources.as_object().into_iter();
    let mut fields = fields.flat_map(set_keys);
    match fields.find(|field| !matches!(*field, "requests" | "limits")) {
        Some(field) => Err(refusal(&format!("resources.{field}"), "is not known here")),
        None => Ok(resources.clone()),
    }
}

/// Group of VolumeSnapshots.
const SNAPSHOT_GROUP: &str = "snapshot.storage.k8s.io";

/// What a volume is filled from: another claim of the same virtual namespace, or a snapshot of one where
/// snapshots are synced. Everything else is an object that only the host's controllers would read, and of
/// the host's.
fn data_source(field: &str, source: &Value, has_snapshots: bool) -> Result<Value, Refusal> {
    if !text(source, "namespace").is_empty() {
        return Err(refusal(
            &format!("{field}.namespace"),
            "data of another namespace cannot be used in a virtual cluster",
        ));
    }
    let known = ["apiGroup", "kind", "name", "namespace"];
    let fields = source.as_object().into_iter();
    if let Some(unknown) = fields.flat_map(set_keys).find(|key| !known.contains(key)) {
        return Err(refusal(&format!("{field}.{unknown}"), "is not known here"));
    }
    let (group, kind, name) = (
        text(source, "apiGroup"),
        text(source, "kind"),
        text(source, "name"),
    );
    match (group, kind) {
        ("", "PersistentVolumeClaim") => Ok(json!({"kind": kind, "name": name})),
        (SNAPSHOT_GROUP, "VolumeSnapshot") if has_snapshots => {
            Ok(json!({"apiGroup": group, "kind": kind, "name": name}))
        }
        (SNAPSHOT_GROUP, "VolumeSnapshot") => Err(refusal(
            field,
            "a VolumeSnapshot can be the source of a volume when the virtual cluster was created with \
             `--sync volumesnapshots`",
        )),
        _ => Err(refusal(
            field,
            &format!("a {kind} cannot be the source of a volume in a virtual cluster"),
        )),
    }
}

fn with_name(mut source: Value, name: String) -> Value {
    if let Some(fields) = source.as_object_mut() {
        fields.insert("name".to_owned(), name.into());
    }
    source
}

fn refusal(field: &str, why: &str) -> Refusal {
    Refusal {
        reason: "UnsupportedClaim",
        message: format!("spec.{field}: {why}"),
    }
}

/// The merge patches, in order, that bring a host claim in step with `wanted`; none when it is.
///
/// What others have added to it stays. The request is a patch of its own, so that a host that refuses to
/// grow the volume does not keep labels from following.
pub fn changes(wanted: &Value, found: &Value) -> Vec<Value> {
    let mut unapplied = wanted.clone();
    let annotations = unapplied.pointer_mut("/metadata/annotations");
    if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
        annotations.shift_remove(labels::APPLIED);
    }
    let metadata = metadata_changes(&unapplied, found);
    let mut patches = Vec::new();
    if !metadata.is_empty() {
        patches.push(json!({"metadata": metadata}));
    }
    let applied = |claim: &Value| at(claim, &["metadata", "annotations", labels::APPLIED]).clone();
    if applied(wanted) != applied(found) {
        let spec = &wanted["spec"];
        patches.push(json!({
            "metadata": {"annotations": {labels::APPLIED: applied(wanted)}},
            "spec": {
                "resources": {"requests": at(spec, &["resources", "requests"])},
                "volumeAttributesClassName": spec["volumeAttributesClassName"],
            },
        }));
    }
    patches
}

/// Whether the host has bound a claim.
pub fn is_bound(host_claim: &Value) -> bool {
    let is_bound = text(&host_claim["status"], "phase") == "Bound";
    is_bound && !text(&host_claim["spec"], "volumeName").is_empty()
}

/// The class that a host claim shows to exist on the host: one that merely is named may not.
pub fn shown_class(host_claim: &Value) -> Option<&str> {
    let annotations = at(host_claim, &["metadata", "annotations"]);
    let has_provisioner = PROVISIONER_ANNOTATIONS
        .iter()
        .any(|annotation| annotations[annotation].is_string());
    let class = class(host_claim).filter(|class| !class.is_empty())?;
    (has_provisioner || is_bound(host_claim)).then_some(class)
}

/// What has to be written of a virtual claim, given its host claim.
pub fn to_virtual(claim: &Value, host_claim: &Value, scope: &Scope) -> Upward {
    let mut spec = Map::new();
    let mut annotations = Map::new();
    // The host's default is filled in as Kubernetes does it: also later than at the creation.
    if let (None, Some(class)) = (class(claim), class(host_claim)) {
        spec.insert("storageClassName".to_owned(), class.into());
    }
    if is_bound(host_claim) {
        if text(&claim["spec"], "volumeName").is_empty() {
            spec.insert("volumeName".to_owned(), volume_name(claim).into());
        }
        for key in BOUND_ANNOTATIONS {
            if at(claim, &["metadata", "annotations", key]).is_null() {
                annotations.insert(key.to_owned(), "yes".into());
            }
        }
    }
    let patch = json!({
        "metadata": {"uid": at(claim, &["metadata", "uid"]), "annotations": annotations},
        "spec": spec,
    });
    let status = status(claim, host_claim, scope);
    Upward {
        claim: (!spec.is_empty() || !annotations.is_empty()).then_some(patch),
        status: (status.is_object() && status != claim["status"]).then_some(status),
    }
}

fn status(claim: &Value, host_claim: &Value, scope: &Scope) -> Value {
    let mut status = host_claim["status"].clone();
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten() {
        if let Some(message) = condition.get_mut("message") {
            let text = message.as_str().unwrap_or_default();
            *message = scrubbed(text, claim, host_claim, scope).into();
        }
    }
    status
}

/// A text of the host's about a claim, in the virtual cluster's words. Volumes are called after their
/// claim's UID, so that the host's volume becomes the virtual one.
pub fn scrubbed(message: &str, claim: &Value, host_claim: &Value, scope: &Scope) -> String {
    let (host_uid, uid) = (
        text(&host_claim["metadata"], "uid"),
        text(&claim["metadata"], "uid"),
    );
    let mut message = scrub::scrub(message, claim, scope);
    if !host_uid.is_empty() {
        message = message.replace(host_uid, uid);
    }
    let volume = text(&host_claim["spec"], "volumeName");
    if !volume.is_empty() {
        message = message.replace(volume, &volume_name(claim));
    }
    message
}

#[cfg(test)]
mod tests;
