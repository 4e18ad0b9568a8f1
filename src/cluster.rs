//! A virtual cluster as it is wanted ([`ClusterSpec`]) and as it is found ([`Cluster`]).
//!
//! In: resolved options, or host objects. Out: values that the rest of the program works on.
//! Never: talks to a cluster, reads a clock or the environment.

use serde::{Deserialize, Serialize};

use crate::names::{ClusterName, KubernetesVersion, Namespace};

/// Everything that decides what a virtual cluster's manifests say, but for keys and certificates.
///
/// Stored as JSON in the marker ConfigMap; fields are only ever added, with a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSpec {
    /// The virtual cluster's name, unique in its host namespace.
    pub name: ClusterName,
    /// The host namespace everything lives in.
    pub namespace: Namespace,
    /// Release of the API server and the controller manager.
    pub kubernetes_version: KubernetesVersion,
    /// Prefix of every image, without a trailing slash: `registry.k8s.io`.
    pub registry: String,
    /// Where the store keeps its data.
    pub storage: Storage,
    /// What the control-plane pod asks for and may use.
    pub resources: Resources,
    /// The host's service ranges, `10.96.0.0/16`: one, or two on a dual-stack host.
    pub service_cidrs: Vec<String>,
}

/// Where the store keeps its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Storage {
    /// An `emptyDir`: gone with the pod.
    Ephemeral,
    /// A PersistentVolumeClaim.
    #[serde(rename_all = "camelCase")]
    Persistent {
        /// Its StorageClass; the host's default when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<String>,
        /// Its size, a Kubernetes quantity: `5Gi`.
        size: String,
    },
}

/// Requests and limits of the whole control-plane pod; `render` shares them out to its containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// CPU requested, in millicores.
    pub cpu_request_millicores: u64,
    /// CPU limit, in millicores; none by default, because throttling slows every start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit_millicores: Option<u64>,
    /// Memory requested, in MiB.
    pub memory_request_mebibytes: u64,
    /// Memory limit, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_mebibytes: Option<u64>,
}
