//! The virtual API server.
//!
//! In: a [`ClusterSpec`]. Out: the `kube-apiserver` container and the volume with its keys.
//! Never: a flag that repeats a default.
//!
//! <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, ContainerPort, EnvVar, EnvVarSource, HTTPGetAction,
    KeyToPath, ObjectFieldSelector, Probe, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json};

use super::{Part, container as common, etcd, file_flag, files_volume};
use crate::cluster::{ClusterSpec, WEBHOOK_PORT};
use crate::labels;
use crate::pki::{ClientFiles, Endpoint, FRONT_PROXY_CLIENT, PkiError, kubeconfig_of_files};
use crate::pod_security;
use crate::render::{API_PORT, API_PORT_NAME, Images, audit, resources, secrets};

const NAME: &str = "kube-apiserver";

/// Where the admission configuration is mounted.
const ADMISSION_DIRECTORY: &str = "/etc/kubernetes/admission";
/// Its file. JSON is YAML.
const ADMISSION_FILE: &str = "admission.yaml";
/// The volume that it is in.
const ADMISSION_VOLUME: &str = "admission";

/// Beside it: what is shown to webhooks.
const WEBHOOK_FILE: &str = "webhook.kubeconfig";

/// Beside it: which requests are noted.
const AUDIT_FILE: &str = "audit.yaml";

/// The issuer of ServiceAccount tokens is the name under which pods reach the API server.
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// The container.
pub(super) fn container(spec: &ClusterSpec) -> Container {
    let mut container = Container {
        ports: Some(vec![ContainerPort {
            name: Some(API_PORT_NAME.to_owned()),
            container_port: API_PORT,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        env: Some(vec![pod_ip()]),
        startup_probe: Some(startup_probe()),
        readiness_probe: Some(readiness_probe()),
        liveness_probe: Some(liveness_probe()),
        ..common(
            spec,
            Part {
                name: NAME,
                image: Images::of(spec).kube_apiserver,
                program: NAME,
                args: args(spec),
                share: resources::KUBE_APISERVER,
                // The program carries this as a file capability, and without it in the container's
                // bounding set the kernel refuses to start it at all. *Restricted* allows it.
                capabilities: Some(vec!["NET_BIND_SERVICE".to_owned()]),
            },
        )
    };
    let admission = VolumeMount {
        name: ADMISSION_VOLUME.to_owned(),
        mount_path: ADMISSION_DIRECTORY.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    container
        .volume_mounts
        .get_or_insert_default()
        .extend([etcd::socket_mount(), admission]);
    container
        .volume_mounts
        .get_or_insert_default()
        .extend(audit::mount(spec));
    container
}

/// The volume with the admission configuration and what belongs to it, which are entries of the marker.
pub(super) fn admission_volume(spec: &ClusterSpec) -> Volume {
    let item = |(key, path): (&str, &str)| KeyToPath {
        key: key.to_owned(),
        path: path.to_owned(),
        mode: None,
    };
    let items = [
        (labels::MARKER_ADMISSION, ADMISSION_FILE),
        (labels::MARKER_WEBHOOK, WEBHOOK_FILE),
    ];
    let items = items.into_iter().map(item);
    let audit = spec.sleep_after_seconds;
    let audit = audit.map(|_| item((labels::MARKER_AUDIT, AUDIT_FILE)));
    Volume {
        name: ADMISSION_VOLUME.to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: spec.name.object(),
            items: Some(items.chain(audit).collect()),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// The file for `--admission-control-config-file`: the pods' profile, and what the syncer's webhook is
/// shown.
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers>
pub(in crate::render) fn admission_configuration(spec: &ClusterSpec) -> Value {
    let mut configuration = pod_security::admission_configuration(spec.pod_security);
    let plugins = configuration.get_mut("plugins");
    if let Some(plugins) = plugins.and_then(Value::as_array_mut) {
        plugins.push(json!({
            "name": "MutatingAdmissionWebhook",
            "configuration": {
                "apiVersion": "apiserver.config.k8s.io/v1",
                "kind": "WebhookAdmissionConfiguration",
                "kubeConfigFile": format!("{ADMISSION_DIRECTORY}/{WEBHOOK_FILE}"),
            },
        }));
    }
    configuration
}

/// By this the API server shows the syncer's webhook the certificate by which the syncer as kubelet knows
/// it. The entry holds for one host and port, so no other webhook is shown it.
pub(in crate::render) fn webhook_kubeconfig() -> Result<String, PkiError> {
    let address = format!("localhost:{WEBHOOK_PORT}");
    kubeconfig_of_files(
        Endpoint {
            context: &address,
            server: &format!("https://{address}"),
            tls_server_name: None,
        },
        ClientFiles {
            ca: &secrets::path("ca.crt"),
            certificate: &secrets::path("apiserver-kubelet-client.crt"),
            key: &secrets::path("apiserver-kubelet-client.key"),
        },
    )
}

/// The volume with its keys.
pub(super) fn files(spec: &ClusterSpec) -> Volume {
    let entries = [
        "ca.crt",
        "apiserver.crt",
        "apiserver.key",
        "apiserver-kubelet-client.crt",
        "apiserver-kubelet-client.key",
        "front-proxy-ca.crt",
        "front-proxy-client.crt",
        "front-proxy-client.key",
        "sa.pub",
        "sa.key",
    ];
    secrets::volume(spec, files_volume(NAME), &entries)
}

fn args(spec: &ClusterSpec) -> Vec<String> {
    let mut args = vec![
        format!("--secure-port={API_PORT}"),
        "--advertise-address=$(POD_IP)".to_owned(),
        format!(
            "--service-cluster-ip-range={}",
            spec.service_cidrs.join(",")
        ),
        // The endpoints of `default/kubernetes` are the syncer's to write: the pod's own address
        // is not what pods should dial.
        "--endpoint-reconciler-type=none".to_owned(),
        "--authorization-mode=RBAC".to_owned(),
        format!("--etcd-servers={}", etcd::CLIENT_URL),
        // What a pod may do is decided where it runs: by the syncer and by the host.
        "--allow-privileged=true".to_owned(),
        "--profiling=false".to_owned(),
        // It would taint every new node until a controller of the node's health, which is the host's
        // business, took the taint off.
        "--disable-admission-plugins=TaintNodesByCondition".to_owned(),
        format!("--admission-control-config-file={ADMISSION_DIRECTORY}/{ADMISSION_FILE}"),
    ];
    args.extend(serving_args());
    args.extend(kubelet_args());
    args.extend(front_proxy_args());
    args.extend(service_account_args());
    if spec.sleep_after_seconds.is_some() {
        args.extend(audit::args(&format!("{ADMISSION_DIRECTORY}/{AUDIT_FILE}")));
    }
    args
}

/// With these, nothing is written to `--cert-dir`, which the read-only root would refuse.
fn serving_args() -> [String; 3] {
    [
        file_flag("tls-cert-file", "apiserver.crt"),
        file_flag("tls-private-key-file", "apiserver.key"),
        file_flag("client-ca-file", "ca.crt"),
    ]
}

/// The syncer stands in for the kubelet of every node, inside this pod: each virtual node says
/// `InternalDNS: localhost`, so that is the kind of address to dial.
fn kubelet_args() -> [String; 4] {
    [
        "--kubelet-preferred-address-types=InternalDNS".to_owned(),
        file_flag("kubelet-certificate-authority", "ca.crt"),
        file_flag("kubelet-client-certificate", "apiserver-kubelet-client.crt"),
        file_flag("kubelet-client-key", "apiserver-kubelet-client.key"),
    ]
}

/// <https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/>
fn front_proxy_args() -> [String; 7] {
    [
        file_flag("proxy-client-cert-file", "front-proxy-client.crt"),
        file_flag("proxy-client-key-file", "front-proxy-client.key"),
        file_flag("requestheader-client-ca-file", "front-proxy-ca.crt"),
        format!("--requestheader-allowed-names={FRONT_PROXY_CLIENT}"),
        "--requestheader-username-headers=X-Remote-User".to_owned(),
        "--requestheader-group-headers=X-Remote-Group".to_owned(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
    ]
}

/// Tokens live as long as was asked for. By default the API server makes those of pods live for a year,
/// for programs that read theirs only once; whoever steals one has it for a year as well.
///
/// The keys are told of at the issuer's address: by default it would be this pod's, for which the certificate is not.
fn service_account_args() -> [String; 5] {
    [
        "--service-account-extend-token-expiration=false".to_owned(),
        format!("--service-account-issuer={ISSUER}"),
        format!("--service-account-jwks-uri={ISSUER}/openid/v1/jwks"),
        file_flag("service-account-key-file", "sa.pub"),
        file_flag("service-account-signing-key-file", "sa.key"),
    ]
}

/// The API server would otherwise take the address of whatever interface has the default route.
fn pod_ip() -> EnvVar {
    EnvVar {
        name: "POD_IP".to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                field_path: "status.podIP".to_owned(),
                ..ObjectFieldSelector::default()
            }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    }
}

/// Asks every second, because this is what a start waits for, and for five minutes, which is how
/// long `vc create` waits by default and an image may take to come out of a slow disk.
fn startup_probe() -> Probe {
    Probe {
        period_seconds: Some(1),
        timeout_seconds: Some(5),
        failure_threshold: Some(300),
        ..get("/readyz")
    }
}

/// The kubelet asks this at once when the startup probe has passed, so a longer period delays
/// nothing, and spares an idle cluster four in five questions.
fn readiness_probe() -> Probe {
    Probe {
        period_seconds: Some(5),
        timeout_seconds: Some(5),
        failure_threshold: Some(3),
        ..get("/readyz")
    }
}

/// Generous: an API server that is busy must not be killed for it. The store is left out, because
/// an API server that is started again does not bring a store back.
fn liveness_probe() -> Probe {
    Probe {
        period_seconds: Some(10),
        timeout_seconds: Some(15),
        failure_threshold: Some(8),
        ..get("/livez?exclude=etcd")
    }
}

/// Anybody may ask these paths, by the default role `system:public-info-viewer`.
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles>
fn get(path: &str) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(API_PORT_NAME.to_owned()),
            scheme: Some("HTTPS".to_owned()),
            ..HTTPGetAction::default()
        }),
        ..Probe::default()
    }
}
