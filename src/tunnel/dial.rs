//! One dial: from "somebody connected" to a byte stream that ends at the control plane.
//!
//! In: the host cluster's API. Out: an [`Upstream`]. Never: listens, retries, or remembers a pod;
//! [`super::relay`] decides when to dial again, and each dial looks the pod up anew.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Fuse};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Portforwarder};
use kube::{Api, Client, ResourceExt};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::Mutex;

use crate::labels;
use crate::names::{ClusterName, Namespace};

/// Where kube-apiserver listens in the control-plane pod.
const API_SERVER_PORT: u16 = 6443;

/// Deadline of each request of a dial (finding the pod, opening the port-forward).
///
/// kube has no read timeout of its own, so a connection that died while the laptop slept would hang
/// for the quarter of an hour that TCP tries. Three seconds are ten round trips around the globe,
/// and leave time for a second try before kubectl gives up after ten.
const REQUEST_DEADLINE: Duration = Duration::from_secs(3);

/// Makes a client for the host cluster, reading the user's kubeconfig as it is now.
pub type Connect = Box<dyn Fn() -> BoxFuture<'static, anyhow::Result<Client>> + Send + Sync>;

/// Opens byte streams to the control plane; a trait so that tests need no cluster.
pub trait Dial: Send + Sync + 'static {
    /// The bytes, both ways.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Opens one stream.
    fn dial(&self) -> impl Future<Output = Result<Upstream<Self::Stream>, DialError>> + Send;
}

/// An open stream to the control plane.
pub struct Upstream<S> {
    /// The bytes, both ways. The end of one direction is the end of both.
    pub stream: S,
    /// Resolves once the far end is through, with its complaint if it had one. Dropping it cuts the
    /// stream off; awaiting it after dropping `stream` lets the last bytes arrive.
    pub ended: Fuse<BoxFuture<'static, Option<String>>>,
}

/// Why no stream to the control plane could be had.
#[derive(Debug, Error)]
pub enum DialError {
    /// The host cannot be connected to: bad kubeconfig, failing credential plugin.
    #[error("cannot connect to the host cluster: {0:#}")]
    Connect(anyhow::Error),
    /// There is no pod, or all are about to go.
    #[error("no control-plane pod labelled `{selector}` in namespace `{namespace}`")]
    NoPod {
        /// Where it was looked for.
        namespace: String,
        /// What it was looked for by.
        selector: String,
    },
    /// The pod has no running container yet, or no longer.
    #[error("pod `{pod}` is not running but `{phase}`")]
    NotRunning {
        /// The pod.
        pod: String,
        /// Its `status.phase`.
        phase: String,
    },
    /// The host's API refused.
    #[error("cannot {action}")]
    Host {
        /// What was attempted: `list pods in namespace …`.
        action: String,
        /// The refusal.
        source: Box<kube::Error>,
    },
    /// The host's API did not answer.
    #[error("cannot {action}: no answer within {} s", REQUEST_DEADLINE.as_secs())]
    TimedOut {
        /// What was attempted.
        action: String,
    },
    /// The port-forward opened and then reported this; mostly that nothing listens on the port.
    #[error("{0}")]
    Refused(String),
    /// The stream ended before it carried a single byte.
    #[error("the control plane closed the connection without an answer")]
    Closed,
    /// Reading or writing the stream failed before it carried a single byte.
    #[error("the connection to the control plane broke")]
    Broken(#[source] std::io::Error),
}

impl DialError {
    /// Whether trying again soon is pointless: somebody has to log in or grant a right first.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Connect(_)) || matches!(self.status(), Some(401 | 403))
    }

    /// The HTTP status with which the host refused, if it did.
    fn status(&self) -> Option<u16> {
        match self {
            Self::Host { source, .. } => match source.as_ref() {
                kube::Error::Api(status) => Some(status.code),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Which port of which pods: the first healthy pod is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host namespace.
    pub namespace: Namespace,
    /// Label selector of the pods.
    pub selector: String,
    /// The port in the pod.
    pub port: u16,
}

impl Target {
    /// The API server of this virtual cluster.
    pub fn control_plane(name: &ClusterName, namespace: &Namespace) -> Self {
        Self {
            namespace: namespace.clone(),
            selector: labels::control_plane(name),
            port: API_SERVER_PORT,
        }
    }
}

/// Dials by port-forward through the host cluster's API: one WebSocket per stream.
///
/// # Guarantees
///
/// - The pod is looked up for every stream, so a replaced pod is found by the next one.
/// - A client whose credentials ran out or are no longer accepted is made anew, from the kubeconfig
///   as it is then, so that a tunnel outlives the user's tokens and certificates.
pub struct PodDialer {
    target: Target,
    connect: Connect,
    client: Mutex<Option<Client>>,
}

impl fmt::Debug for PodDialer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PodDialer")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl PodDialer {
    /// A dialer for as long as this client's credentials last: for one command.
    pub fn with_client(client: Client, target: Target) -> Self {
        Self::reconnecting(
            target,
            Box::new(move || std::future::ready(Ok(client.clone())).boxed()),
        )
    }

    /// A dialer that makes clients itself, whenever it has none that can be used.
    pub fn reconnecting(target: Target, connect: Connect) -> Self {
        Self {
            target,
            connect,
            client: Mutex::new(None),
        }
    }

    /// A client, and whether it was made just now. One caller makes it, the others wait for it.
    async fn client(&self) -> Result<(Client, bool), DialError> {
        let mut kept = self.client.lock().await;
        if let Some(client) = kept.as_ref().filter(|client| !has_expired(client)) {
            return Ok((client.clone(), false));
        }
        let client = (self.connect)().await.map_err(DialError::Connect)?;
        *kept = Some(client.clone());
        Ok((client, true))
    }

    /// Finds the pod and opens the port-forward.
    async fn dial_with(&self, client: Client) -> Result<Upstream<DuplexStream>, DialError> {
        let api = Api::<Pod>::namespaced(client, self.target.namespace.as_str());
        let pod = self.find_pod(&api).await?;
        let port = self.target.port;
        let action = format!("open a port-forward to port {port} of pod `{pod}`");
        let forwarder = bounded(action, api.portforward(&pod, &[port])).await?;
        upstream(forwarder, port)
    }

    /// The name of the pod to dial.
    async fn find_pod(&self, api: &Api<Pod>) -> Result<String, DialError> {
        let Target {
            namespace,
            selector,
            ..
        } = &self.target;
        let action = format!("list pods in namespace `{namespace}`");
        let parameters = ListParams::default().labels(selector);
        let pods = bounded(action, api.list(&parameters)).await?;
        let pod = choose(&pods.items).ok_or_else(|| DialError::NoPod {
            namespace: namespace.to_string(),
            selector: selector.clone(),
        })?;
        match phase(pod) {
            "Running" => Ok(pod.name_any()),
            phase => Err(DialError::NotRunning {
                pod: pod.name_any(),
                phase: phase.to_owned(),
            }),
        }
    }
}

impl Dial for PodDialer {
    type Stream = DuplexStream;

    async fn dial(&self) -> Result<Upstream<DuplexStream>, DialError> {
        let (client, is_new) = self.client().await?;
        match self.dial_with(client).await {
            // The user logged in again since this client was made, or should have.
            Err(error) if error.status() == Some(401) && !is_new => {
                *self.client.lock().await = None;
                let (client, _) = self.client().await?;
                self.dial_with(client).await
            }
            result => result,
        }
    }
}

/// A shared dialer dials as the dialer itself.
impl<D: Dial> Dial for Arc<D> {
    type Stream = D::Stream;

    async fn dial(&self) -> Result<Upstream<D::Stream>, DialError> {
        D::dial(self).await
    }
}

/// Client certificates from a credential plugin run out, and kube leaves that to its user.
fn has_expired(client: &Client) -> bool {
    client
        .valid_until()
        .is_some_and(|until| until <= jiff::Timestamp::now())
}

/// Awaits a request to the host for at most [`REQUEST_DEADLINE`].
async fn bounded<T>(
    action: String,
    request: impl Future<Output = kube::Result<T>>,
) -> Result<T, DialError> {
    match tokio::time::timeout(REQUEST_DEADLINE, request).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => Err(DialError::Host {
            action,
            source: Box::new(source),
        }),
        Err(_) => Err(DialError::TimedOut { action }),
    }
}

/// The best of these pods: never one that is being deleted, a ready one before one that runs.
fn choose(pods: &[Pod]) -> Option<&Pod> {
    pods.iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none())
        .max_by_key(|pod| (is_ready(pod), phase(pod) == "Running"))
}

fn phase(pod: &Pod) -> &str {
    let status = pod.status.as_ref();
    status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Unknown")
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_deref());
    conditions
        .unwrap_or_default()
        .iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Aborts kube's task of a port-forward when nobody is left who wants it.
///
/// Without this it would wait for a host that no longer answers, until TCP gives up.
struct AbortOnDrop(Option<Portforwarder>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(forwarder) = &self.0 {
            forwarder.abort();
        }
    }
}

/// Takes the one stream of a port-forward out of kube's hands.
fn upstream(mut forwarder: Portforwarder, port: u16) -> Result<Upstream<DuplexStream>, DialError> {
    // Both are there: this is the first time anybody asks.
    let (Some(stream), Some(complaint)) = (forwarder.take_stream(port), forwarder.take_error(port))
    else {
        return Err(DialError::Closed);
    };
    let mut guard = AbortOnDrop(Some(forwarder));
    let ended = async move {
        if let Some(complaint) = complaint.await {
            return Some(complaint);
        }
        // The sender is gone, so kube's task is through: its own result comes without waiting.
        let result = guard.0.take()?.join().await;
        result.err().map(|error| error.to_string())
    };
    Ok(Upstream {
        stream,
        ended: ended.boxed().fuse(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(name: &str, phase: &str, ready: &str, deleted: Option<&str>) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name, "deletionTimestamp": deleted },
            "status": { "phase": phase, "conditions": [{ "type": "Ready", "status": ready }] },
        }))
        .unwrap()
    }

    fn chosen(pods: &[Pod]) -> Option<String> {
        choose(pods).map(ResourceExt::name_any)
    }

    #[test]
    fn a_ready_pod_is_preferred_to_one_that_only_runs() {
        let pods = [
            pod("pending", "Pending", "False", None),
            pod("ready", "Running", "True", None),
            pod("running", "Running", "False", None),
        ];
        assert_eq!(chosen(&pods).as_deref(), Some("ready"));
    }

    #[test]
    fn a_running_pod_is_preferred_to_a_pending_one() {
        let pods = [
            pod("running", "Running", "False", None),
            pod("pending", "Pending", "False", None),
        ];
        assert_eq!(chosen(&pods).as_deref(), Some("running"));
    }

    #[test]
    fn a_pod_that_is_being_deleted_is_never_taken() {
        let now = Some("2026-01-01T00:00:00Z");
        assert_eq!(chosen(&[pod("ready", "Running", "True", now)]), None);
        let pods = [
            pod("old", "Running", "True", now),
            pod("new", "Pending", "False", None),
        ];
        assert_eq!(chosen(&pods).as_deref(), Some("new"));
    }

    #[test]
    fn the_selector_names_the_cluster_and_its_control_plane() {
        let target = Target::control_plane(&"dev".parse().unwrap(), &"team-a".parse().unwrap());
        assert_eq!(
            target.selector,
            "vc.internal/cluster=dev,vc.internal/component=control-plane"
        );
    }

    #[test]
    fn only_what_a_person_must_change_is_permanent() {
        let refused = |code: u16| DialError::Host {
            action: "list pods".to_owned(),
            source: Box::new(kube::Error::Api(Box::new(kube::core::Status {
                code,
                ..kube::core::Status::default()
            }))),
        };
        assert!(refused(401).is_permanent());
        assert!(refused(403).is_permanent());
        assert!(!refused(404).is_permanent());
        assert!(!refused(500).is_permanent());
        assert!(!DialError::Closed.is_permanent());
    }
}
