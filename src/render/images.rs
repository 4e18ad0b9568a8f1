//! The images of a virtual cluster.
//!
//! In: where they come from, and which release. Out: their full names, which the containers have and
//! `vc image list` prints. Never: looks whether they are there.

use crate::cluster::ClusterSpec;
use crate::names::KubernetesVersion;

/// One release for every Kubernetes version: API servers from 1.34 to 1.37 take any etcd from
/// 3.5.24 on, one image is one to mirror, and the data never has to be migrated on an upgrade.
const ETCD_TAG: &str = "3.6.5-0";

/// The image of every container of the control plane. Pods of the virtual cluster bring their own; the
/// node adds its sandbox image, which is the same for all pods of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// The store's.
    pub etcd: String,
    /// The API server's.
    pub kube_apiserver: String,
    /// The controller manager's.
    pub kube_controller_manager: String,
    /// That of this program.
    pub syncer: String,
}

impl Images {
    /// The images of a release, from a registry without a trailing slash.
    pub fn new(registry: &str, version: KubernetesVersion, syncer: &str) -> Self {
        // Kubernetes' own images are called like the program in them.
        let official = |program: &str, tag: &str| format!("{registry}/{program}:{tag}");
        let tag = version.to_string();
        Self {
            etcd: official("etcd", ETCD_TAG),
            kube_apiserver: official("kube-apiserver", &tag),
            kube_controller_manager: official("kube-controller-manager", &tag),
            syncer: syncer.to_owned(),
        }
    }

    /// The images that a cluster is rendered with.
    pub(super) fn of(spec: &ClusterSpec) -> Self {
        Self::new(&spec.registry, spec.kubernetes_version, &spec.syncer_image)
    }

    /// Each container and its image, in the order of the pod.
    pub fn by_container(&self) -> [(&'static str, &str); 4] {
        [
            ("etcd", &self.etcd),
            ("kube-apiserver", &self.kube_apiserver),
            ("kube-controller-manager", &self.kube_controller_manager),
            ("syncer", &self.syncer),
        ]
    }
}
