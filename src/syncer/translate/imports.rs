//! Single objects of the host namespace, as the virtual cluster gets them.
//!
//! In: a host ConfigMap, Secret or Service that whoever made the virtual cluster has chosen. Out: the virtual
//! object. Never: the host's labels and annotations, or a selector that would find virtual pods.

use serde_json::{Map, Value, json};

use super::json::{at, list, text};
use crate::labels;
use crate::sync::{Import, ImportKind};

/// Fields of a Service that mean the same inside: its address is one on both sides.
const SERVICE_FIELDS: [&str; 6] = [
    "clusterIP",
    "clusterIPs",
    "ipFamilies",
    "ipFamilyPolicy",
    "sessionAffinity",
    "internalTrafficPolicy",
];

/// Fields of its ports.
const PORT_FIELDS: [&str; 5] = ["name", "protocol", "port", "targetPort", "appProtocol"];

/// The virtual object; none for a Service without an address of its own: its endpoints are the host's, and
/// may be anybody's.
pub fn to_virtual(import: &Import, host: &Value) -> Option<Value> {
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), "v1".into());
    object.insert("kind".to_owned(), json!(import.kind));
    object.insert(
        "metadata".to_owned(),
        json!({
            "namespace": import.namespace,
            "name": import.virtual_name(),
            "annotations": {labels::MIRRORED: labels::MIRRORED_PLAIN},
        }),
    );
    if import.kind == ImportKind::Service {
        object.insert("spec".to_owned(), service_spec(&host["spec"])?);
        return Some(object.into());
    }
    for field in ["data", "binaryData", "type"] {
        if !host[field].is_null() {
            object.insert(field.to_owned(), host[field].clone());
        }
    }
    // A controller inside would look for the account that a token is of, and remove what has none.
    if object
        .get("type")
        .is_some_and(|kind| kind == "kubernetes.io/service-account-token")
    {
        object.insert("type".to_owned(), "Opaque".into());
    }
    Some(object.into())
}

fn service_spec(host: &Value) -> Option<Value> {
    let address = text(host, "clusterIP");
    if matches!(address, "" | "None") {
        return None;
    }
    let mut spec = Map::new();
    spec.insert("type".to_owned(), "ClusterIP".into());
    for field in SERVICE_FIELDS {
        if !host[field].is_null() {
            spec.insert(field.to_owned(), host[field].clone());
        }
    }
    let ports = list(host, "ports").iter().map(|port| {
        let fields = PORT_FIELDS.iter().filter(|field| !port[**field].is_null());
        let fields = fields.map(|field| ((*field).to_owned(), port[*field].clone()));
        Value::from(fields.collect::<Map<_, _>>())
    });
    spec.insert("ports".to_owned(), ports.collect());
    Some(spec.into())
}

/// What is to be done about a virtual object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Keep,
    /// It becomes as it is wanted.
    Replace,
    /// It is made anew, because what differs cannot be changed.
    Renew,
}

/// What is to be done about a virtual object of ours.
pub fn step(wanted: &Value, found: &Value) -> Step {
    let has_same_content = ["data", "binaryData"]
        .iter()
        .all(|field| wanted[*field] == found[*field]);
    // An API server fills in what is not said of a Service.
    let has_spec = super::synced::merge::changes(&Value::Null, &wanted["spec"], &found["spec"]);
    let differs = |path: &[&str]| at(wanted, path) != at(found, path);
    if differs(&["spec", "clusterIP"]) || differs(&["type"]) {
        return Step::Renew;
    }
    if has_same_content && has_spec.is_none() {
        return Step::Keep;
    }
    if found["immutable"] == true {
        Step::Renew
    } else {
        Step::Replace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(kind: &str) -> Import {
        serde_json::from_value(json!({"kind": kind, "name": "shared", "as": "theirs"})).unwrap()
    }

    #[test]
    fn content_comes_and_nothing_else() {
        let host = json!({
            "metadata": {"name": "shared", "namespace": "team-a", "uid": "h", "labels": {"a": "b"}},
            "type": "kubernetes.io/service-account-token", "data": {"token": "eA=="}, "immutable": true,
        });
        let secret = to_virtual(&import("Secret"), &host).unwrap();
        assert_eq!(
            secret,
            json!({
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"token": "eA=="},
                "metadata": {"namespace": "default", "name": "theirs",
                    "annotations": {labels::MIRRORED: "host"}},
            })
        );
        let mut found = secret.clone();
        found["metadata"]["uid"] = "v".into();
        assert_eq!(step(&secret, &found), Step::Keep);
        found["data"]["more"] = "eA==".into();
        assert_eq!(step(&secret, &found), Step::Replace);
        found["immutable"] = true.into();
        assert_eq!(step(&secret, &found), Step::Renew);
    }

    #[test]
    fn a_service_has_its_address_and_no_selector() {
        let host = json!({"metadata": {"name": "shared"}, "spec": {
            "type": "NodePort", "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "selector": {"app": "x"},
            "ports": [{"port": 80, "nodePort": 30080, "targetPort": 8080, "protocol": "TCP"}],
            "externalIPs": ["192.0.2.1"],
        }});
        let service = to_virtual(&import("Service"), &host).unwrap();
        assert_eq!(
            service["spec"],
            json!({"type": "ClusterIP", "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"],
                "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]})
        );
        let mut found = service.clone();
        assert_eq!(step(&service, &found), Step::Keep);
        found["spec"]["ports"] = json!([{"port": 81}]);
        assert_eq!(step(&service, &found), Step::Replace);
        found["spec"]["clusterIP"] = "10.96.0.10".into();
        assert_eq!(step(&service, &found), Step::Renew);
        let headless = json!({"spec": {"clusterIP": "None"}});
        assert_eq!(to_virtual(&import("Service"), &headless), None);
    }
}
