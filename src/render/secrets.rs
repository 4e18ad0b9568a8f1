//! The Secrets of a virtual cluster, and which of their entries are mounted where.
//!
//! In: a [`ClusterSpec`] and its [`Pki`]. Out: Secrets, and the volumes that show parts of them.
//! Never: a whole Secret in a container that needs a part of it.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{KeyToPath, Secret, SecretVolumeSource, Volume, VolumeMount};

use super::{API_PORT, RenderError, metadata, server};
use crate::cluster::ClusterSpec;
use crate::pki::{ClientFiles, Endpoint, Pki, PkiError, SecretData, kubeconfig_of_files};

/// Where every container sees the files that it was given.
pub(super) const DIRECTORY: &str = "/etc/kubernetes/pki";

/// The controller manager's kubeconfig, an entry of the Secret beside the keys.
pub(super) const CONTROLLER_MANAGER_KUBECONFIG: &str = "controller-manager.conf";

/// The syncer's kubeconfig, likewise.
pub(super) const SYNCER_KUBECONFIG: &str = "syncer.conf";

/// Mode of the mounted files. They belong to root and the pod's `fsGroup`, so the group must be
/// able to read them and nobody else has to.
const FILE_MODE: i32 = 0o440;

/// Path of a mounted entry.
pub(super) fn path(entry: &str) -> String {
    format!("{DIRECTORY}/{entry}")
}

/// `vc-NAME-pki`: what the control plane's containers mount.
pub(super) fn pki(spec: &ClusterSpec, pki: &Pki) -> Result<Secret, RenderError> {
    let mut data = pki.secret_data();
    for (entry, stem) in [
        (CONTROLLER_MANAGER_KUBECONFIG, "controller-manager"),
        (SYNCER_KUBECONFIG, "syncer"),
    ] {
        let kubeconfig = kubeconfig_inside(stem)?;
        data.insert(entry.to_owned(), ByteString(kubeconfig.into_bytes()));
    }
    Ok(secret(spec, spec.name.pki_secret(), data))
}

/// `vc-NAME-kubeconfig`: what an administrator reads. No container mounts it.
///
/// Its kubeconfig names the Service, for programs that run on the host; `vc kubeconfig` prints one
/// with another address.
pub(super) fn kubeconfig(spec: &ClusterSpec, pki: &Pki) -> Result<Secret, RenderError> {
    let data = admin_data(spec, pki)?;
    Ok(secret(spec, spec.name.kubeconfig_secret(), data))
}

/// What the Secret for an administrator holds.
///
/// # Errors
/// When its kubeconfig cannot be written as YAML.
pub(crate) fn admin_data(spec: &ClusterSpec, pki: &Pki) -> Result<SecretData, PkiError> {
    pki.admin_credential()
        .secret_data(&spec.name.context(), &server(spec))
}

/// The volume that shows these entries of the PKI Secret to one container.
pub(super) fn volume(spec: &ClusterSpec, name: String, entries: &[&str]) -> Volume {
    let items = entries.iter().map(|&entry| KeyToPath {
        key: entry.to_owned(),
        path: entry.to_owned(),
        mode: None,
    });
    Volume {
        name,
        secret: Some(SecretVolumeSource {
            secret_name: Some(spec.name.pki_secret()),
            default_mode: Some(FILE_MODE),
            items: Some(items.collect()),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// Where a container sees [`volume`]. A whole directory, not single files: those would not follow
/// when the Secret changes.
pub(super) fn mount(volume: String) -> VolumeMount {
    VolumeMount {
        name: volume,
        mount_path: DIRECTORY.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    }
}

/// The kubeconfig of a container beside the API server, whose certificate is `STEM.crt`.
fn kubeconfig_inside(stem: &str) -> Result<String, RenderError> {
    let server = format!("https://127.0.0.1:{API_PORT}");
    Ok(kubeconfig_of_files(
        Endpoint {
            context: "default",
            server: &server,
            tls_server_name: None,
        },
        ClientFiles {
            ca: &path("ca.crt"),
            certificate: &path(&format!("{stem}.crt")),
            key: &path(&format!("{stem}.key")),
        },
    )?)
}

fn secret(spec: &ClusterSpec, name: String, data: SecretData) -> Secret {
    Secret {
        metadata: metadata(spec, name),
        type_: Some("Opaque".to_owned()),
        data: Some(data),
        ..Secret::default()
    }
}
