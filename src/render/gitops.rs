//! The Secrets by which Argo CD and Flux reach a virtual cluster.
//!
//! In: a [`ClusterSpec`] and its [`Pki`]. Out: one Secret for each tool, in the tool's namespace. Never: a
//! credential that the cluster's own Secrets do not hold.
//!
//! <https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters>
//! <https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters>

use std::collections::BTreeMap;

use data_encoding::BASE64;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use super::{Manifest, RenderError, lasting_labels, server, text_map};
use crate::cluster::ClusterSpec;
use crate::labels;
use crate::names::Namespace;
use crate::pki::{Pki, SecretData};

/// What tells Argo CD that a Secret is a cluster.
const ARGOCD_TYPE: &str = "argocd.argoproj.io/secret-type";

/// The entry that Flux reads when nobody names another.
const FLUX_KEY: &str = "value";

/// Registers the cluster with the Argo CD of this namespace, under `vc-NAME`, or `vc-NAME.NAMESPACE`.
///
/// # Errors
/// When the Secret cannot be written as JSON.
pub fn argocd(
    spec: &ClusterSpec,
    pki: &Pki,
    namespace: &Namespace,
) -> Result<Manifest, RenderError> {
    let admin = pki.admin_credential();
    let base64 = |text: &str| BASE64.encode(text.as_bytes());
    let config = json!({"tlsClientConfig": {
        "insecure": false,
        "caData": base64(&admin.ca),
        "certData": base64(&admin.certificate),
        "keyData": base64(admin.key.reveal()),
    }});
    let data = data([
        ("name", destination(spec)),
        ("server", server(spec)),
        ("config", config.to_string()),
    ]);
    let mut secret = secret(spec, namespace, "argocd", data);
    let labels = secret.metadata.labels.get_or_insert_default();
    labels.insert(ARGOCD_TYPE.to_owned(), "cluster".to_owned());
    Manifest::new(&secret)
}

/// The kubeconfig for a `secretRef` of the Flux objects of this namespace.
///
/// # Errors
/// When the kubeconfig cannot be written as YAML, or the Secret as JSON.
pub fn flux(spec: &ClusterSpec, pki: &Pki, namespace: &Namespace) -> Result<Manifest, RenderError> {
    let admin = pki.admin_credential();
    let kubeconfig = admin.kubeconfig(&spec.name.context(), &server(spec), None)?;
    let data = data([(FLUX_KEY, kubeconfig)]);
    Manifest::new(&secret(spec, namespace, "flux", data))
}

/// What the cluster is called where there may be others of its name: `vc-dev`, or `vc-dev.team-a` when its
/// namespace is not the one that it has by itself.
fn destination(spec: &ClusterSpec) -> String {
    let name = spec.name.object();
    if spec.namespace == spec.name.default_namespace() {
        name
    } else {
        format!("{name}.{}", spec.namespace)
    }
}

fn secret(spec: &ClusterSpec, namespace: &Namespace, tool: &str, data: SecretData) -> Secret {
    // Beside the cluster it goes with the cluster; elsewhere nobody must take it for a part of one.
    let labels = if *namespace == spec.namespace {
        lasting_labels(spec)
    } else {
        text_map([
            (labels::MANAGED_BY, labels::MANAGER),
            (labels::NAME, labels::APP),
        ])
    };
    Secret {
        metadata: ObjectMeta {
            name: Some(format!("{}-{tool}", destination(spec))),
            namespace: Some(namespace.to_string()),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        data: Some(data),
        ..Secret::default()
    }
}

fn data<const N: usize>(entries: [(&str, String); N]) -> SecretData {
    let entries = entries.map(|(key, text)| (key.to_owned(), ByteString(text.into_bytes())));
    BTreeMap::from(entries)
}
