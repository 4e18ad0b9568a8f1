//! Where the store keeps its data.
//!
//! In: a [`ClusterSpec`]. Out: a volume claim template, or a volume. Never: both.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    EmptyDirVolumeSource, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    PersistentVolumeClaimVolumeSource, Volume, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{lasting_labels, metadata};
use crate::cluster::{ClusterSpec, Storage};

/// Name of the store's volume, and of the claim template that stands in for it.
pub(super) const DATA: &str = "data";

/// The claim that the StatefulSet makes for its pod, if the cluster is to keep its data.
pub(super) fn claim_template(spec: &ClusterSpec) -> Option<PersistentVolumeClaim> {
    let Storage::Persistent { class, size } = &spec.storage else {
        return None;
    };
    Some(PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(DATA.to_owned()),
            labels: Some(lasting_labels(spec)),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: class.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([(
                    "storage".to_owned(),
                    Quantity(size.clone()),
                )])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    })
}

/// The claim as the StatefulSet makes it of its template. One of that name that is there already
/// would be taken with whatever data it has.
pub(super) fn claim(spec: &ClusterSpec) -> Option<PersistentVolumeClaim> {
    let template = claim_template(spec)?;
    Some(PersistentVolumeClaim {
        metadata: ObjectMeta {
            labels: template.metadata.labels,
            ..metadata(spec, claim_name(spec))
        },
        spec: template.spec,
        ..PersistentVolumeClaim::default()
    })
}

/// `data-vc-NAME-0`.
fn claim_name(spec: &ClusterSpec) -> String {
    format!("{DATA}-{}", spec.name.pod())
}

/// The volume of a cluster that keeps nothing; a claim template stands in for it otherwise.
pub(super) fn ephemeral_volume(spec: &ClusterSpec) -> Option<Volume> {
    matches!(spec.storage, Storage::Ephemeral).then(|| Volume {
        name: DATA.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    })
}

/// The volume that the StatefulSet puts into its pod in place of the claim template.
pub(super) fn claimed_volume(spec: &ClusterSpec) -> Option<Volume> {
    matches!(spec.storage, Storage::Persistent { .. }).then(|| Volume {
        name: DATA.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: claim_name(spec),
            ..PersistentVolumeClaimVolumeSource::default()
        }),
        ..Volume::default()
    })
}
