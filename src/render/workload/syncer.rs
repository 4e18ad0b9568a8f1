//! The syncer: `vc` itself.
//!
//! In: a [`ClusterSpec`]. Out: the `syncer` container, the volume with its keys and the one with its
//! account on the host. Never: the account's token in another container.

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, Container, ContainerPort, DownwardAPIProjection, DownwardAPIVolumeFile,
    EnvVar, EnvVarSource, HTTPGetAction, KeyToPath, ObjectFieldSelector, Probe,
    ProjectedVolumeSource, ServiceAccountTokenProjection, Volume, VolumeMount, VolumeProjection,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Part, container as common, etcd, files_volume};
use crate::cluster::{ClusterSpec, DNS_PORT};
use crate::render::{DNS_TCP_PORT_NAME, DNS_UDP_PORT_NAME, Images, audit, resources, secrets};

const NAME: &str = "syncer";
/// The program.
const PROGRAM: &str = "vc";

/// Where the kubelet asks whether the syncer works. Nothing else is told there.
const HEALTH_PORT: i32 = 8080;
/// See [`HEALTH_PORT`].
const HEALTH_PORT_NAME: &str = "syncer-health";

/// Where programs look for the account that they have on the cluster that they run in.
/// <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>
const ACCOUNT_DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The volume with it.
const ACCOUNT_VOLUME: &str = "host-account";
/// Life of the account's token, which the kubelet renews: what it asks for by itself.
const TOKEN_SECONDS: i64 = 3600;
/// The group can read, as with every other file of the pod.
const FILE_MODE: i32 = 0o440;

/// The container.
pub(super) fn container(spec: &ClusterSpec) -> Container {
    let mut container = Container {
        ports: Some(vec![
            port(HEALTH_PORT_NAME, HEALTH_PORT, "TCP"),
            port(DNS_UDP_PORT_NAME, DNS_PORT, "UDP"),
            port(DNS_TCP_PORT_NAME, DNS_PORT, "TCP"),
        ]),
        env: Some(vec![
            field("VC_POD_UID", "metadata.uid"),
            field("VC_NODE_NAME", "spec.nodeName"),
            field("VC_NODE_ADDRESSES", "status.hostIPs"),
            field("VC_POD_IP", "status.podIP"),
            EnvVar {
                name: "VC_LOG".to_owned(),
                value: Some("info".to_owned()),
                ..EnvVar::default()
            },
        ]),
        readiness_probe: Some(probe("/readyz", 5)),
        liveness_probe: Some(probe("/livez", 10)),
        ..common(
            spec,
            Part {
                name: NAME,
                image: Images::of(spec).syncer,
                program: PROGRAM,
                args: args(spec),
                share: resources::SYNCER,
                capabilities: None,
            },
        )
    };
    container.volume_mounts.get_or_insert_default().extend([
        VolumeMount {
            name: ACCOUNT_VOLUME.to_owned(),
            mount_path: ACCOUNT_DIRECTORY.to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        },
        // Who may not write there may still connect.
        VolumeMount {
            read_only: Some(true),
            ..etcd::socket_mount()
        },
    ]);
    let audit = audit::mount(spec).map(|mount| VolumeMount {
        read_only: Some(true),
        ..mount
    });
    container
        .volume_mounts
        .get_or_insert_default()
        .extend(audit);
    container
}

fn port(name: &str, number: i32, protocol: &str) -> ContainerPort {
    ContainerPort {
        name: Some(name.to_owned()),
        container_port: number,
        protocol: Some(protocol.to_owned()),
        ..ContainerPort::default()
    }
}

/// What the syncer is told; the rest it reads from the marker.
fn args(spec: &ClusterSpec) -> Vec<String> {
    let audit = spec.sleep_after_seconds;
    let audit = audit.map(|_| format!("--audit-log={}", audit::LOG));
    let args = [
        "syncer".to_owned(),
        spec.name.to_string(),
        format!("--namespace={}", spec.namespace),
        format!("--keys={}", secrets::DIRECTORY),
        format!("--store={}", etcd::SOCKET),
        format!("--health-port={HEALTH_PORT}"),
        format!("--dns-port={DNS_PORT}"),
    ];
    args.into_iter().chain(audit).collect()
}

/// The volume with its keys.
pub(super) fn files(spec: &ClusterSpec) -> Volume {
    let entries = [
        secrets::SYNCER_KUBECONFIG,
        "syncer.crt",
        "syncer.key",
        "kubelet.crt",
        "kubelet.key",
        "ca.crt",
        "apiserver.crt",
        "front-proxy-ca.crt",
    ];
    secrets::volume(spec, files_volume(NAME), &entries)
}

/// What the pod's admission would mount into every container, for this one alone.
pub(super) fn account_volume() -> Volume {
    let token = VolumeProjection {
        service_account_token: Some(ServiceAccountTokenProjection {
            path: "token".to_owned(),
            expiration_seconds: Some(TOKEN_SECONDS),
            ..ServiceAccountTokenProjection::default()
        }),
        ..VolumeProjection::default()
    };
    let ca = VolumeProjection {
        config_map: Some(ConfigMapProjection {
            name: "kube-root-ca.crt".to_owned(),
            items: Some(vec![KeyToPath {
                key: "ca.crt".to_owned(),
                path: "ca.crt".to_owned(),
                mode: None,
            }]),
            ..ConfigMapProjection::default()
        }),
        ..VolumeProjection::default()
    };
    let namespace = VolumeProjection {
        downward_api: Some(DownwardAPIProjection {
            items: Some(vec![DownwardAPIVolumeFile {
                path: "namespace".to_owned(),
                // The host would fill in the version, and `kubectl apply` then see another list.
                field_ref: Some(ObjectFieldSelector {
                    api_version: Some("v1".to_owned()),
                    field_path: "metadata.namespace".to_owned(),
                }),
                ..DownwardAPIVolumeFile::default()
            }]),
        }),
        ..VolumeProjection::default()
    };
    Volume {
        name: ACCOUNT_VOLUME.to_owned(),
        projected: Some(ProjectedVolumeSource {
            default_mode: Some(FILE_MODE),
            sources: Some(vec![token, ca, namespace]),
        }),
        ..Volume::default()
    }
}

fn field(name: &str, path: &str) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                field_path: path.to_owned(),
                ..ObjectFieldSelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

/// Asks every so many seconds.
fn probe(path: &str, period_seconds: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(HEALTH_PORT_NAME.to_owned()),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        timeout_seconds: Some(5),
        failure_threshold: Some(3),
        ..Probe::default()
    }
}
