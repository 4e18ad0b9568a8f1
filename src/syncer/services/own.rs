//! `default/kubernetes` and `kube-system/kube-dns`: the virtual API server and the virtual cluster's DNS, at
//! the addresses that the host has for them.
//!
//! In: the addresses of Services `vc-NAME` and `vc-NAME-dns` on the host, and this pod's own. Out: the virtual
//! Services with the first two, and the API server's EndpointSlice and Endpoints with the last. Never: a host object; the
//! host has them already.
//!
//! An API server makes `default/kubernetes` itself when it starts, with the first address of the range, which
//! on the host is the host's API server's. It keeps what it finds, so once is enough.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::super::cache::Name;
use super::super::context::Context;
use super::super::pods::parse;
use super::super::queue::Outcome;
use super::super::rest::{ENDPOINT_SLICES, ENDPOINTS, RestError, SERVICES};
use crate::render::API_PORT;

/// Where the API server's Service is.
const NAMESPACE: &str = "default";
/// Its name, and that of its EndpointSlice and Endpoints.
const NAME: &str = "kubernetes";
/// Its port.
const PORT: i32 = 443;

/// Where programs look for a cluster's DNS; kubeadm's.
const DNS_NAMESPACE: &str = "kube-system";
/// See [`DNS_NAMESPACE`].
const DNS_NAME: &str = "kube-dns";

/// Keeps one of the two, and the API server's EndpointSlice and Endpoints.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn keep(ctx: &Context, name: &Name) -> Result<Outcome, RestError> {
    let is_api_server = *name.namespace == *NAMESPACE;
    let wanted = if is_api_server {
        let address = &ctx.settings.service_address;
        let is_address = address.parse::<IpAddr>().is_ok();
        is_address.then(|| service(address))
    } else {
        // Without an address there is nothing to show: pods have the host's name servers.
        let addresses = &ctx.settings.dns_addresses;
        (!addresses.is_empty()).then(|| dns_service(addresses))
    };
    let Some(wanted) = wanted else {
        return Ok(Outcome::Done);
    };
    let (is_complete, found, slice) = {
        let known = ctx.known();
        (
            known.virtual_services.is_complete() && known.virtual_endpoint_slices.is_complete(),
            known.virtual_services.get(name),
            known.virtual_endpoint_slices.get(name),
        )
    };
    if !is_complete {
        return Ok(Outcome::Done);
    }
    let found = found.map(|found| found.value());
    keep_service(ctx, name, found.as_ref(), &wanted).await?;
    if is_api_server {
        keep_slice(ctx, slice.map(|slice| slice.value()).as_ref()).await?;
        keep_endpoints(ctx).await?;
    }
    Ok(Outcome::Done)
}

async fn keep_service(
    ctx: &Context,
    name: &Name,
    found: Option<&Value>,
    wanted: &Value,
) -> Result<(), RestError> {
    if let Some(found) = found {
        let address = |service: &Value| service.pointer("/spec/clusterIP").cloned();
        if address(found) == address(wanted) {
            return Ok(());
        }
        // The address of a Service cannot be changed.
        let uid = found.pointer("/metadata/uid");
        let path = SERVICES.one(&name.namespace, &name.name);
        ctx.virtual_cluster.delete_this(&path, uid).await?;
    }
    let all = SERVICES.all(&name.namespace);
    match ctx.virtual_cluster.create(&all, wanted).await {
        // The API server was faster, whom our webhook has given the address; or the watch will show it.
        Err(error) if error.is_conflict() => Ok(()),
        Err(error) => Err(error),
        Ok(text) => {
            ctx.known().virtual_services.wrote(parse(&text)?);
            Ok(())
        }
    }
}

/// As `createOrUpdateMasterServiceIfNeeded` in
/// k8s.io/kubernetes/pkg/controlplane/controller/kubernetesservice/controller.go makes it.
fn service(address: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "clusterIP": address,
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ports": [{"name": "https", "port": PORT, "protocol": "TCP", "targetPort": API_PORT}],
        },
    })
}

/// The Service as kubeadm makes it; without a selector, because no pod of the virtual cluster serves it.
fn dns_service(addresses: &[String]) -> Value {
    let port = |name: &str, protocol: &str| json!({"name": name, "port": 53, "protocol": protocol, "targetPort": 53});
    let policy = if addresses.len() > 1 {
        "RequireDualStack"
    } else {
        "SingleStack"
    };
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": DNS_NAME,
            "namespace": DNS_NAMESPACE,
            "labels": {
                "k8s-app": "kube-dns",
                "kubernetes.io/cluster-service": "true",
                "kubernetes.io/name": "CoreDNS",
            },
        },
        "spec": {
            "type": "ClusterIP",
            "clusterIP": addresses.first(),
            "clusterIPs": addresses,
            "ipFamilyPolicy": policy,
            "ports": [port("dns", "UDP"), port("dns-tcp", "TCP")],
        },
    })
}

async fn keep_slice(ctx: &Context, found: Option<&Value>) -> Result<(), RestError> {
    let Ok(pod) = ctx.settings.pod_ip.parse::<IpAddr>() else {
        return Ok(());
    };
    let mut wanted = slice(pod);
    let Some(found) = found else {
        let path = ENDPOINT_SLICES.all(NAMESPACE);
        return match ctx.virtual_cluster.create(&path, &wanted).await {
            // The watch will show it.
            Err(error) if error.is_conflict() => Ok(()),
            other => other.map(drop),
        };
    };
    let is_same = |field: &str| found.get(field) == wanted.get(field);
    let label = |object: &Value| object.pointer("/metadata/labels").cloned();
    if is_same("addressType")
        && is_same("endpoints")
        && is_same("ports")
        && label(found) == label(&wanted)
    {
        return Ok(());
    }
    let path = ENDPOINT_SLICES.one(NAMESPACE, NAME);
    if !is_same("addressType") {
        // It cannot be changed.
        ctx.virtual_cluster
            .delete_this(&path, found.pointer("/metadata/uid"))
            .await?;
        let path = ENDPOINT_SLICES.all(NAMESPACE);
        return ctx.virtual_cluster.create(&path, &wanted).await.map(drop);
    }
    if let Some(metadata) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        let version = found.pointer("/metadata/resourceVersion");
        let version = version.cloned().unwrap_or_default();
        metadata.insert("resourceVersion".to_owned(), version);
    }
    ctx.virtual_cluster.replace(&path, &wanted).await.map(drop)
}

/// What the slice says, in the kind that was before it. It is not watched: nothing but this writes it.
async fn keep_endpoints(ctx: &Context) -> Result<(), RestError> {
    let Ok(pod) = ctx.settings.pod_ip.parse::<IpAddr>() else {
        return Ok(());
    };
    let wanted = endpoints(pod);
    let path = ENDPOINTS.one(NAMESPACE, NAME);
    let Some(text) = ctx.virtual_cluster.get(&path).await? else {
        let path = ENDPOINTS.all(NAMESPACE);
        return ctx.virtual_cluster.create(&path, &wanted).await.map(drop);
    };
    if parse(&text)?.value().get("subsets") == wanted.get("subsets") {
        return Ok(());
    }
    ctx.virtual_cluster.replace(&path, &wanted).await.map(drop)
}

/// With the label that keeps the virtual cluster's controllers from making a second slice of it.
fn endpoints(pod: IpAddr) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [{
            "addresses": [{"ip": pod.to_string()}],
            "ports": [{"name": "https", "port": API_PORT, "protocol": "TCP"}],
        }],
    })
}

fn slice(pod: IpAddr) -> Value {
    let address_type = if pod.is_ipv6() { "IPv6" } else { "IPv4" };
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": NAME},
        },
        "addressType": address_type,
        "endpoints": [{"addresses": [pod.to_string()], "conditions": {"ready": true}}],
        "ports": [{"name": "https", "port": API_PORT, "protocol": "TCP"}],
    })
}
