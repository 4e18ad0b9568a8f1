//! The variables by which a container finds the Services of its namespace.
//!
//! In: the Services of a pod's namespace. Out: what the kubelet would make of them, in order. Never: a
//! Service without an address.
//!
//! As `FromServices` in k8s.io/kubernetes/pkg/kubelet/envvars/envvars.go.
//! <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>

use serde_json::Value;

use super::super::json::{at, list, text};

/// The variables of these Services, in the order of their names.
pub fn of(services: &[Value]) -> Vec<(String, String)> {
    let mut services: Vec<&Value> = services
        .iter()
        .filter(|service| has_address(service))
        .collect();
    services.sort_by_key(|service| text(&service["metadata"], "name"));
    services.into_iter().flat_map(of_service).collect()
}

fn has_address(service: &Value) -> bool {
    !matches!(text(&service["spec"], "clusterIP"), "" | "None")
}

fn of_service(service: &Value) -> Vec<(String, String)> {
    let name = variable_name(text(&service["metadata"], "name"));
    let address = text(&service["spec"], "clusterIP");
    let ports = list(&service["spec"], "ports");
    let number = |port: &Value| port["port"].as_i64().unwrap_or_default();
    let Some(first) = ports.first() else {
        return Vec::new();
    };
    let mut variables = vec![
        (format!("{name}_SERVICE_HOST"), address.to_owned()),
        (format!("{name}_SERVICE_PORT"), number(first).to_string()),
    ];
    for port in ports {
        let port_name = text(port, "name");
        if !port_name.is_empty() {
            let port_name = variable_name(port_name);
            variables.push((
                format!("{name}_SERVICE_PORT_{port_name}"),
                number(port).to_string(),
            ));
        }
    }
    for (index, port) in ports.iter().enumerate() {
        let protocol = match at(port, &["protocol"]).as_str() {
            Some(protocol) if !protocol.is_empty() => protocol,
            _ => "TCP",
        };
        let lower = protocol.to_lowercase();
        let url = format!("{lower}://{}", joined(address, number(port)));
        if index == 0 {
            // As docker's links had it.
            variables.push((format!("{name}_PORT"), url.clone()));
        }
        let prefix = format!("{name}_PORT_{}_{}", number(port), protocol.to_uppercase());
        variables.extend([
            (prefix.clone(), url),
            (format!("{prefix}_PROTO"), lower),
            (format!("{prefix}_PORT"), number(port).to_string()),
            (format!("{prefix}_ADDR"), address.to_owned()),
        ]);
    }
    variables
}

fn joined(address: &str, port: i64) -> String {
    if address.contains(':') {
        format!("[{address}]:{port}")
    } else {
        format!("{address}:{port}")
    }
}

fn variable_name(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
