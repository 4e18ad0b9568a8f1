//! The syncer as the kubelet of every virtual node.
//!
//! In: connections of the virtual API server. Out: answers, most of them relayed from the host API.
//! Never: speaks to anybody else, reaches a pod that is not this virtual cluster's, implements a
//! stream protocol.
//!
//! # Expected flow
//!
//! ```text
//! connection -tls-> the API server's -route-> Route -Pods-> host pod -relay-> host API
//! ```
//!
//! Every virtual node has the address `localhost` and this port, so the API server dials
//! `https://localhost:PORT/…` within the pod. The path does not say which node was meant: what is
//! asked about a node is answered for all pods of the virtual cluster.
//!
//! # Guarantees
//!
//! - Nothing is answered before the peer has shown the API server's own certificate.
//! - One task per connection, owned by [`serve`]; when it ends, all have ended. The task carries
//!   the bytes of an upgraded connection, too.
//! - Each bound has a reason beside it; an established stream has none, as with a kubelet.

mod answer;
mod carry;
mod host;
mod relay;
pub mod route;
mod scrub;
mod stats;
#[cfg(test)]
mod tests;
mod tls;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::names::{ClusterName, Namespace};
use answer::{Answering, Slot};
use host::Host;
pub use stats::Counters;
pub use tls::{TlsError, server_config};

/// Connections at once; further ones are closed at once.
///
/// Each open log, exec and port-forward is one. A busy one holds four buffers of 16 KiB (ours and
/// TLS's, both ways), so 1,000 are 64 MiB and 2,000 descriptors, which a container has.
const MAX_CONNECTIONS: usize = 1000;

/// Deadline of a TLS handshake. Both ends are in one pod.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// Deadline of a request's head, and of an idle connection.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// Longest head of a request: a URI has at most 64 KiB (the library's bound, so the longest command
/// of an exec), and all the headers of the API server have less than that again.
const MAX_HEAD_BYTES: usize = 128 * 1024;

/// Most headers of a request; the API server sends about ten and passes a client's own on.
const MAX_HEADERS: usize = 64;

/// Delay before accepting again after the operating system refused: mostly no descriptors left.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// The host pod that stands for a virtual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPodRef {
    /// Its name on the host.
    pub name: String,
    /// UID of the virtual pod.
    pub virtual_uid: String,
    /// Names of the virtual pod's own containers: init and ephemeral ones too, and none that only
    /// the host pod has.
    pub containers: Vec<String>,
}

/// A virtual pod and the host pod that stands for it, as the APIs give them.
#[derive(Debug, Clone)]
pub struct PodPair {
    /// The virtual pod.
    pub virtual_pod: Arc<Value>,
    /// The host pod.
    pub host_pod: Arc<Value>,
}

/// What the syncer knows of pods, from its caches: never waits.
pub trait Pods: Send + Sync + 'static {
    /// The host pod that stands for a virtual pod, if it exists and carries this cluster's UID. With
    /// a `uid`, only for the virtual pod that has it.
    fn host_pod(&self, namespace: &str, name: &str, uid: Option<&str>) -> Option<HostPodRef>;

    /// Every virtual pod that has a host pod.
    fn all(&self) -> Vec<PodPair>;
}

/// What [`serve`] needs.
pub struct Endpoint {
    /// Where it listens: on loopback, which is the caller's to see to.
    pub listener: TcpListener,
    /// From [`server_config`]; a connection uses what is the latest when it comes, so that renewed
    /// certificates are sent here.
    pub tls: watch::Receiver<Arc<ServerConfig>>,
    /// Client of the host API, with the syncer's rights, a connect timeout of a few seconds, no read
    /// timeout (a log may be silent for hours) and no retries of its own (an exec is not repeated).
    pub host: kube::Client,
    /// Where the host pods are.
    pub host_namespace: Namespace,
    /// The virtual cluster; its label selects the usage of its pods.
    pub cluster: ClusterName,
    /// What the syncer knows of pods.
    pub pods: Arc<dyn Pods>,
}

/// Serves until `shutdown` resolves, then cuts off what is open.
///
/// # Errors
/// When the listener has no address, so that it can accept nothing.
pub async fn serve(endpoint: Endpoint, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let address = endpoint.listener.local_addr();
    let address = address.context("cannot listen for the virtual API server")?;
    tracing::debug!(%address, "serving as kubelet");
    let answering = Arc::new(Answering {
        host: Host::new(endpoint.host, endpoint.host_namespace),
        cluster: endpoint.cluster,
        pods: endpoint.pods,
        counters: Mutex::default(),
    });
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = endpoint.listener.accept() => match accepted {
                Ok((socket, _)) if connections.len() < MAX_CONNECTIONS => {
                    let tls = Arc::clone(&endpoint.tls.borrow());
                    connections.spawn(connection(socket, tls, Arc::clone(&answering)));
                }
                Ok(_) => tracing::warn!("closed a connection: {MAX_CONNECTIONS} are open"),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_DELAY).await;
                }
            },
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection's task failed");
                }
            }
        }
    }
    connections.shutdown().await;
    Ok(())
}

/// One connection: handshake, requests, and the bytes after an upgrade.
async fn connection(socket: TcpStream, tls: Arc<ServerConfig>, answering: Arc<Answering>) {
    // What comes is small and somebody waits for it; a refusal only costs speed.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn off Nagle's algorithm");
    }
    let stream = match timeout(HANDSHAKE_DEADLINE, TlsAcceptor::from(tls).accept(socket)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::warn!(%error, "refused a TLS client"),
        Err(_) => return tracing::warn!("a TLS client did not finish its handshake in time"),
    };
    let upgraded = Slot::default();
    let service = service_fn(|request| {
        let (answering, upgraded) = (Arc::clone(&answering), Slot::clone(&upgraded));
        async move { Ok::<_, Infallible>(answering.answer(request, &upgraded).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if let Err(error) = Box::pin(served).await {
        // Also a client that went away in the middle of a log.
        tracing::debug!(%error, "a connection ended early");
        return;
    }
    if let Some(upgrade) = upgraded.take() {
        upgrade.carry().await;
    }
}
