//! How a cluster that pauses itself knows whether it is used: the API server's audit log. See decision 0028.
//!
//! In: a [`ClusterSpec`]. Out: the policy, the API server's arguments, the volume with the log. Never: anything for a
//! cluster that does not pause itself.
//!
//! <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, Volume, VolumeMount};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::{Value, json};

use crate::cluster::ClusterSpec;

/// The log. The syncer reads it.
pub(super) const LOG: &str = "/var/log/kubernetes/audit.log";
/// Where it is.
const DIRECTORY: &str = "/var/log/kubernetes";
/// The volume that it is in.
const VOLUME: &str = "audit";

/// MiB after which another file is begun: some 5000 requests, of which the syncer reads every ten seconds what is new.
const FILE_MEBIBYTES: u32 = 4;
/// Files are replaced at some 4 MiB, and one old one is kept; a pod that has more than this is evicted.
const VOLUME_SIZE: &str = "64Mi";

/// Who does not use the cluster, but is part of it: the API server, the controllers, the syncer.
const OWN_USERS: [&str; 3] = [
    "system:apiserver",
    "system:kube-controller-manager",
    "vc-syncer",
];

/// Which requests are noted: those of people and programs from outside. Nothing of what they send or are sent is.
///
/// What no rule speaks of is not noted: whoever is not let in, the kubelet's probes among them. A request has one line,
/// one that stays open (a watch, a followed log, exec) one more at its beginning.
pub(super) fn policy() -> Value {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "users": OWN_USERS},
            {"level": "None", "userGroups": ["system:serviceaccounts", "system:nodes"]},
            {"level": "None", "nonResourceURLs": ["/healthz*", "/livez*", "/readyz*"]},
            {"level": "Metadata", "userGroups": ["system:authenticated"]},
        ],
    })
}

/// Arguments of the API server; `policy` is the policy's file.
pub(super) fn args(policy: &str) -> [String; 4] {
    [
        format!("--audit-policy-file={policy}"),
        format!("--audit-log-path={LOG}"),
        format!("--audit-log-maxsize={FILE_MEBIBYTES}"),
        "--audit-log-maxbackup=1".to_owned(),
    ]
}

/// The volume with the log.
pub(super) fn volume(spec: &ClusterSpec) -> Option<Volume> {
    spec.sleep_after_seconds.map(|_| Volume {
        name: VOLUME.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource {
            size_limit: Some(Quantity(VOLUME_SIZE.to_owned())),
            ..EmptyDirVolumeSource::default()
        }),
        ..Volume::default()
    })
}

/// Where API server and syncer see [`volume`].
pub(super) fn mount(spec: &ClusterSpec) -> Option<VolumeMount> {
    spec.sleep_after_seconds.map(|_| VolumeMount {
        name: VOLUME.to_owned(),
        mount_path: DIRECTORY.to_owned(),
        ..VolumeMount::default()
    })
}
