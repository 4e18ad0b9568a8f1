//! `default/kubernetes`: the virtual API server, at the address that the host has for it.
//!
//! In: the address of Service `vc-NAME` on the host, and this pod's own. Out: the virtual Service with the
//! first, and its EndpointSlice with the second. Never: a host object; the host has both already.
//!
//! An API server makes the Service itself when it starts, with the first address of the range, which on
//! the host is the host's API server's. It keeps what it finds, so once is enough.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::super::cache::Name;
use super::super::context::Context;
use super::super::pods::parse;
use super::super::queue::Outcome;
use super::super::rest::{ENDPOINT_SLICES, RestError, SERVICES};
use crate::render::API_PORT;

/// Where the API server's Service is.
const NAMESPACE: &str = "default";
/// Its name, and that of its EndpointSlice.
const NAME: &str = "kubernetes";
/// Its port.
const PORT: i32 = 443;

/// Keeps the API server's Service and its EndpointSlice.
///
/// # Errors
/// What the virtual API server says.
pub(crate) async fn keep(ctx: &Context, name: &Name) -> Result<Outcome, RestError> {
    let address = &ctx.settings.service_address;
    if *name.namespace != *NAMESPACE || address.parse::<IpAddr>().is_err() {
        return Ok(Outcome::Done);
    }
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
    keep_service(ctx, found.as_ref()).await?;
    keep_slice(ctx, slice.map(|slice| slice.value()).as_ref()).await?;
    Ok(Outcome::Done)
}

async fn keep_service(ctx: &Context, found: Option<&Value>) -> Result<(), RestError> {
    let address = &ctx.settings.service_address;
    if let Some(found) = found {
        if found.pointer("/spec/clusterIP").and_then(Value::as_str) == Some(address) {
            return Ok(());
        }
        let uid = found.pointer("/metadata/uid");
        let options = json!({"preconditions": {"uid": uid}});
        let path = SERVICES.one(NAMESPACE, NAME);
        ctx.virtual_cluster.delete(&path, &options).await?;
    }
    let created = ctx
        .virtual_cluster
        .create(&SERVICES.all(NAMESPACE), &service(address))
        .await;
    match created {
        // The API server was faster; our webhook has given it the address.
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
        let options = json!({"preconditions": {"uid": found.pointer("/metadata/uid")}});
        ctx.virtual_cluster.delete(&path, &options).await?;
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
