//! Passes a request on to the host API, and what comes back.
//!
//! In: a host pod, a query, the virtual API server's request. Out: the host's answer as it comes; or, of
//! an upgraded connection, its bytes both ways. Never: the meaning of a byte; a header that is not of
//! the upgrade.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderMap, HeaderName, UPGRADE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use kube::client::Body as HostBody;
use serde_json::Value;
use tokio::io::copy_bidirectional;
use tracing::debug;

use super::route::Stream;
use super::{Body, Endpoint, HostPodRef, text};

/// How long the host may take to begin an answer. A container's streams are opened by its kubelet within
/// seconds; a host that is down is told sooner by its refused connection.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// Longest refusal of the host's that is passed on.
const REFUSAL_MAX_BYTES: usize = 16 << 10;

/// Headers that belong to an upgrade. Lines of the same name stay lines: client and kubelet choose one
/// of several protocols by them.
const UPGRADE_HEADERS: [HeaderName; 7] = [
    UPGRADE,
    CONNECTION,
    HeaderName::from_static("x-stream-protocol-version"),
    http::header::SEC_WEBSOCKET_KEY,
    http::header::SEC_WEBSOCKET_VERSION,
    http::header::SEC_WEBSOCKET_PROTOCOL,
    http::header::SEC_WEBSOCKET_ACCEPT,
];

fn path(endpoint: &Endpoint, pod: &HostPodRef, subresource: &str, query: &str) -> String {
    format!(
        "/api/v1/namespaces/{}/pods/{}/{subresource}?{query}",
        endpoint.host_namespace, pod.name
    )
}

/// A container's log, as it comes. When the one who asked goes, so does the request to the host.
pub(super) async fn logs(endpoint: &Endpoint, pod: &HostPodRef, query: &str) -> Response<Body> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(path(endpoint, pod, "log", query))
        .body(HostBody::empty());
    let response = match send(endpoint, request).await {
        Ok(response) if response.status().is_success() => response,
        Ok(response) => return refusal(endpoint, pod, response).await,
        Err(refusal) => return refusal,
    };
    let status = response.status();
    let body = response.into_body().map_err(Into::into).boxed_unsync();
    let mut answer = text(status, "");
    *answer.body_mut() = body;
    answer
}

/// Opens an upgraded connection and hands its bytes to and fro to `spawn`.
pub(super) async fn stream(
    endpoint: &Endpoint,
    pod: &HostPodRef,
    stream: Stream,
    query: &str,
    request: &mut Request<Incoming>,
    spawn: impl FnOnce(Pin<Box<dyn Future<Output = ()> + Send>>),
) -> Response<Body> {
    let subresource = match stream {
        Stream::Exec => "exec",
        Stream::Attach => "attach",
        Stream::PortForward => "portforward",
    };
    let mut asked = Request::builder()
        .method(request.method().clone())
        .uri(path(endpoint, pod, subresource, query));
    if let Some(headers) = asked.headers_mut() {
        *headers = upgrade_headers(request.headers());
    }
    let mut response = match send(endpoint, asked.body(HostBody::empty())).await {
        Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => response,
        Ok(response) => return refusal(endpoint, pod, response).await,
        Err(refusal) => return refusal,
    };
    let mut answer = text(StatusCode::SWITCHING_PROTOCOLS, "");
    *answer.headers_mut() = upgrade_headers(response.headers());
    let near = hyper::upgrade::on(request);
    let far = hyper::upgrade::on(&mut response);
    spawn(Box::pin(async move {
        match tokio::try_join!(near, far) {
            Ok((near, far)) => {
                let (mut near, mut far) = (TokioIo::new(near), TokioIo::new(far));
                if let Err(error) = copy_bidirectional(&mut near, &mut far).await {
                    debug!("a stream ended: {error}");
                }
            }
            Err(error) => debug!("a connection could not be upgraded: {error}"),
        }
    }));
    answer
}

fn upgrade_headers(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in &UPGRADE_HEADERS {
        for value in headers.get_all(name) {
            kept.append(name, value.clone());
        }
    }
    kept
}

#[expect(clippy::result_large_err, reason = "the error is the answer")]
async fn send(
    endpoint: &Endpoint,
    request: http::Result<Request<HostBody>>,
) -> Result<Response<HostBody>, Response<Body>> {
    let unreachable = |why: &str| {
        let message = format!("the host cluster's API cannot be reached: {why}");
        text(StatusCode::BAD_GATEWAY, message)
    };
    let request = request.map_err(|error| unreachable(&error.to_string()))?;
    match tokio::time::timeout(ANSWER_DEADLINE, endpoint.host.send(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(unreachable(&error.to_string())),
        Err(_) => Err(unreachable(&format!(
            "no answer within {ANSWER_DEADLINE:?}"
        ))),
    }
}

/// The host's own words, without its names. The connection is not used again: what the client has sent
/// after its head is meant for a stream that there is not.
async fn refusal(
    endpoint: &Endpoint,
    pod: &HostPodRef,
    response: Response<HostBody>,
) -> Response<Body> {
    let status = response.status();
    let body = Limited::new(response.into_body(), REFUSAL_MAX_BYTES);
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let bytes: Bytes = bytes.unwrap_or_default();
    let said: Option<Value> = serde_json::from_slice(&bytes).ok();
    let message = said
        .as_ref()
        .and_then(|status| status.get("message")?.as_str());
    let message = match message {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let mut answer = text(status, endpoint.pods.scrub(&message, pod));
    answer
        .headers_mut()
        .insert(CONNECTION, http::HeaderValue::from_static("close"));
    answer
}
