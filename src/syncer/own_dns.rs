//! The virtual cluster's DNS over what the syncer sees, and the Service that shows it.
//!
//! In: virtual Services, EndpointSlices and namespaces as they are seen; the host's Service for DNS. Out:
//! [`Names`] that keep up, and `kube-system/kube-dns`, whose address is the one that pods ask. Never: an
//! answer from what is not known as a whole.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;
use tracing::{info, warn};

use super::cache::Name;
use super::context::{Context, Shared};
use super::object::Object;
use super::pods::parse;
use super::rest::{Rest, RestError, SERVICES};
use super::start::CLUSTER_DOMAIN;
use super::watch::Seen;
use crate::dns::Names;
use crate::names::{ClusterName, Namespace};

/// The namespace and the name by which programs look for a cluster's DNS; kubeadm's.
const NAMESPACE: &str = "kube-system";
/// See [`NAMESPACE`].
const NAME: &str = "kube-dns";

/// How soon the Service of the cluster's DNS is looked at again when it could not be written.
const RETRY: Duration = Duration::from_secs(5);

/// How often it is looked for in what is known while that is not complete.
const STARTING: Duration = Duration::from_millis(50);

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
    if *object.namespace == *NAMESPACE && *object.name == *NAME {
        ctx.dns_service_changed.notify_one();
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

/// Keeps `kube-system/kube-dns` as it should be, for good.
pub(crate) async fn keep_service(ctx: &Shared) {
    let addresses = &ctx.settings.dns_addresses;
    if addresses.is_empty() {
        // Nothing to show: pods have the host's name servers.
        std::future::pending::<()>().await;
    }
    while !ctx.known().virtual_services.is_complete() {
        sleep(STARTING).await;
    }
    loop {
        if ctx.is_frozen() {
            std::future::pending::<()>().await;
        }
        match keep_once(ctx, addresses).await {
            Ok(()) => ctx.dns_service_changed.notified().await,
            Err(error) => {
                warn!("cannot show the cluster's DNS as service `{NAMESPACE}/{NAME}` yet: {error}");
                sleep(RETRY).await;
            }
        }
    }
}

async fn keep_once(ctx: &Context, addresses: &[String]) -> Result<(), RestError> {
    let found = ctx
        .known()
        .virtual_services
        .get(&Name::new(NAMESPACE, NAME));
    let path = SERVICES.all(NAMESPACE);
    if let Some(found) = found {
        let service = found.value();
        if service.pointer("/spec/clusterIP").and_then(Value::as_str)
            == addresses.first().map(String::as_str)
        {
            return Ok(());
        }
        // The address of a Service cannot be changed.
        let options = json!({"preconditions": {"uid": *found.uid}});
        let one = SERVICES.one(NAMESPACE, NAME);
        ctx.virtual_cluster.delete(&one, &options).await?;
    }
    match ctx
        .virtual_cluster
        .create(&path, &manifest(addresses))
        .await
    {
        Ok(_) => {
            info!("service `{NAMESPACE}/{NAME}` shows the cluster's DNS");
            Ok(())
        }
        // The watch will show it.
        Err(error) if error.is_conflict() => Ok(()),
        Err(error) => Err(error),
    }
}

/// The Service as kubeadm makes it; without a selector, because no pod of the virtual cluster serves it.
fn manifest(addresses: &[String]) -> Value {
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
            "name": NAME,
            "namespace": NAMESPACE,
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
