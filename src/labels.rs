//! Every label, annotation, field manager and record name that `vc` writes, in one place.
//!
//! The prefix stands under `.internal`, which is reserved for private use and never delegated
//! (ICANN, July 2024), so that no other project can come to own it.

use crate::names::ClusterName;

/// On every host object of a virtual cluster: the cluster's name. What `vc delete` goes by.
pub const CLUSTER: &str = "vc.internal/cluster";

/// On the marker ConfigMap alone, so that listing clusters is one request.
pub const MARKER: &str = "vc.internal/marker";

/// On a namespace that `vc create` made, and so `vc delete` may remove once it is empty.
pub const CREATED_NAMESPACE: &str = "vc.internal/created-namespace";

/// Annotation of the marker: when `vc create` or `vc connect` first saw the cluster ready (RFC 3339).
///
/// It tells a cluster that is still coming up from one that was up and no longer is.
pub const READY_SINCE: &str = "vc.internal/ready-since";

/// Annotation of the marker: `vc delete` has begun (RFC 3339).
pub const DELETING_SINCE: &str = "vc.internal/deleting-since";

/// Annotation of the marker: what the `vc create` that made it noted on its machine just before.
///
/// By this the same command, run again after it was killed, knows its own work.
pub const BEGUN_AS: &str = "vc.internal/begun-as";

/// Annotation of the pod template: hash of the certificates, so that new ones restart the pod.
pub const PKI_HASH: &str = "vc.internal/pki-hash";

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// See [`MANAGED_BY`].
pub const NAME: &str = "app.kubernetes.io/name";
/// See [`MANAGED_BY`].
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// See [`MANAGED_BY`].
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// See [`MANAGED_BY`].
pub const VERSION: &str = "app.kubernetes.io/version";

/// Value of [`MANAGED_BY`].
pub const MANAGER: &str = "vc";
/// Value of [`NAME`].
pub const APP: &str = "virtual-cluster";

/// Value of [`COMPONENT`] on the control plane's StatefulSet and pod.
pub const CONTROL_PLANE: &str = "control-plane";

/// Selects the control-plane pod of a cluster; the pods of its workloads carry [`CLUSTER`], too.
pub fn control_plane(name: &ClusterName) -> String {
    format!("{CLUSTER}={name},{COMPONENT}={CONTROL_PLANE}")
}

/// Field manager of everything the command line applies on the host.
pub const FIELD_MANAGER: &str = "vc";

/// Name of our record among the `extensions` of a kubeconfig entry.
pub const KUBECONFIG_RECORD: &str = "vc.internal";

/// Key of the marker's data that holds the [`crate::cluster::ClusterSpec`] as JSON.
pub const MARKER_SPEC: &str = "spec";
/// Key of the marker's data that holds the version of `vc` that wrote it.
pub const MARKER_VC_VERSION: &str = "vc-version";
/// Key of the kubeconfig Secret's data.
pub const KUBECONFIG_KEY: &str = "config";
