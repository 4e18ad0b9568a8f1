//! The kubelet endpoint over the syncer's caches.
//!
//! In: the caches, the pod's keys. Out: what the endpoint asks for. Never: a pod that is in the cache
//! of one side only.

use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use tokio::net::TcpListener;

use super::cache::Name;
use super::context::{Context, Shared};
use super::start::Options;
use super::translate::scrub;
use crate::kubelet::route::PodPath;
use crate::kubelet::{self, Endpoint, HostPodRef, Pods, tls};
use crate::labels;
use crate::pki::KUBELET_CLIENT;

/// Serves the kubelet endpoint, for good.
///
/// # Errors
/// When the keys cannot be used.
pub(crate) async fn serve(
    ctx: &Shared,
    options: &Options,
    listener: TcpListener,
) -> anyhow::Result<()> {
    let key = |file: &str| read_key(options, file);
    let config = tls::server_config(&key("ca.crt")?, &key("kubelet.crt")?, &key("kubelet.key")?)?;
    let endpoint = Endpoint {
        pods: Arc::clone(ctx) as Arc<dyn Pods>,
        host: ctx.host.client(),
        host_namespace: ctx.scope().host_namespace.clone(),
        client_name: KUBELET_CLIENT,
    };
    kubelet::serve(endpoint, listener, config).await;
    Ok(())
}

/// One of the files that the pod was given.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read_key(options: &Options, file: &str) -> anyhow::Result<Vec<u8>> {
    let path = options.keys.join(file);
    std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

impl Pods for Context {
    fn host_pod(&self, pod: &PodPath) -> Option<HostPodRef> {
        let name = Name::new(&pod.namespace, &pod.name);
        let host_name = self.host_name(&name);
        let (virtual_pod, host_pod) = {
            let known = self.known();
            (
                known.virtual_pods.get(&name)?,
                known.host_pods.get(&host_name)?,
            )
        };
        if pod
            .uid
            .as_deref()
            .is_some_and(|uid| *uid != *virtual_pod.uid)
        {
            return None;
        }
        let host_pod = host_pod.value();
        let annotations = host_pod.pointer("/metadata/annotations")?;
        let is_twin = annotations.get(labels::VIRTUAL_UID)?.as_str() == Some(&*virtual_pod.uid)
            && annotations.get(labels::CLUSTER_UID)?.as_str() == Some(&*self.scope().uid);
        let virtual_pod = virtual_pod.value();
        is_twin.then(|| HostPodRef {
            name: host_name.name.to_string(),
            containers: containers(&virtual_pod),
            virtual_pod,
        })
    }

    fn all(&self) -> Vec<Value> {
        let known = self.known();
        let pods = known.virtual_pods.objects();
        pods.map(|pod| pod.value())
            .filter(|pod| pod.pointer("/spec/nodeName").is_some())
            .collect()
    }

    fn scrub(&self, text: &str, pod: &HostPodRef) -> String {
        scrub::scrub(text, &pod.virtual_pod, self.scope())
    }

    fn node(&self) -> String {
        let own = self.settings.own_node.as_ref();
        own.map(|own| own.name.clone()).unwrap_or_default()
    }
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
