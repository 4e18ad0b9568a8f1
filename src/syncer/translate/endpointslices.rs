//! EndpointSlices that a user has made for a Service without a selector, from the virtual side to the host.
//!
//! In: a virtual EndpointSlice, its host Service, and which addresses are the virtual cluster's own. Out: the
//! host EndpointSlice, and the addresses that are not in it. Never: an address that is not a pod's of this
//! virtual cluster: a Service can make its clients, and the nodes, send traffic to any address that it names.
//! <https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors>

use serde_json::{Map, Value, json};

use super::Scope;
use super::json::{at, list, object_mut, text, texts};
use super::metadata::metadata_changes;

/// Label of an EndpointSlice: its Service.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Label of an EndpointSlice: who writes it. Controllers of the host remove what is theirs by this label and
/// has no source.
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#management>
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// The controller that makes EndpointSlices of Services with a selector.
const OF_SELECTORS: &str = "endpointslice-controller.k8s.io";
/// What writes those on the host.
const SYNCER: &str = "vc.internal";

/// Fields of an endpoint that say the same on both sides. Not `targetRef`: it names a virtual pod.
const ENDPOINT_FIELDS: [&str; 6] = [
    "addresses",
    "conditions",
    "hostname",
    "nodeName",
    "zone",
    "hints",
];

/// A host Service, as the owner of its EndpointSlices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostService<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its UID.
    pub uid: &'a str,
}

/// What becomes of a virtual EndpointSlice.
#[derive(Debug, Clone, PartialEq)]
pub struct HostSlice {
    /// The whole object; none when nothing of it can be on the host.
    pub object: Option<Value>,
    /// Addresses that are left out.
    pub left_out: Vec<String>,
}

/// The Service of an EndpointSlice that somebody has made; none when a controller makes it from a selector.
pub fn service_of(slice: &Value) -> Option<&str> {
    let labels = at(slice, &["metadata", "labels"]);
    let service = text(labels, SERVICE_NAME);
    (!service.is_empty() && text(labels, MANAGED_BY) != OF_SELECTORS).then_some(service)
}

/// The host EndpointSlice of a virtual one; `is_own` knows the addresses of the virtual cluster's pods.
pub fn to_host(
    slice: &Value,
    service: HostService<'_>,
    is_own: impl Fn(&str) -> bool,
    scope: &Scope,
) -> HostSlice {
    let mut endpoints = Vec::new();
    let mut left_out = Vec::new();
    let is_of_addresses = matches!(text(slice, "addressType"), "IPv4" | "IPv6");
    for endpoint in list(slice, "endpoints") {
        let foreign =
            texts(endpoint, "addresses").filter(|address| !(is_of_addresses && is_own(address)));
        let foreign: Vec<String> = foreign.map(str::to_owned).collect();
        if foreign.is_empty() {
            let kept = ENDPOINT_FIELDS
                .iter()
                .filter(|field| !endpoint[**field].is_null());
            let kept = kept.map(|field| ((*field).to_owned(), endpoint[*field].clone()));
            endpoints.push(Value::from(kept.collect::<Map<String, Value>>()));
        } else {
            left_out.extend(foreign);
        }
    }
    let object = is_of_addresses.then(|| {
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata(slice, service, scope),
            "addressType": slice["addressType"],
            "endpoints": endpoints,
            "ports": list(slice, "ports"),
        })
    });
    HostSlice { object, left_out }
}

fn metadata(slice: &Value, service: HostService<'_>, scope: &Scope) -> Map<String, Value> {
    let mut metadata = scope.host_metadata(&slice["metadata"]);
    if let Some(labels) = object_mut(&mut metadata, "labels") {
        labels.insert(SERVICE_NAME.to_owned(), service.name.into());
        labels.insert(MANAGED_BY.to_owned(), SYNCER.into());
    }
    let owner = json!([{
        "apiVersion": "v1",
        "kind": "Service",
        "name": service.name,
        "uid": service.uid,
    }]);
    metadata.insert("ownerReferences".to_owned(), owner);
    metadata
}

/// The merge patch that brings a host EndpointSlice in step; none when it is.
pub fn changes(wanted: &Value, host: &Value) -> Option<Value> {
    let mut patch = Map::new();
    let mut metadata = metadata_changes(wanted, host);
    let owner = at(wanted, &["metadata", "ownerReferences"]);
    if at(host, &["metadata", "ownerReferences"]) != owner {
        metadata.insert("ownerReferences".to_owned(), owner.clone());
    }
    if !metadata.is_empty() {
        patch.insert("metadata".to_owned(), metadata.into());
    }
    for field in ["endpoints", "ports"] {
        if list(wanted, field) != list(host, field) {
            patch.insert(field.to_owned(), wanted[field].clone());
        }
    }
    (!patch.is_empty()).then(|| patch.into())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_is, cases, read, scope};
    use super::*;

    /// `tests/data/translate/endpointslices/CASE`: `virtual.json` -> `host.json`.
    #[test]
    fn slices_are_as_written_down() {
        for case in cases("endpointslices", 5) {
            let slice = read(&case, "virtual.json");
            let service = HostService {
                name: "web-shop-dev-x",
                uid: "h",
            };
            let is_own = |address: &str| ["10.1.0.7", "10.1.0.8", "fd00::7"].contains(&address);
            let HostSlice { object, left_out } = to_host(&slice, service, is_own, &scope());
            if let Some(object) = &object {
                assert_eq!(changes(object, object), None, "{}", case.display());
            }
            let found = json!({"object": object, "leftOut": left_out});
            assert_is(&case, "host.json", &found);
        }
    }

    #[test]
    fn slices_of_selectors_are_no_concern() {
        let of = |labels: Value| json!({"metadata": {"labels": labels}});
        let by_hand = of(json!({SERVICE_NAME: "web"}));
        assert_eq!(service_of(&by_hand), Some("web"));
        assert_eq!(
            service_of(&of(json!({SERVICE_NAME: "web", MANAGED_BY: OF_SELECTORS}))),
            None
        );
        assert_eq!(service_of(&of(json!({"app": "web"}))), None);
        assert_eq!(service_of(&json!({})), None);
    }

    #[test]
    fn a_label_that_went_goes_from_the_host_and_one_of_somebody_elses_stays() {
        let of = |labels: Value| {
            let slice = json!({"metadata": {"namespace": "shop", "name": "by-hand", "uid": "u", "labels": labels},
                "addressType": "IPv4", "endpoints": [], "ports": []});
            let service = HostService {
                name: "web",
                uid: "h",
            };
            to_host(&slice, service, |_| true, &scope()).object.unwrap()
        };
        let mut host = of(json!({SERVICE_NAME: "web", "tier": "back", "old": "1"}));
        host["metadata"]["labels"]["of-the-host"] = "kept".into();
        let wanted = of(json!({SERVICE_NAME: "web", "tier": "front"}));
        let changed = changes(&wanted, &host).unwrap();
        assert_eq!(
            changed["metadata"]["labels"],
            json!({"tier": "front", "old": null})
        );
    }

    #[test]
    fn what_differs_is_changed() {
        let slice = |uid: &str, endpoints: Value| {
            json!({"metadata": {"labels": {"a": "b"}, "ownerReferences": [{"uid": uid}]},
                "endpoints": endpoints, "ports": null})
        };
        let found = slice("1", Value::Null);
        assert_eq!(changes(&slice("1", json!([])), &found), None);
        assert_eq!(
            changes(&slice("2", json!([{"addresses": ["10.1.0.7"]}])), &found),
            Some(json!({"metadata": {"ownerReferences": [{"uid": "2"}]},
                "endpoints": [{"addresses": ["10.1.0.7"]}]}))
        );
    }
}
