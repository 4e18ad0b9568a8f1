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

/// Annotation of the marker: `vc pause` has ended the cluster's host pods (RFC 3339), and no syncer has taken
/// up their virtual pods since.
pub const PAUSED_SINCE: &str = "vc.internal/paused-since";

/// Annotation of the marker: the value of [`PAUSED_SINCE`] if the cluster paused itself, because nobody used it.
pub const ASLEEP_SINCE: &str = "vc.internal/asleep-since";

/// Annotation of the marker: since when the store has refused writes for want of room, as the syncer saw it
/// (RFC 3339); none while it takes them.
pub const STORE_FULL_SINCE: &str = "vc.internal/store-full-since";

/// Annotation of the marker: the last upgrade, with the snapshot that was taken before it, as JSON
/// ([`crate::upgrade::Upgrade`]); none once it was taken back.
pub const UPGRADE: &str = "vc.internal/upgrade";

/// Annotation of the marker: how many seconds after its creation the cluster is to be gone; none means never.
///
/// Counted from the marker's creationTimestamp, which the host gives: the user's clock has no say.
pub const TTL_SECONDS: &str = "vc.internal/ttl-seconds";

/// Annotation of the marker: what the `vc create` that made it noted on its machine just before.
///
/// By this the same command, run again after it was killed, knows its own work.
pub const BEGUN_AS: &str = "vc.internal/begun-as";

/// Annotation of the pod template: hash of the certificates, so that new ones restart the pod.
pub const PKI_HASH: &str = "vc.internal/pki-hash";

/// Annotation of the pod template: hash of what the pod reads from the marker when it starts, so that a change
/// restarts it.
pub const SPEC_HASH: &str = "vc.internal/spec-hash";

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// See [`MANAGED_BY`].
pub const NAME: &str = "app.kubernetes.io/name";
/// See [`MANAGED_BY`].
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// On the control plane's StatefulSet and pod. Not the well-known label of that name: a virtual pod
/// could carry that one, and with it be taken for the control plane.
pub const COMPONENT: &str = "vc.internal/component";
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

/// Selects the host pods of a cluster's workloads.
pub fn workloads(name: &ClusterName) -> String {
    format!("{CLUSTER}={name},{NAMESPACE}")
}

/// Field manager of everything the command line applies on the host.
pub const FIELD_MANAGER: &str = "vc";

/// Name of our record among the `extensions` of a kubeconfig entry.
pub const KUBECONFIG_RECORD: &str = "vc.internal";

/// Key of the marker's data that holds the [`crate::cluster::ClusterSpec`] as JSON.
pub const MARKER_SPEC: &str = "spec";
/// Key of the marker's data that holds the version of `vc` that wrote it.
pub const MARKER_VC_VERSION: &str = "vc-version";
/// Key of the marker's data that holds the API server's admission configuration.
pub const MARKER_ADMISSION: &str = "admission.yaml";
/// Key of the marker's data that holds what the API server shows to the syncer's webhook.
pub const MARKER_WEBHOOK: &str = "webhook.kubeconfig";
/// Key of the marker's data that holds which requests the API server notes; only of a cluster that pauses itself.
pub const MARKER_AUDIT: &str = "audit.yaml";
/// Key of the kubeconfig Secret's data.
pub const KUBECONFIG_KEY: &str = "config";

/// Label of every host object that stands for a virtual one: the virtual namespace.
pub const NAMESPACE: &str = "vc.internal/namespace";

/// Annotation of every host object that stands for a virtual one: UID of the cluster's marker.
///
/// An object without it, or with another's, is not ours: never adopted, changed or deleted.
pub const CLUSTER_UID: &str = "vc.internal/cluster-uid";

/// Annotation of a host object: the virtual object's name.
pub const VIRTUAL_NAME: &str = "vc.internal/name";
/// Annotation of a host object: the virtual object's namespace, for the downward API.
pub const VIRTUAL_NAMESPACE: &str = "vc.internal/virtual-namespace";
/// Annotation of a host object: the virtual object's UID.
pub const VIRTUAL_UID: &str = "vc.internal/uid";
/// Annotation of a host pod: the virtual ServiceAccount's name, for the downward API.
pub const VIRTUAL_SERVICE_ACCOUNT: &str = "vc.internal/service-account";
/// Annotation of a host pod that asks for its labels by the downward API: the virtual ones, as the
/// kubelet writes them into a file.
pub const VIRTUAL_LABELS: &str = "vc.internal/labels";
/// Annotation of a host pod that asks for its annotations by the downward API: the virtual ones, as
/// the kubelet writes them into a file.
pub const VIRTUAL_ANNOTATIONS: &str = "vc.internal/annotations";
/// Annotation of a host object: keys of the labels that came from the virtual one, so that one that
/// is gone there can be told from one that somebody else added here.
pub const MANAGED_LABELS: &str = "vc.internal/managed-labels";
/// Annotation of a host object: keys of the annotations that came from the virtual one.
pub const MANAGED_ANNOTATIONS: &str = "vc.internal/managed-annotations";
/// Annotation of a host pod: hash of the changeable part of the virtual pod's spec that it was last
/// brought in step with. Of a host claim: that part itself.
pub const APPLIED: &str = "vc.internal/applied";
/// Annotation of a host Service: fields of the virtual one that were left out.
pub const LEFT_OUT: &str = "vc.internal/left-out";
/// Annotation of a virtual Service whose address is being changed: the spec that it is to have.
pub const MOVING: &str = "vc.internal/moving";
/// Annotation of the Secret with a pod's tokens: when they are to be renewed (RFC 3339).
pub const RENEW_AT: &str = "vc.internal/renew-at";

/// Label of the Secret with a pod's tokens.
pub const TOKENS: &str = "vc.internal/tokens";
/// Annotation of the Secret with a pod's tokens: digest of what was written, to tell whether somebody
/// else has changed it.
pub const DIGEST: &str = "vc.internal/digest";

/// Annotation of the marker: UID of the virtual cluster's `kube-system`, which is new when the store is.
pub const STORE_UID: &str = "vc.internal/store-uid";
/// Annotation of the control-plane pod: when its syncer last asked for new files of the certificates (RFC 3339).
///
/// A kubelet fills a pod's volumes again at once when the pod has changed, and otherwise within about a minute.
pub const FILES_ASKED_FOR: &str = "vc.internal/files-asked-for";
/// Annotation of the marker: UID of the control-plane pod whose syncer writes.
pub const SYNCER: &str = "vc.internal/syncer";
/// Annotation of a virtual Node whose capacity is made up: nothing tells us what the host's node has.
pub const CAPACITY: &str = "vc.internal/capacity";
/// Value of [`CAPACITY`].
pub const SYNTHETIC: &str = "synthetic";

/// Annotation of a virtual PersistentVolume or StorageClass that the syncer shows for one of the host's;
/// one without it is somebody's own. A StorageClass says by it whether it is the host's default.
pub const MIRRORED: &str = "vc.internal/mirrored";
/// Value of [`MIRRORED`].
pub const MIRRORED_PLAIN: &str = "host";
/// Value of [`MIRRORED`] of the StorageClass that is the host's default.
pub const MIRRORED_DEFAULT: &str = "host-default";

/// What the syncer's own Events are from, as `kubectl describe` shows it.
pub const EVENT_SOURCE: &str = "vc-syncer";

/// Domain of all our keys.
const DOMAIN: &str = "vc.internal";

/// Prefix of host-pod labels that carry the labels of the pod's virtual namespace; what follows is a
/// hash of the label's key. Namespace selectors are resolved through them.
pub const NAMESPACE_LABEL_PREFIX: &str = "namespace.vc.internal/";

/// The key under which a virtual object's label or annotation stands on its host object.
///
/// The same, unless it is one of ours: then it is moved out of the way by one `v.`, so that nobody
/// can set our marks from inside a virtual cluster, and a virtual cluster inside it keeps its own.
pub fn to_host_key(key: &str) -> String {
    match key.split_once('/') {
        Some((prefix, _)) if is_ours(prefix) => format!("v.{key}"),
        _ => key.to_owned(),
    }
}

/// Whether a key is one of ours, at whatever depth of clusters within clusters.
pub fn is_our_key(key: &str) -> bool {
    key.split_once('/')
        .is_some_and(|(prefix, _)| is_ours(prefix))
}

/// Whether nobody else may give a marker a label of this key.
pub fn is_reserved(key: &str) -> bool {
    is_our_key(key) || [MANAGED_BY, NAME, INSTANCE, VERSION].contains(&key)
}

fn is_ours(prefix: &str) -> bool {
    prefix == DOMAIN
        || prefix
            .strip_suffix(DOMAIN)
            .is_some_and(|rest| rest.ends_with('.'))
}
