//! The kubelet endpoint over the syncer's caches.
//!
//! In: the caches, the pod's keys. Out: what the endpoint asks for. Never: a pod that is in the cache
//! of one side only.

use std::sync::Arc;

use anyhow::Context as _;
use rustls::ServerConfig;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::cache::Name;
use super::context::{Context, Shared};
use super::pods::{is_ours, virtual_uid_of};
use super::start::Options;
use crate::kubelet::{self, Endpoint, HostPodRef, PodPair, Pods};

/// Serves the kubelet endpoint, for good.
///
/// # Errors
/// When the listener cannot be used.
pub(crate) async fn serve(
    ctx: &Shared,
    tls: watch::Receiver<Arc<ServerConfig>>,
    listener: TcpListener,
) -> anyhow::Result<()> {
    let endpoint = Endpoint {
        listener,
        tls,
        host: ctx.host.single_client(),
        host_namespace: ctx.scope().host_namespace.clone(),
        cluster: ctx.scope().cluster.clone(),
        pods: Arc::new(KnownPods(Arc::clone(ctx))),
    };
    kubelet::serve(endpoint, std::future::pending()).await
}

/// TLS as `localhost`, for the virtual API server alone: it shows a certificate of this name from the authority
/// in this file.
///
/// # Errors
/// When the keys cannot be used.
pub(crate) fn tls(
    options: &Options,
    authority: &str,
    client: &str,
) -> anyhow::Result<ServerConfig> {
    let key = |file: &str| read_key(options, file);
    Ok(kubelet::server_config(
        &key(authority)?,
        &key("kubelet.crt")?,
        &key("kubelet.key")?,
        client,
    )?)
}

/// One of the files that the pod was given.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read_key(options: &Options, file: &str) -> anyhow::Result<String> {
    let path = options.keys.join(file);
    std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// The pods that the caches of both sides have.
struct KnownPods(Shared);

impl Pods for KnownPods {
    fn host_pod(&self, namespace: &str, name: &str, uid: Option<&str>) -> Option<HostPodRef> {
        let ctx = &*self.0;
        let (virtual_pod, host_pod) = pair(ctx, &Name::new(namespace, name))?;
        let virtual_uid = text(&virtual_pod, "/metadata/uid")?;
        if uid.is_some_and(|uid| uid != virtual_uid) {
            return None;
        }
        Some(HostPodRef {
            name: text(&host_pod, "/metadata/name")?.to_owned(),
            virtual_uid: virtual_uid.to_owned(),
            containers: containers(&virtual_pod),
        })
    }

    fn all(&self) -> Vec<PodPair> {
        let ctx = &*self.0;
        let names: Vec<Name> = ctx.known().virtual_pods.names().cloned().collect();
        let pairs = names.iter().filter_map(|name| pair(ctx, name));
        pairs
            .map(|(virtual_pod, host_pod)| PodPair {
                virtual_pod: Arc::new(virtual_pod),
                host_pod: Arc::new(host_pod),
            })
            .collect()
    }
}

/// A virtual pod and its host pod, if that is ours and was made for this very one.
pub(crate) fn pair(ctx: &Context, name: &Name) -> Option<(Value, Value)> {
    let host_name = ctx.host_name(name);
    let (virtual_pod, host_pod) = {
        let known = ctx.known();
        (
            known.virtual_pods.get(name)?,
            known.host_pods.get(&host_name)?,
        )
    };
    let host_pod = host_pod.value();
    let is_for_it = is_ours(ctx, &host_pod) && virtual_uid_of(&host_pod) == &*virtual_pod.uid;
    is_for_it.then(|| (virtual_pod.value(), host_pod))
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// Names of a pod's containers of every kind.
fn containers(pod: &Value) -> Vec<String> {
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    lists
        .into_iter()
        .filter_map(|list| pod.pointer(&format!("/spec/{list}"))?.as_array())
        .flatten()
        .filter_map(|container| Some(container.get("name")?.as_str()?.to_owned()))
        .collect()
}
