//! The manifests of a virtual cluster.
//!
//! In: a [`ClusterSpec`], and the cluster's [`Pki`] unless its Secrets are made by somebody else.
//! Out: [`Manifests`], the objects in the order in which they are applied. Never: talks to a
//! cluster, reads a clock or the environment, decides anything by chance: same input, same bytes.

mod audit;
pub mod gitops;
mod images;
pub mod installer;
mod isolation;
mod manifests;
mod network;
mod quota;
pub mod rbac;
mod resources;
mod secrets;
mod storage;
#[cfg(test)]
mod tests;
mod workload;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use thiserror::Error;

use crate::cluster::ClusterSpec;
use crate::labels;
use crate::pki::{Pki, PkiError};

pub use images::Images;
pub use manifests::{Manifest, Manifests};
pub(crate) use secrets::admin_data;
pub use workload::snapshot;

/// Value of [`labels::MARKER`]: the label is selected by its presence.
const MARKED: &str = "true";

/// Port of the API server inside the pod.
pub(crate) const API_PORT: i32 = 6443;

/// Name of that port, for the Service and the probes.
const API_PORT_NAME: &str = "https";

/// Names of the ports of the cluster's DNS, for its Service.
const DNS_UDP_PORT_NAME: &str = "dns";
/// See [`DNS_UDP_PORT_NAME`].
const DNS_TCP_PORT_NAME: &str = "dns-tcp";

/// Why a specification cannot be rendered.
#[derive(Debug, Error)]
pub enum RenderError {
    /// A request or limit is so small that a container would get nothing of it.
    #[error("{what} of {found} cannot be shared out to the control plane: at least {least} needed")]
    TooLittle {
        /// Which request or limit.
        what: &'static str,
        /// What the specification says.
        found: u64,
        /// What would do.
        least: u64,
    },
    /// A kubeconfig inside a Secret cannot be written.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// An object cannot be written as JSON.
    #[error("cannot write {kind} `{name}` as JSON")]
    Json {
        /// Kind of the object.
        kind: &'static str,
        /// Name of the object.
        name: String,
        /// What the library says.
        source: serde_json::Error,
    },
    /// Objects cannot be written as YAML.
    #[error("cannot write the manifests as YAML")]
    Yaml(#[source] serde_saphyr::SerializeError),
}

/// Everything that `vc create` applies, the marker first.
///
/// Without `pki` the Secrets are left out; the pod waits until somebody makes them.
///
/// # Errors
///
/// When the resources are too small to be shared out; the other kinds stand for faults of ours.
pub fn render(spec: &ClusterSpec, pki: Option<&Pki>) -> Result<Manifests, RenderError> {
    let mut objects = vec![
        marker(spec)?,
        Manifest::new(&rbac::service_account(spec))?,
        Manifest::new(&rbac::workload_account(spec))?,
        Manifest::new(&rbac::role(spec))?,
        Manifest::new(&rbac::role_binding(spec))?,
    ];
    if spec.shown().is_any() {
        objects.push(Manifest::new(&rbac::cluster_role(spec))?);
        objects.push(Manifest::new(&rbac::cluster_role_binding(spec))?);
    }
    if let Some(pki) = pki {
        objects.push(Manifest::new(&secrets::pki(spec, pki)?)?);
        objects.push(Manifest::new(&secrets::kubeconfig(spec, pki)?)?);
    }
    objects.push(Manifest::new(&network::service(spec))?);
    objects.push(Manifest::new(&network::dns_service(spec))?);
    if let Some(quota) = quota::resource_quota(spec) {
        objects.push(Manifest::new(&quota)?);
    }
    if let Some(defaults) = quota::limit_range(spec) {
        objects.push(Manifest::new(&defaults)?);
    }
    if spec.isolate {
        objects.push(Manifest::new(&isolation::of_workload(spec))?);
        objects.push(Manifest::new(&isolation::of_control_plane(spec))?);
    }
    objects.push(Manifest::new(&workload::stateful_set(spec, pki)?)?);
    Ok(Manifests::new(objects))
}

/// The control-plane pod as the StatefulSet would make it, for a dry run against quota and Pod
/// Security before anything is written.
///
/// It names no ServiceAccount: ours does not exist yet, and a pod of an absent one is refused.
/// The API server answers "already exists" for a cluster that runs.
///
/// # Errors
///
/// As [`render`].
pub fn pod(spec: &ClusterSpec, pki: Option<&Pki>) -> Result<Manifest, RenderError> {
    Manifest::new(&workload::pod(spec, pki)?)
}

/// The volume claim as the StatefulSet would make it, if the cluster is to keep its data.
///
/// # Errors
///
/// As [`render`].
pub fn claim(spec: &ClusterSpec) -> Result<Option<Manifest>, RenderError> {
    storage::claim(spec)
        .map(|claim| Manifest::new(&claim))
        .transpose()
}

/// The ConfigMap that says that the cluster exists, what it was made of, and owns all the rest.
fn marker(spec: &ClusterSpec) -> Result<Manifest, RenderError> {
    let name = spec.name.object();
    let json = spec_text(spec)?;
    let mut metadata = metadata(spec, name);
    metadata
        .labels
        .get_or_insert_default()
        .insert(labels::MARKER.to_owned(), MARKED.to_owned());
    let audit = spec.sleep_after_seconds.map(|_| {
        let policy = audit::policy().to_string();
        (labels::MARKER_AUDIT.to_owned(), policy)
    });
    let data = BTreeMap::from([
        (labels::MARKER_SPEC.to_owned(), json),
        (
            labels::MARKER_VC_VERSION.to_owned(),
            env!("CARGO_PKG_VERSION").to_owned(),
        ),
        (
            labels::MARKER_ADMISSION.to_owned(),
            workload::admission_configuration(spec).to_string(),
        ),
        (
            labels::MARKER_WEBHOOK.to_owned(),
            workload::webhook_kubeconfig()?,
        ),
    ]);
    Manifest::new(&ConfigMap {
        metadata,
        data: Some(data.into_iter().chain(audit).collect()),
        ..ConfigMap::default()
    })
}

/// The specification as the marker has it.
fn spec_text(spec: &ClusterSpec) -> Result<String, RenderError> {
    serde_json::to_string(spec).map_err(|source| RenderError::Json {
        kind: "ClusterSpec",
        name: spec.name.object(),
        source,
    })
}

fn metadata(spec: &ClusterSpec, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(spec.namespace.to_string()),
        labels: Some(object_labels(spec)),
        ..ObjectMeta::default()
    }
}

/// Where programs on the host reach the virtual API server; its certificate has this name.
fn server(spec: &ClusterSpec) -> String {
    format!("https://{}.{}.svc", spec.name.object(), spec.namespace)
}

/// The labels that stand on every object.
fn object_labels(spec: &ClusterSpec) -> BTreeMap<String, String> {
    let mut labels = lasting_labels(spec);
    labels.insert(
        labels::VERSION.to_owned(),
        spec.kubernetes_version.to_string(),
    );
    labels
}

/// The labels that never change in a cluster's life, for fields that the API server lets nobody
/// change: a volume claim template with the version would stop every upgrade.
fn lasting_labels(spec: &ClusterSpec) -> BTreeMap<String, String> {
    let name = spec.name.to_string();
    text_map([
        (labels::MANAGED_BY, labels::MANAGER),
        (labels::NAME, labels::APP),
        (labels::INSTANCE, &name),
        (labels::CLUSTER, &name),
    ])
}

/// What selects the control-plane pod, and no pod that the syncer makes for the same cluster.
fn selector(spec: &ClusterSpec) -> BTreeMap<String, String> {
    text_map([
        (labels::CLUSTER, spec.name.as_str()),
        (labels::COMPONENT, labels::CONTROL_PLANE),
    ])
}

fn text_map<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}
