//! The variables by which a container finds the services of its cluster.
//!
//! In: where the virtual API server is, and the variables of virtual Services. Out: all variables of a
//! pod's containers, each name once. Never: the host's API server, which the host's kubelet would name
//! otherwise.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>

use serde_json::Value;

use super::super::json::at;
use super::Surroundings;

/// Variables for the containers of a pod. Those of Service `kubernetes` are there even if the pod
/// wants no links (`getServiceEnvVarMap` in k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go).
pub(super) fn of(pod: &Value, around: Surroundings<'_>) -> Vec<(String, String)> {
    let mut variables = api_server(&around.settings.api_host, around.settings.api_port);
    if at(pod, &["spec", "enableServiceLinks"]) != false {
        for (name, value) in around.service_environment {
            if !variables.iter().any(|(known, _)| known == name) {
                variables.push((name.clone(), value.clone()));
            }
        }
    }
    variables
}

/// What the kubelet makes of a Service `kubernetes` with one TCP port `https`
/// (`FromServices` in k8s.io/kubernetes/pkg/kubelet/envvars).
fn api_server(host: &str, port: u16) -> Vec<(String, String)> {
    let bracketed = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let url = format!("tcp://{bracketed}:{port}");
    let of_port = format!("KUBERNETES_PORT_{port}_TCP");
    [
        ("KUBERNETES_SERVICE_HOST".to_owned(), host.to_owned()),
        ("KUBERNETES_SERVICE_PORT".to_owned(), port.to_string()),
        ("KUBERNETES_SERVICE_PORT_HTTPS".to_owned(), port.to_string()),
        ("KUBERNETES_PORT".to_owned(), url.clone()),
        (of_port.clone(), url),
        (format!("{of_port}_PROTO"), "tcp".to_owned()),
        (format!("{of_port}_PORT"), port.to_string()),
        (format!("{of_port}_ADDR"), host.to_owned()),
    ]
    .into()
}
