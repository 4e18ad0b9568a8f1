//! The control-plane pod, and the StatefulSet that keeps one of it.
//!
//! In: a [`ClusterSpec`] and its [`Pki`]. Out: a StatefulSet, or the pod that it would make. Never:
//! anything that Pod Security *restricted* refuses.

mod etcd;
mod kube_apiserver;
mod kube_controller_manager;
pub mod snapshot;
mod syncer;

pub(super) use kube_apiserver::{admission_configuration, webhook_kubeconfig};

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, Pod, PodSecurityContext, PodSpec, PodTemplateSpec, SeccompProfile,
    SecurityContext,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use sha2::{Digest, Sha256};

use super::resources::{self, Share};
use super::{RenderError, audit, metadata, object_labels, secrets, selector, spec_text, storage};
use crate::cluster::ClusterSpec;
use crate::labels;
use crate::pki::Pki;

/// User and group of every process, and group of every file: `nonroot` of the distroless images.
const NONROOT: i64 = 65532;

/// Seconds between SIGTERM and SIGKILL: the fewest that leave the end of the pod to the kubelet.
/// With 0 the pod would be gone from the API while it still runs, and its successor would open the
/// same data.
///
/// The API server would take up to 15 s to see its watches out, and all that time a deleted
/// cluster would not be gone and a replaced pod not be started. Nothing is lost by not waiting:
/// every write that was acknowledged is in etcd's log, which is made to be killed, and clients
/// connect again.
const TERMINATION_GRACE_SECONDS: i64 = 1;

/// The StatefulSet `vc-NAME`.
pub(super) fn stateful_set(
    spec: &ClusterSpec,
    pki: Option<&Pki>,
) -> Result<StatefulSet, RenderError> {
    let mut pod = pod_spec(spec)?;
    pod.service_account_name = Some(spec.name.object());
    Ok(StatefulSet {
        metadata: metadata(spec, spec.name.object()),
        spec: Some(StatefulSetSpec {
            replicas: Some(1),
            // A replaced pod waits for nothing but its predecessor's end.
            pod_management_policy: Some("Parallel".to_owned()),
            persistent_volume_claim_retention_policy: Some(retention_policy()),
            selector: LabelSelector {
                match_labels: Some(selector(spec)),
                ..LabelSelector::default()
            },
            // Nobody looks the pod up by this name, but up to Kubernetes 1.32 the field is
            // required by the schema that kubectl checks rendered manifests against.
            service_name: Some(spec.name.object()),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(pod_labels(spec)),
                    annotations: Some(pod_annotations(spec, pki)?),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod),
            },
            volume_claim_templates: storage::claim_template(spec).map(|claim| vec![claim]),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    })
}

/// The pod `vc-NAME-0` as the StatefulSet makes it, but for its ServiceAccount.
pub(super) fn pod(spec: &ClusterSpec, pki: Option<&Pki>) -> Result<Pod, RenderError> {
    let mut pod = pod_spec(spec)?;
    pod.volumes
        .get_or_insert_default()
        .extend(storage::claimed_volume(spec));
    Ok(Pod {
        metadata: ObjectMeta {
            labels: Some(pod_labels(spec)),
            annotations: Some(pod_annotations(spec, pki)?),
            ..metadata(spec, spec.name.pod())
        },
        spec: Some(pod),
        ..Pod::default()
    })
}

/// The data goes with the cluster, but not with a cluster that is scaled to nothing to save money.
fn retention_policy() -> StatefulSetPersistentVolumeClaimRetentionPolicy {
    StatefulSetPersistentVolumeClaimRetentionPolicy {
        when_deleted: Some("Delete".to_owned()),
        when_scaled: Some("Retain".to_owned()),
    }
}

fn pod_labels(spec: &ClusterSpec) -> BTreeMap<String, String> {
    let mut labels = object_labels(spec);
    labels.extend(selector(spec));
    labels
}

/// What the pod takes up at its start alone, so that another restarts it.
fn pod_annotations(
    spec: &ClusterSpec,
    pki: Option<&Pki>,
) -> Result<BTreeMap<String, String>, RenderError> {
    // What bounds the cluster is the host's to keep.
    let read = ClusterSpec {
        quota: BTreeMap::new(),
        isolate: false,
        ..spec.clone()
    };
    let hash = Sha256::digest(spec_text(&read)?);
    let spec_hash = (labels::SPEC_HASH.to_owned(), HEXLOWER.encode(&hash));
    let pki_hash = pki.map(|pki| (labels::PKI_HASH.to_owned(), pki.hash()));
    Ok(pki_hash.into_iter().chain([spec_hash]).collect())
}

fn pod_spec(spec: &ClusterSpec) -> Result<PodSpec, RenderError> {
    resources::check(&spec.resources)?;
    let mut volumes = vec![
        etcd::files(spec),
        etcd::socket_volume(),
        kube_apiserver::files(spec),
        kube_apiserver::admission_volume(spec),
        kube_controller_manager::files(spec),
        syncer::files(spec),
        syncer::account_volume(),
    ];
    volumes.extend(storage::ephemeral_volume(spec));
    volumes.extend(audit::volume(spec));
    Ok(PodSpec {
        init_containers: snapshot::container(spec).map(|container| vec![container]),
        // All start together and each waits for what it needs: an order would only add up times.
        containers: vec![
            etcd::container(spec),
            kube_apiserver::container(spec),
            kube_controller_manager::container(spec),
            syncer::container(spec),
        ],
        volumes: Some(volumes),
        security_context: Some(pod_security_context()),
        automount_service_account_token: Some(false),
        // Else every Service of the host namespace would become environment of the control plane.
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(TERMINATION_GRACE_SECONDS),
        // The images exist for Linux alone, and a host may have other nodes too.
        node_selector: Some(BTreeMap::from([(
            "kubernetes.io/os".to_owned(),
            "linux".to_owned(),
        )])),
        ..PodSpec::default()
    })
}

fn pod_security_context() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(NONROOT),
        run_as_group: Some(NONROOT),
        fs_group: Some(NONROOT),
        // The default walks through all of the store's files at every start.
        fs_group_change_policy: Some("OnRootMismatch".to_owned()),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            ..SeccompProfile::default()
        }),
        ..PodSecurityContext::default()
    }
}

/// What tells one container from another; the rest is the same for all.
struct Part {
    /// Name of the container.
    name: &'static str,
    /// Its image.
    image: String,
    /// Name of its program.
    program: &'static str,
    /// Arguments of the program.
    args: Vec<String>,
    /// What the container gets of the pod's resources.
    share: Share,
    /// Capabilities that are not dropped.
    capabilities: Option<Vec<String>>,
}

/// A container whose root file system is read-only and which sees its [`files_volume`].
fn container(spec: &ClusterSpec, part: Part) -> Container {
    let Part { name, program, .. } = part;
    Container {
        name: name.to_owned(),
        image: Some(part.image),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        // By absolute path, whatever wrapper an image has as its entrypoint.
        command: Some(vec![format!("/usr/local/bin/{program}")]),
        args: Some(part.args),
        resources: Some(resources::requirements(&spec.resources, part.share)),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities {
                add: part.capabilities,
                drop: Some(vec!["ALL".to_owned()]),
            }),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(vec![secrets::mount(files_volume(name))]),
        ..Container::default()
    }
}

/// Name of the volume with one container's keys and certificates.
fn files_volume(container: &str) -> String {
    format!("pki-{container}")
}

/// `--name=PATH` of a mounted file.
fn file_flag(flag: &str, entry: &str) -> String {
    format!("--{flag}={}", secrets::path(entry))
}
