//! The kubelet of every virtual node: logs, exec, attach and port-forward of the virtual cluster's pods.
//!
//! In: requests of the virtual API server, on the pod's loopback address. Out: the host API's answers,
//! as streams. Never: a pod that is not the virtual cluster's own; a client that is not its API server;
//! a stream's content looked at.
//!
//! ```text
//! API server -TLS, client certificate-> route (pure) -> Pods (which host pod) -> relay -> host API
//! ```

pub mod relay;
pub mod route;
pub mod stats;
pub mod tls;

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kube::Client;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use crate::names::Namespace;
use route::{NoRoute, PodPath, Route};

/// Connections at once. The API server opens one for each stream and each followed log; more than this
/// is no use of one virtual cluster, and each takes some ten kilobytes.
const CONNECTIONS_MAX: usize = 1000;

/// Deadline of a TLS handshake, and of a request's head.
const HELLO_DEADLINE: Duration = Duration::from_secs(10);

/// Largest head of a request: a command line of 64 KiB is longer than people type.
const HEAD_MAX_BYTES: usize = 128 << 10;

/// Most header lines of a request.
const HEADERS_MAX: usize = 64;

/// An answer's body.
pub(crate) type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// A host pod that stands for a virtual pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPodRef {
    /// Its name on the host.
    pub name: String,
    /// The virtual pod's own containers of every kind. What the host has injected is not reachable.
    pub containers: Vec<String>,
    /// The virtual pod, to tell what the host says of it in its words.
    pub virtual_pod: Value,
}

/// Knows the pods: the syncer.
pub trait Pods: Send + Sync {
    /// The host pod that stands for a virtual pod; none when there is none of ours.
    fn host_pod(&self, pod: &PodPath) -> Option<HostPodRef>;
    /// All virtual pods that are on the host.
    fn all(&self) -> Vec<Value>;
    /// A text of the host's about a pod, in the virtual cluster's words.
    fn scrub(&self, text: &str, pod: &HostPodRef) -> String;
    /// The node that is told in summaries.
    fn node(&self) -> String;
}

/// Everything the endpoint works with.
pub struct Endpoint {
    /// Knows the pods.
    pub pods: Arc<dyn Pods>,
    /// The host.
    pub host: Client,
    /// Where the pods are.
    pub host_namespace: Namespace,
    /// Common name of the one client that is served.
    pub client_name: &'static str,
}

/// Tasks that carry upgraded connections; they end with the endpoint.
type Relays = Arc<Mutex<JoinSet<()>>>;

/// Serves, for good.
pub async fn serve(endpoint: Endpoint, listener: TcpListener, tls: rustls::ServerConfig) {
    let endpoint = Arc::new(endpoint);
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let relays = Relays::default();
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!("the kubelet endpoint cannot accept: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        while relays_of(&relays).try_join_next().is_some() {}
        let connection = connection(
            Arc::clone(&endpoint),
            acceptor.clone(),
            stream,
            Arc::clone(&relays),
        );
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

fn relays_of(relays: &Relays) -> std::sync::MutexGuard<'_, JoinSet<()>> {
    relays.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn connection(
    endpoint: Arc<Endpoint>,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    relays: Relays,
) {
    let accepted = tokio::time::timeout(HELLO_DEADLINE, acceptor.accept(stream)).await;
    let stream = match accepted {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return debug!("a client of the kubelet endpoint is refused: {error}"),
        Err(_) => return debug!("a client of the kubelet endpoint did not say who it is in time"),
    };
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let name = certificates.first().and_then(|one| tls::common_name(one));
    if name.as_deref() != Some(endpoint.client_name) {
        return warn!("a client of the kubelet endpoint is not the API server: refused");
    }
    let service = service_fn(|request| {
        let endpoint = Arc::clone(&endpoint);
        let relays = Arc::clone(&relays);
        async move { Ok::<_, Infallible>(answer(&endpoint, request, &relays).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HELLO_DEADLINE)
        .max_buf_size(HEAD_MAX_BYTES)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        debug!("a connection of the kubelet endpoint ended: {error}");
    }
}

async fn answer(
    endpoint: &Endpoint,
    mut request: Request<Incoming>,
    relays: &Relays,
) -> Response<Body> {
    let uri = request.uri().clone();
    let query = uri.query().unwrap_or_default();
    let route = match route::route(request.method().as_str(), uri.path(), query) {
        Ok(route) => route,
        Err(NoRoute::NotFound) => return text(StatusCode::NOT_FOUND, "not found"),
        Err(NoRoute::MethodNotAllowed) => {
            return text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
        }
    };
    let spawn = |relay: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        relays_of(relays).spawn(relay);
    };
    match route {
        Route::Health => text(StatusCode::OK, "ok"),
        Route::Pods => json(&stats::pod_list(endpoint.pods.all())),
        Route::Stats => json(&stats::summary(&endpoint.pods.node(), &endpoint.pods.all())),
        Route::Metrics => text(StatusCode::OK, stats::METRICS),
        Route::Logs {
            pod,
            container,
            query,
        } => match find(endpoint, &pod, Some(&container)) {
            Ok(pod) => relay::logs(endpoint, &pod, &query).await,
            Err(refusal) => refusal,
        },
        Route::Stream {
            stream,
            pod,
            container,
            query,
        } => match find(endpoint, &pod, container.as_deref()) {
            Ok(pod) => relay::stream(endpoint, &pod, stream, &query, &mut request, spawn).await,
            Err(refusal) => refusal,
        },
    }
}

/// The host pod that is asked for, if it and the container are the virtual cluster's own.
#[expect(clippy::result_large_err, reason = "the error is the answer")]
fn find(
    endpoint: &Endpoint,
    path: &PodPath,
    container: Option<&str>,
) -> Result<HostPodRef, Response<Body>> {
    let PodPath {
        namespace, name, ..
    } = path;
    let pod = endpoint.pods.host_pod(path).ok_or_else(|| {
        text(
            StatusCode::NOT_FOUND,
            format!("pod \"{name}\" in namespace \"{namespace}\" is not on the host"),
        )
    })?;
    let has = |container: &str| pod.containers.iter().any(|own| own == container);
    match container {
        Some(container) if !has(container) => Err(text(
            StatusCode::NOT_FOUND,
            format!("container \"{container}\" is not in pod \"{name}\""),
        )),
        _ => Ok(pod),
    }
}

pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(text.into())
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

fn json(value: &Value) -> Response<Body> {
    let mut response = text(StatusCode::OK, value.to_string());
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}
