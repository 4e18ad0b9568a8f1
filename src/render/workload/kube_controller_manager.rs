//! The controllers of the virtual cluster.
//!
//! In: a [`ClusterSpec`]. Out: the `kube-controller-manager` container and the volume with its
//! keys. Never: a controller of something that belongs to the host.
//!
//! <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/>

use k8s_openapi::api::core::v1::{Container, Volume};

use super::{Part, container as common, file_flag, files_volume};
use crate::cluster::ClusterSpec;
use crate::render::{Images, resources, secrets};

const NAME: &str = "kube-controller-manager";

/// Controllers of what the host decides and the syncer brings back, by the names that are valid
/// from 1.28 on (an unknown name is an error). Those of cloud load balancers and routes are not
/// here: without `--cloud-provider` they do nothing, and 1.37 no longer knows their names.
const SWITCHED_OFF: [&str; 7] = [
    // Pod networks of nodes.
    "node-ipam-controller",
    // Nodes do not send heartbeats here: they would all be found dead after 40 s.
    "node-lifecycle-controller",
    // The host evicts; a second eviction would race with it.
    "taint-eviction-controller",
    // A hint for kubelets, of which there are none; one write less for each node.
    "ttl-controller",
    // Volumes are bound, attached and grown by the host.
    "persistentvolume-binder-controller",
    "persistentvolume-attach-detach-controller",
    "persistentvolume-expander-controller",
];

/// The container.
///
/// It waits ten seconds for the API server, a constant of its source, and then ends. No flag
/// changes that, and images without a shell leave no room for a loop; but its first restart comes
/// without delay, so a host would have to be three times slower for anybody to notice.
///
/// It has no probe: it listens on the loopback address only, which the kubelet cannot reach, and
/// with nobody to elect there is no lease that it could lose without noticing.
pub(super) fn container(spec: &ClusterSpec) -> Container {
    common(
        spec,
        Part {
            name: NAME,
            image: Images::of(spec).kube_controller_manager,
            program: NAME,
            args: args(),
            share: resources::KUBE_CONTROLLER_MANAGER,
            capabilities: None,
        },
    )
}

/// The volume with its keys.
pub(super) fn files(spec: &ClusterSpec) -> Volume {
    let entries = [
        secrets::CONTROLLER_MANAGER_KUBECONFIG,
        "controller-manager.crt",
        "controller-manager.key",
        "ca.crt",
        "ca.key",
        "sa.key",
    ];
    secrets::volume(spec, files_volume(NAME), &entries)
}

/// `--use-service-account-credentials` is missing on purpose: with it each controller first gets a
/// ServiceAccount and a token of its own, and the default ServiceAccount, which the first pod waits
/// for, appears 3.9 s later. What it would limit, it would limit within one process.
fn args() -> Vec<String> {
    vec![
        file_flag("kubeconfig", secrets::CONTROLLER_MANAGER_KUBECONFIG),
        "--bind-address=127.0.0.1".to_owned(),
        // There is one, and electing it would take seconds.
        "--leader-elect=false".to_owned(),
        format!("--controllers=*,-{}", SWITCHED_OFF.join(",-")),
        file_flag("root-ca-file", "ca.crt"),
        file_flag("service-account-private-key-file", "sa.key"),
        file_flag("cluster-signing-cert-file", "ca.crt"),
        file_flag("cluster-signing-key-file", "ca.key"),
        // The defaults, 20 and 30, protect an API server that many share. This one is ours alone
        // and defends itself by priority and fairness.
        "--kube-api-qps=200".to_owned(),
        "--kube-api-burst=400".to_owned(),
        "--profiling=false".to_owned(),
    ]
}
