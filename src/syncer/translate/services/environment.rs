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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(name: &str, address: &str, ports: &Value) -> Value {
        json!({"metadata": {"name": name}, "spec": {"clusterIP": address, "ports": ports}})
    }

    fn lines(services: &[Value]) -> Vec<String> {
        let variables = of(services).into_iter();
        variables
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    /// The example of the Kubernetes documentation.
    #[test]
    fn a_service_with_one_port_has_seven_variables() {
        let ports = json!([{"port": 6379, "protocol": "TCP"}]);
        assert_eq!(
            lines(&[service("redis-primary", "10.0.0.11", &ports)]),
            [
                "REDIS_PRIMARY_SERVICE_HOST=10.0.0.11",
                "REDIS_PRIMARY_SERVICE_PORT=6379",
                "REDIS_PRIMARY_PORT=tcp://10.0.0.11:6379",
                "REDIS_PRIMARY_PORT_6379_TCP=tcp://10.0.0.11:6379",
                "REDIS_PRIMARY_PORT_6379_TCP_PROTO=tcp",
                "REDIS_PRIMARY_PORT_6379_TCP_PORT=6379",
                "REDIS_PRIMARY_PORT_6379_TCP_ADDR=10.0.0.11",
            ]
        );
    }

    #[test]
    fn services_come_by_name_and_those_without_an_address_not_at_all() {
        let ports =
            json!([{"name": "a-b", "port": 1, "protocol": "UDP"}, {"name": "c", "port": 2}]);
        let found = lines(&[
            service("z", "fd00::1", &ports),
            service("headless", "None", &ports),
            service("elsewhere", "", &ports),
            service("portless", "10.0.0.1", &json!([])),
            service("a", "10.0.0.2", &json!([{"port": 3}])),
        ]);
        assert_eq!(
            found,
            [
                "A_SERVICE_HOST=10.0.0.2",
                "A_SERVICE_PORT=3",
                "A_PORT=tcp://10.0.0.2:3",
                "A_PORT_3_TCP=tcp://10.0.0.2:3",
                "A_PORT_3_TCP_PROTO=tcp",
                "A_PORT_3_TCP_PORT=3",
                "A_PORT_3_TCP_ADDR=10.0.0.2",
                "Z_SERVICE_HOST=fd00::1",
                "Z_SERVICE_PORT=1",
                "Z_SERVICE_PORT_A_B=1",
                "Z_SERVICE_PORT_C=2",
                "Z_PORT=udp://[fd00::1]:1",
                "Z_PORT_1_UDP=udp://[fd00::1]:1",
                "Z_PORT_1_UDP_PROTO=udp",
                "Z_PORT_1_UDP_PORT=1",
                "Z_PORT_1_UDP_ADDR=fd00::1",
                "Z_PORT_2_TCP=tcp://[fd00::1]:2",
                "Z_PORT_2_TCP_PROTO=tcp",
                "Z_PORT_2_TCP_PORT=2",
                "Z_PORT_2_TCP_ADDR=fd00::1",
            ]
        );
    }
}
