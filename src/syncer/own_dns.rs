//! The virtual cluster's DNS over what the syncer sees.
//!
//! In: virtual Services, EndpointSlices and namespaces as they are seen, pods as they get addresses; the
//! host's Service for DNS. Out: [`Names`] that keep up, and the addresses that pods ask. Never: an answer from
//! what is not known as a whole.

use std::net::IpAddr;

use serde_json::Value;

use super::cache::Name;
use super::context::Context;
use super::object::Object;
use super::pods::parse;
use super::rest::{Rest, RestError, SERVICES};
use super::start::CLUSTER_DOMAIN;
use super::translate::pods;
use super::watch::Seen;
use crate::dns::Names;
use crate::names::{ClusterName, Namespace};

/// A Service was seen. Before the cache is told: what the cache has by an answer to a write of ours, it
/// does not tell again.
pub(crate) fn service(ctx: &Context, seen: &Seen) {
    if let Seen::Listed(object) | Seen::Changed(object) = seen {
        let mut index = ctx.names.index();
        index.set_service(&object.namespace, &object.name, &object.value());
    }
}

/// A Service was taken into the cache, or out of it.
pub(crate) fn service_taken(ctx: &Context, object: &Object, is_there: bool) {
    if !is_there {
        let mut index = ctx.names.index();
        index.remove_service(&object.namespace, &object.name);
    }
}

/// An EndpointSlice was seen.
pub(crate) fn slice(ctx: &Context, seen: &Seen) {
    if let Seen::Listed(object) | Seen::Changed(object) = seen {
        let mut index = ctx.names.index();
        index.set_slice(&object.namespace, &object.name, &object.value());
    }
}

/// An EndpointSlice was taken into the cache, or out of it.
pub(crate) fn slice_taken(ctx: &Context, object: &Object, is_there: bool) {
    if !is_there {
        let mut index = ctx.names.index();
        index.remove_slice(&object.namespace, &object.name);
    }
}

/// A namespace came, changed or went.
pub(crate) fn namespace(ctx: &Context, name: &str, is_there: bool) {
    ctx.names.index().set_namespace(name, is_there);
}

/// A pod's addresses are known, or it is gone and has no status. Told with the first word of the host, when the pod has
/// hardly begun to ask for its own name.
pub(crate) fn pod(ctx: &Context, name: &Name, pod: &Value, status: &Value) {
    let Some(whole) = pods::subdomain_name(pod, &ctx.settings.pods) else {
        return;
    };
    let phase = status.get("phase").and_then(Value::as_str);
    let has_ended = matches!(phase, Some("Succeeded" | "Failed"));
    let addresses = status.get("podIPs").and_then(Value::as_array);
    let addresses = addresses.into_iter().flatten().filter(|_| !has_ended);
    let addresses: Vec<IpAddr> = addresses
        .filter_map(|address| address.get("ip")?.as_str()?.parse().ok())
        .collect();
    let mut index = ctx.names.index();
    index
        .pods()
        .set(&name.namespace, &name.name, Some(&whole), addresses);
}

/// A pod is no more.
pub(crate) fn pod_gone(ctx: &Context, name: &Name) {
    let mut index = ctx.names.index();
    index
        .pods()
        .set(&name.namespace, &name.name, None, Vec::new());
}

/// Says so when everything that has a name was seen.
pub(crate) fn listed(ctx: &Context) {
    let known = ctx.known();
    let all = [
        &known.virtual_services,
        &known.virtual_endpoint_slices,
        &known.virtual_namespaces,
    ];
    if all.into_iter().all(super::cache::Cache::is_complete) {
        ctx.names.complete();
    }
}

/// Addresses of a Service of ours on the host; none when there is no such Service.
///
/// # Errors
/// What the host says; that it has no address yet.
pub(crate) async fn host_addresses(
    host: &Rest,
    namespace: &Namespace,
    name: &str,
) -> Result<Vec<String>, RestError> {
    let path = SERVICES.one(namespace.as_str(), name);
    let Some(text) = host.get(&path).await? else {
        return Ok(Vec::new());
    };
    let service = parse(&text)?.value();
    let addresses = service
        .pointer("/spec/clusterIPs")
        .and_then(Value::as_array);
    let addresses: Vec<String> = addresses
        .into_iter()
        .flatten()
        .filter_map(|address| Some(address.as_str()?.to_owned()))
        .collect();
    if addresses.is_empty() {
        let message = format!("service `{name}` has no address");
        return Err(RestError::Unreachable(message));
    }
    Ok(addresses)
}

/// The whole name of the virtual API server's Service on the host, by which pods of rendered manifests
/// reach it: the host's resolver is not asked for it.
pub(crate) fn name_api_server(
    names: &Names,
    cluster: &ClusterName,
    namespace: &Namespace,
    address: &str,
) -> String {
    let name = format!("{}.{namespace}.svc.{CLUSTER_DOMAIN}", cluster.object());
    if let Ok(address) = address.parse() {
        names.index().set_fixed(&name, vec![address]);
    }
    name
}
